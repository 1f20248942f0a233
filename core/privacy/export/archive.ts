import { randomBytes } from 'node:crypto';
import { ARCHIVES, type ArchiveDocument, type ArchiveState } from '../../../models/archive.ts';
import type { App } from '../../app.ts';
import type { Place } from '../../chat.ts';
import { placeSchema } from '../../generations/sealed.ts';
import type { AccountKeys, Sealed } from '../../keys.ts';

export type { ArchiveDocument as Archive } from '../../../models/archive.ts';

/** How long an archive is kept from the wish on, in milliseconds. */
export const ARCHIVE_LIVES_MS = 72 * 3_600_000;
/** When nobody was woken, tidy looks after it so many milliseconds later. */
export const LOOK_AFTER_MS = 10_000;
/** States in which somebody works on it. */
export const UNDER_WAY = ['queued', 'packing', 'packed'] as const satisfies readonly ArchiveState[];

const placeOf = (id: string) => ({ collection: ARCHIVES, id, path: 'place' });

/** Where the person is told, sealed under their key and bound to this archive. */
export const sealPlace = (keys: AccountKeys, id: string, place: Place): Sealed => keys.seal(placeOf(id), JSON.stringify(place));

export const openPlace = (keys: AccountKeys, id: string, sealed: string): Place =>
  placeSchema.parse(JSON.parse(keys.unseal(placeOf(id), sealed)));

const PREFIX = 'archives/';
/** What a stored archive is bound to, beside its name and key. */
export const ARCHIVE_CONTEXT = { purpose: 'archive' } as const;

/** The name of a stored attempt in the object store. */
export const objectKey = (object: string): string => `${PREFIX}${object}`;

/** Another name for each attempt, so that two of them never mix; it begins with the archive's id, by which its document is found. */
export const newObject = (id: string): string => `${id}.${randomBytes(9).toString('base64url')}`;

export async function readArchive(app: App, id: string): Promise<ArchiveDocument | undefined> {
  return (await app.models.archives.findById(id).lean()) ?? undefined;
}

/** The key of the account that asked; throws KeyDestroyed when it was. */
export async function keysOfArchive(app: App, { keyId }: Pick<ArchiveDocument, 'keyId'>): Promise<AccountKeys> {
  return app.keys.open((await app.models.keys.findById(keyId).lean()) ?? undefined);
}

export interface ArchiveChanges {
  set?: Partial<ArchiveDocument>;
  unset?: readonly (keyof ArchiveDocument)[];
}

/** Changes an archive if it still is what it was when this was decided. Undefined: somebody else was faster, or it is gone. */
export async function changeArchive(
  app: App,
  { _id, rev }: Pick<ArchiveDocument, '_id' | 'rev'>,
  from: readonly ArchiveState[],
  { set = {}, unset = [] }: ArchiveChanges,
): Promise<ArchiveDocument | undefined> {
  const update = {
    $set: set,
    $inc: { rev: 1 },
    ...(unset.length > 0 && { $unset: Object.fromEntries(unset.map((name) => [name, 1])) }),
  };
  const filter = { _id, rev, state: { $in: from } };
  return (await app.models.archives.findOneAndUpdate(filter, update, { returnDocument: 'after' }).lean()) ?? undefined;
}

/** Removes what is stored of archives that no document names: what a process left that died at the wrong moment. Returns how many. */
export async function sweepArchives(app: App): Promise<number> {
  let removed = 0;
  let after: string | undefined;
  do {
    const { keys, next } = await app.storage.list(PREFIX, after);
    const objects = keys.map((key) => key.slice(PREFIX.length));
    const ids = objects.map((object) => object.split('.')[0] ?? '');
    // Read after the list: a name is in its document before anything is stored under it.
    const known = await app.models.archives.find({ _id: { $in: ids } }, { object: 1, leftovers: 1 }).lean();
    const named = new Set(known.flatMap(({ object, leftovers }) => [object, ...leftovers]));
    const ownerless = objects.filter((object) => !named.has(object));
    await app.storage.remove(ownerless.map(objectKey));
    removed += ownerless.length;
    after = next;
  } while (after !== undefined);
  return removed;
}
