import { expect } from 'vitest';
import { type KeyDocument, type Keys, openKeys } from '../../core/keys.ts';
import { modelsOf } from '../../models/index.ts';
import { type Leftovers, sealedIn } from './attacker.ts';
import { changedSince, idNeedles, idsOf, type Owner, ownerOf, type Row, rowsOf, rowsOfOwner } from './belongings.ts';
import type { Deployment } from './deployment.ts';
import { SEEDED } from './leaver.ts';
import type { Platforms } from './platforms.ts';
import { findings, type Place } from './scan.ts';

const BUCKET = 'lpm-ai';

/** Everything that there is at one moment, and whose it is. */
export async function look({ database, stores, masterKey }: Deployment, { ann, direct, bob, eve }: Platforms) {
  const models = modelsOf(database);
  const keys = await openKeys(models, { kek: masterKey() });
  const rows = await rowsOf(database);
  const objects = await stores.readObjects(BUCKET);
  const telegram = (person: typeof ann) => ['telegram', String(person.user.id)] as const;
  const owners = {
    leaver: ownerOf(rows, keys, [telegram(ann), ['discord', direct.userId]]),
    busy: ownerOf(rows, keys, [telegram(bob)]),
    quiet: ownerOf(rows, keys, [telegram(eve)]),
  };
  return { keys, rows, objects, owners, keyDocuments: await models.keys.find().lean<KeyDocument[]>() };
}

export type Seen = Awaited<ReturnType<typeof look>>;

/** Where each keyed hash that may stay stands: an empty key for good, and a few fingerprints that end by themselves. */
function fingerprints(keys: Keys, { keyIds, hashes }: Owner, { ann }: Platforms): [where: string, id: string][] {
  const chat = String(ann.chat);
  return [
    ...keyIds.map((id): [string, string] => ['MongoDB lpm-ai.keys', id]),
    ...hashes.map((hash): [string, string] => ['MongoDB lpm-ai.departures', keys.blindIndex('departure', hash)]),
    ['MongoDB lpm-ai.storedupdates', keys.blindIndex('chat', chat)],
    ['Redis lpm-ai:telegram:flood:', keys.blindIndex('flood', chat)],
  ];
}

/** A video that was asked for in Telegram is named by Telegram's number of the message, which is known for two days to tell a repeat. */
const updates = (own: readonly { id: string }[]): [where: string, id: string][] =>
  own.flatMap(({ id }) => (id.startsWith('tg-') ? [['MongoDB lpm-ai.storedupdates', id]] : []));

/**
 * Ids of the leaver's in documents, in Redis and in names of objects, but for those that stay by design. Who `isBack` is somebody new, with
 * the same identity.
 */
export async function idsLeft(
  platforms: Platforms,
  { rows, keys, owners: { leaver } }: Seen,
  places: readonly Place[],
  isBack = false,
): Promise<string[]> {
  // The servers' own logs of their last writes (oplog, append-only file) are cut by themselves.
  const stored = places.filter(({ where }) => /^(MongoDB lpm-ai\.|Redis |S3 )/.test(where));
  const own = idsOf(rows, leaver);
  const again = isBack ? leaver.hashes.map((hash): [string, string] => ['MongoDB lpm-ai.accounts', hash]) : [];
  const allowed = [...fingerprints(keys, leaver, platforms), ...updates(own), ...again];
  const ids = [...own, ...allowed.map(([where, id]) => ({ what: `fingerprint in ${where}`, id }))];
  const isAllowed = (line: string) => allowed.some(([where, id]) => line.startsWith(where) && line.includes(` ${id}, as it is`));
  return (await findings(stored, idNeedles(ids))).filter((line) => !isAllowed(line));
}

/** What the leaver's sealed fields and stored objects were. The gallery's copy was public, and where to send a receipt is told from no account. */
export function leftoversOf({ rows, objects, owners: { leaver } }: Seen): Leftovers {
  const own = rowsOfOwner(rows, leaver);
  const ids = new Set(own.map(({ id }) => id));
  const theirs = [...objects].filter(([name]) => /^(images|videos|posters|archives)\//.test(name) && ids.has(stem(name)));
  return { texts: sealedIn(own.filter(({ collection }) => collection !== 'erasures')), objects: new Map(theirs) };
}

const stem = (name: string): string => name.replace(/^\w+\//, '').replace(/\..*$/, '');

/** The others have what they had, byte for byte: the quiet one all of it, the busy one all but what new videos move. */
export function othersChanged(before: Seen, after: Pick<Seen, 'rows' | 'objects'>): string[] {
  const moved = ['accounts', 'creditaccounts'];
  const busy = rowsOfOwner(before.rows, before.owners.busy).filter(({ collection }) => !moved.includes(collection));
  const quiet = rowsOfOwner(before.rows, before.owners.quiet);
  const names = new Set(rowsOfOwner(before.rows, before.owners.leaver).map(({ id }) => id));
  const objects = [...before.objects].filter(([name]) => !names.has(stem(name)));
  expect(Math.min(busy.length, quiet.length, objects.length)).toBeGreaterThan(4);
  return [
    ...changedSince([...busy, ...quiet], after.rows),
    ...objects.flatMap(([name, content]) => (after.objects.get(name)?.equals(content) ? [] : [name])),
  ];
}

/** How much was paid in each currency. */
export function sums(rows: readonly Row[]): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const { document } of rows.filter(({ collection }) => collection === 'payments')) {
    const currency = String(document.currency);
    totals[currency] = (totals[currency] ?? 0) + Number(document.amountMinor ?? 0);
  }
  return totals;
}

/** What the receipt must count: what was told, what was being made, and each document that was there. */
export function expectedCounts({ rows, owners: { leaver } }: Seen): Record<string, number> {
  const own = rows.filter(({ text }) => leaver.accountIds.some((id) => text.includes(id)));
  const documents = (name: string) => own.filter(({ collection }) => collection === name.toLowerCase()).length;
  const rooms = ['accounts', 'archives', 'consents', 'creditAccounts', 'galleryItems', 'generations', 'linkCodes', 'payments'];
  const credits = own
    .filter(({ collection }) => collection === 'creditaccounts')
    .reduce((total, { document }) => total + Number(document.available) + Number(document.held), 0);
  return {
    ...{ videos: SEEDED.videos, pictures: SEEDED.pictures, prompts: SEEDED.prompts + 2 },
    messages: SEEDED.videos,
    ...{ gallery: SEEDED.gallery, archives: SEEDED.archives, credits },
    ...Object.fromEntries([...rooms, 'privacyEvents'].map((name) => [`documents.${name}`, documents(name)])),
  };
}
