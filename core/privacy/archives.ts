import { createHash } from 'node:crypto';
import type { ClientSession } from 'mongoose';
import { ACCOUNTS, type AccountDocument } from '../../models/account.ts';
import { ARCHIVES, type ArchiveDocument } from '../../models/archive.ts';
import type { Account } from '../accounts.ts';
import type { App } from '../app.ts';
import type { Place } from '../chat.ts';
import { KeyDestroyed } from '../keys.ts';
import { inTransaction, isDuplicateKey } from '../transaction.ts';
import { endDownloads } from './downloads.ts';
import { recordPrivacyEvent } from './events.ts';
import {
  ARCHIVE_LIVES_MS,
  type Archive,
  changeArchive,
  LOOK_AFTER_MS,
  objectKey,
  sealPlace,
  UNDER_WAY,
} from './export/archive.ts';

export { type Archive, sweepArchives } from './export/archive.ts';

export interface ArchiveWish {
  account: Pick<Account, 'id' | 'keyId' | 'keys'>;
  /** Where the person is told. */
  place: Place;
  content: 'all' | 'data';
  /** Milliseconds since the epoch. */
  at: number;
  /** Id of the request: the same again is the same archive. */
  id: string;
}

/** What came of a wish: a new archive, the one that is under way, or one that was finished a moment ago. */
export interface AskedArchive {
  is: 'new' | 'under way' | 'ready';
  archive: Archive;
}

/** So long a finished archive answers another wish for the same, in milliseconds. */
const FRESH_MS = 10 * 60_000;

/** 22 letters that nobody can turn back into the request. */
const archiveIdOf = (requestId: string): string =>
  createHash('sha256').update(`archive ${requestId}`).digest('base64url').slice(0, 22);

/** Begins an archive of everything that is held about a person, at most one per account at a time. Throws KeyDestroyed for an account that goes. */
export async function askArchive(app: App, wish: ArchiveWish): Promise<AskedArchive> {
  const { account, content, at } = wish;
  const archive = newArchive(wish);
  const known = await knownFor(app, wish, archive._id);
  if (known) return known;
  const begun = await begin(app, archive, at);
  if (begun._id !== archive._id) return { is: 'under way', archive: begun };
  await recordPrivacyEvent(app, { accountId: account.id, actor: 'person', action: 'archive_asked', at });
  await app.queue.ring('export', archive._id);
  app.log.info('archive asked for', { reference: archive._id, state: content });
  return { is: 'new', archive: begun };
}

async function knownFor(app: App, { account, content, at }: ArchiveWish, id: string): Promise<AskedArchive | undefined> {
  const accountId = account.id;
  const fresh = { state: 'ready', content, createdAt: { $gte: new Date(at - FRESH_MS) } } as const;
  const filter = { accountId, $or: [{ _id: id }, { state: { $in: UNDER_WAY } }, fresh], expiresAt: { $gt: new Date(at) } };
  const archive = await app.models.archives.findOne(filter).sort({ createdAt: -1 }).lean();
  if (!archive || archive.state === 'gone') return undefined;
  return { is: archive.state === 'ready' ? 'ready' : 'under way', archive };
}

function newArchive({ account, place, content, at, id: requestId }: ArchiveWish): ArchiveDocument {
  const _id = archiveIdOf(requestId);
  return {
    _id,
    accountId: account.id,
    keyId: account.keyId,
    rev: 0,
    state: 'queued',
    content,
    place: sealPlace(account.keys, _id, place),
    tries: 0,
    leftovers: [],
    createdAt: new Date(at),
    dueAt: new Date(at + LOOK_AFTER_MS),
    expiresAt: new Date(at + ARCHIVE_LIVES_MS),
  };
}

/** Stores it, or gives back the one that is under way. */
async function begin(app: App, archive: ArchiveDocument, at: number): Promise<ArchiveDocument> {
  const archives = app.connection.collection<ArchiveDocument>(ARCHIVES);
  const { accountId } = archive;
  try {
    return await inTransaction(app.connection, async (session) => {
      await holdAccount(app, accountId, at, session);
      const underWay = await archives.findOne({ accountId, state: { $in: [...UNDER_WAY] } }, { session });
      if (underWay) return underWay;
      await archives.insertOne(archive, { session });
      return archive;
    });
  } catch (error) {
    // A twin of this request has stored it.
    const twin = isDuplicateKey(error) ? await archives.findOne({ _id: archive._id, accountId }) : undefined;
    if (!twin) throw error;
    return twin;
  }
}

