import { ACCOUNTS, type AccountDocument } from '../../../models/account.ts';
import type { App } from '../../app.ts';
import { removeArchives } from '../archives.ts';
import { underPseudonym } from '../erase/documents.ts';
import { newPseudonym } from '../erase/erasure.ts';
import { documentsOf, ROOMS_TO_CLEAR, type Room } from '../erase/owned.ts';
import { unpublishAll } from '../gallery.ts';
import type { Round } from '../walk.ts';
import { DAY_MS } from './outdated.ts';

const PAGE = 1_000;
/** So many pages at most in one round; the next one goes on from there. */
const PAGES = 200;
/** More at once is no race but a database that has lost its accounts: nothing is removed then, and somebody must look. */
const MOST = 50;

/** Found by the first of their owners, which is indexed. */
const ROOMS = ROOMS_TO_CLEAR.filter(({ rule }) => rule.owners[0]?.by === 'account');

/**
 * Removes documents whose account is gone: written by something that had begun before an account was deleted, and ended after it. Once a
 * day over all there is, some pages in each round. Accounts on the way get the day they were last used, where they are older than that.
 */
export async function removeOrphans(app: App, round: Round): Promise<number> {
  const { begun, room: first, after: from } = read(round.cursor);
  const isResting = first === undefined && round.at - begun < DAY_MS;
  if (isResting) return 0;
  const start = first === undefined ? { begun: round.at, index: 0, after: '' } : { begun, index: indexOf(first), after: from };
  let { index, after } = start;
  let removed = 0;
  for (let pages = 0; pages < PAGES && index < ROOMS.length; pages++) {
    const room = ROOMS[index];
    if (!room) break;
    const page = await ownersBehind(app, room, after);
    removed += await removeGone(app, room, page);
    const last = page.at(-1);
    if (last === undefined) index += 1;
    after = last ?? '';
    await round.rest(write(start.begun, ROOMS[index]?.name, after));
  }
  return removed;
}

/** `<when it began> <collection> <owner>`; no collection: it has come to its end. */
const write = (begun: number, room: string | undefined, after: string) => (room ? `${begun} ${room} ${after}` : String(begun));

function read(cursor: string): { begun: number; room?: string | undefined; after: string } {
  const [begun = '', room, after = ''] = cursor.split(' ');
  return { begun: Number(begun), room, after };
}

const indexOf = (room: string): number =>
  Math.max(
    0,
    ROOMS.findIndex(({ name }) => name === room),
  );

/** The next owners of documents, in their order, each as often as it owns something. */
async function ownersBehind(app: App, { name, rule }: Room, after: string): Promise<string[]> {
  const path = rule.owners[0]?.path ?? '_id';
  const isOwned = { [path]: { $gt: after }, ...(rule.erase.how === 'pseudonymise' && { forgottenAt: { $exists: false } }) };
  const found = await documentsOf(app, { name, rule })
    .find(isOwned, { projection: { [path]: 1 } })
    .sort({ [path]: 1 })
    .limit(PAGE)
    .toArray();
  return found.map((document) => String(Reflect.get(document, path)));
}

async function removeGone(app: App, room: Room, owners: readonly string[]): Promise<number> {
  const ids = [...new Set(owners)];
  if (ids.length === 0) return 0;
  if (room.name === 'accounts') return fillSeen(app, ids);
  // Read after the documents: an account comes into being together with the first of them.
  const known = await app.models.accounts.find({ _id: { $in: ids } }, { _id: 1 }).lean();
  const living = new Set(known.map(({ _id }) => _id));
  const gone = ids.filter((id) => !living.has(id));
  if (gone.length > MOST) {
    app.log.error('too many documents have no account, nothing was removed', { state: room.name, count: gone.length });
    return 0;
  }
  if (gone.length === 0) return 0;
  if (room.name === 'galleryItems') await unpublishAll(app, gone);
  if (room.name === 'archives') await removeArchives(app, gone);
  const path = room.rule.owners[0]?.path ?? '_id';
  let changed = 0;
  for (const id of gone) {
    const theirs = { [path]: id };
    if (room.rule.erase.how === 'delete') changed += (await documentsOf(app, room).deleteMany(theirs)).deletedCount;
    else {
      const kept = underPseudonym(app, room, { pseudonym: newPseudonym() });
      changed += (await documentsOf(app, room).updateMany(theirs, kept)).modifiedCount;
    }
  }
  if (changed > 0) app.log.warn('documents without an account were removed', { state: room.name, count: changed });
  return changed;
}

/** Accounts that were made before it was noted when one is used count from their making. */
async function fillSeen(app: App, ids: readonly string[]): Promise<number> {
  const accounts = app.connection.collection<AccountDocument>(ACCOUNTS);
  await accounts.updateMany({ _id: { $in: [...ids] }, seenAt: { $exists: false } }, [{ $set: { seenAt: '$createdAt' } }]);
  return 0;
}
