import mongoose, { type Connection } from 'mongoose';
import type { Keys } from '../../core/keys.ts';
import { type Needle, textNeedles } from './canaries.ts';

const { BSON } = mongoose.mongo;

/** One document as it is stored. */
export interface Row {
  collection: string;
  id: string;
  document: Record<string, unknown>;
  /** Its BSON. */
  bytes: Buffer;
  /** The same as words, to look for ids in. */
  text: string;
}

/** Every document of a database, with every number of the very type that it is stored as. */
export async function rowsOf(database: Connection): Promise<Row[]> {
  const rows: Row[] = [];
  for (const collection of await database.getClient().db(database.name).collections()) {
    for await (const document of collection.find({}, { promoteValues: false })) {
      const id = String(document._id);
      const bytes = Buffer.from(BSON.serialize(document));
      rows.push({ collection: collection.collectionName, id, document, bytes, text: JSON.stringify(document) });
    }
  }
  return rows;
}

/** Puts a backup in the place of everything that is in the database. */
export async function restore(database: Connection, backup: readonly Row[]): Promise<void> {
  const db = database.getClient().db(database.name);
  for (const collection of await db.collections()) await collection.deleteMany({});
  for (const collection of new Set(backup.map((row) => row.collection))) {
    const documents = backup.filter((row) => row.collection === collection).map(({ document }) => document);
    await db.collection(collection).insertMany(documents);
  }
}

export interface Owner {
  accountIds: string[];
  keyIds: string[];
  /** Keyed hashes of the identities. */
  hashes: string[];
}

const words = (value: unknown): string[] => (typeof value === 'string' ? [value] : []);

/** Whose identities these are, in the accounts of a backup. */
export function ownerOf(
  rows: readonly Row[],
  keys: Keys,
  identities: readonly (readonly [platform: string, id: string])[],
): Owner {
  const hashes = identities.map(([platform, id]) => keys.blindIndex('identity', platform, id));
  const accounts = rows.filter(({ collection, text }) => collection === 'accounts' && hashes.some((hash) => text.includes(hash)));
  return {
    accountIds: accounts.map(({ id }) => id),
    keyIds: accounts.flatMap(({ document }) => words(document.keyId)),
    hashes,
  };
}

/** Everything that names this person. */
export const rowsOfOwner = (rows: readonly Row[], { accountIds, keyIds, hashes }: Owner): Row[] =>
  rows.filter(({ text }) => [...accountIds, ...keyIds, ...hashes].some((id) => text.includes(id)));

/** Collections whose documents are named by chance, so that their names say whose they were. */
const NAMED = ['generations', 'archives', 'downloads', 'galleryitems', 'linkcodes', 'subscriptions'];

/** Every number by which this service knows a person and what is theirs. Numbers of payments stay by law, under a pseudonym. */
export function idsOf(rows: readonly Row[], owner: Owner): { what: string; id: string }[] {
  const own = rowsOfOwner(rows, owner);
  return [
    ...owner.accountIds.map((id) => ({ what: 'account', id })),
    ...owner.keyIds.map((id) => ({ what: 'key', id })),
    ...owner.hashes.map((id) => ({ what: 'identity', id })),
    ...own.filter(({ collection }) => NAMED.includes(collection)).map(({ collection, id }) => ({ what: collection, id })),
    ...own
      .flatMap(({ document }) => [...words(document.object), ...words(document.jobId)])
      .map((id) => ({ what: 'object or job', id })),
  ];
}

export const idNeedles = (ids: readonly { what: string; id: string }[]): Needle[] =>
  ids.flatMap(({ what, id }) => textNeedles(`${what} ${id}`, id));

/** Names of those documents that were there before and are not the same byte for byte. */
export function changedSince(before: readonly Row[], after: readonly Row[]): string[] {
  const now = new Map(after.map(({ collection, id, bytes }) => [`${collection} ${id}`, bytes]));
  return before.flatMap(({ collection, id, bytes }) =>
    now.get(`${collection} ${id}`)?.equals(bytes) ? [] : [`${collection} ${id}`],
  );
}