/** Writes to the account, so that of two wishes at once one comes after the other, and none after the account's end. */
async function holdAccount(app: App, accountId: string, at: number, session: ClientSession): Promise<void> {
  const accounts = app.connection.collection<AccountDocument>(ACCOUNTS);
  const account = await accounts.findOne({ _id: accountId }, { session, projection: { seenAt: 1 } });
  // A millisecond more than before: a write that changes nothing would hold nobody off.
  const seenAt = new Date(Math.max(at, (account?.seenAt?.getTime() ?? 0) + 1));
  const held = await accounts.updateOne({ _id: accountId, status: { $ne: 'erasing' } }, { $set: { seenAt } }, { session });
  if (held.matchedCount !== 1) throw new KeyDestroyed();
}

/** The archive that is under way, or else the newest that is ready. */
export async function latestArchive(app: App, accountId: string, at: number): Promise<Archive | undefined> {
  const filter = { accountId, state: { $in: [...UNDER_WAY, 'ready'] as const }, expiresAt: { $gt: new Date(at) } };
  const found = await app.models.archives.find(filter).sort({ createdAt: -1 }).lean();
  return found.find(({ state }) => state !== 'ready') ?? found[0];
}

/** Has a finished archive of this account sent once more, to where the person is now. Undefined: there is none of this id that could be. */
export async function sendArchiveAgain(
  app: App,
  { account, place, archive: _id, at }: Pick<ArchiveWish, 'account' | 'place' | 'at'> & { archive: string },
): Promise<Archive | undefined> {
  const archive = await app.models.archives.findOne({ _id, accountId: account.id, expiresAt: { $gt: new Date(at) } }).lean();
  if (archive?.state !== 'ready') return archive?.state === 'packed' ? archive : undefined;
  const set = {
    state: 'packed',
    tries: 0,
    place: sealPlace(account.keys, _id, place),
    dueAt: new Date(at + LOOK_AFTER_MS),
  } as const;
  const packed = await changeArchive(app, archive, ['ready'], { set });
  if (packed) await app.queue.ring('export', _id);
  return packed;
}

/** Removes an archive of this account, whatever its state. False: there is none of this id (any more). */
export async function removeArchive(app: App, accountId: string, _id: string, at: number): Promise<boolean> {
  const archive = await markGone(app, { _id, accountId });
  if (!archive) return false;
  await recordPrivacyEvent(app, { accountId, actor: 'person', action: 'archive_removed', at });
  await finishArchive(app, archive);
  return true;
}

/** Removes every archive of these accounts with all that is stored of it; safe to repeat. Returns how many there were. */
export async function removeArchives(app: App, accountIds: readonly string[]): Promise<number> {
  let removed = 0;
  for await (const { _id, accountId } of app.models.archives
    .find({ accountId: { $in: [...accountIds] } }, { accountId: 1 })
    .lean()) {
    await markGone(app, { _id, accountId });
    const archive = await app.models.archives.findById(_id).lean();
    if (archive) removed += Number(await finishArchive(app, archive));
  }
  return removed;
}

/** From now on whoever packs or sends it loses it. Undefined when it was marked before, or there is none. */
async function markGone(app: App, filter: { _id: string; accountId: string }): Promise<Archive | undefined> {
  const set = { state: 'gone', dueAt: new Date(app.now()) } as const;
  const update = { $set: set, $inc: { rev: 1 }, $unset: { leaseUntil: 1 } } as const;
  const options = { returnDocument: 'after' } as const;
  return (await app.models.archives.findOneAndUpdate({ ...filter, state: { $ne: 'gone' } }, update, options).lean()) ?? undefined;
}

/** Ends its links, removes what is stored of it, then itself; true for the one who did. Of an attempt that still writes its own process clears up. */
export async function finishArchive(app: App, { _id, accountId, object, leftovers }: Archive): Promise<boolean> {
  await endDownloads(app, [accountId], _id);
  await app.storage.remove([...(object ? [object] : []), ...leftovers].map(objectKey));
  await app.queue.forget(_id);
  return (await app.models.archives.deleteOne({ _id, accountId })).deletedCount === 1;
}

/** Marks an archive whose time is over, and removes it. */
export async function expireArchive(app: App, archive: Archive): Promise<void> {
  const { _id, accountId, state } = archive;
  const marked = state === 'gone' ? archive : await markGone(app, { _id, accountId });
  if (!marked) return;
  if (state !== 'gone') await recordPrivacyEvent(app, { accountId, actor: 'system', action: 'archive_removed', at: app.now() });
  await finishArchive(app, marked);
}
