import type { App } from '../../../core/app.ts';
import { documentsOf, ownedBy, type Room } from '../../../core/privacy/erase/owned.ts';
import { REGISTRY } from '../../../core/privacy/registry.ts';
import type { CollectionRule } from '../../../core/privacy/registry-types.ts';
import type { Id } from './select.ts';

/** Accounts that are meant, with their keys. */
export type Accounts = readonly { id: string; keyId: string }[];

const ROOMS: readonly Room[] = (Object.entries(REGISTRY.collections) as [Room['name'], CollectionRule][])
  .map(([name, rule]) => ({ name, rule }))
  .filter(({ rule }) => rule.owners.length > 0);

/** Whoever has the address of a link may enter wrong codes, of which the fifth ends it: that is counted in the link itself. */
const CHANGED_BY_DESIGN = new Set(['downloads.wrongCodes']);
/** Checksums name nothing, and the master key is everybody's. */
const NO_IDS = /(^|\.)(hash|previous|textHash|opHash|kekId)$/;

type Leaf = { path: string; value: unknown };

function leavesOf(value: unknown, path: string): Leaf[] {
  if (Array.isArray(value)) return value.flatMap((one) => leavesOf(one, path));
  if (value === null || typeof value !== 'object' || value instanceof Date) return [{ path, value }];
  return Object.entries(value).flatMap(([name, inner]) => leavesOf(inner, path ? `${path}.${name}` : name));
}

/** Every document of these accounts, by the registry's owners, in every collection. */
async function documents(app: App, accounts: Accounts): Promise<{ room: Room; id: string; leaves: Leaf[] }[]> {
  const whose = { accountIds: accounts.map(({ id }) => id), keyIds: accounts.map(({ keyId }) => keyId) };
  const all = await Promise.all(
    ROOMS.map(async (room) => {
      const rows = await documentsOf(app, room).find(ownedBy(room, whose)).toArray();
      return rows.map((row) => ({ room, id: String(row._id), leaves: leavesOf(row, '') }));
    }),
  );
  return all.flat();
}

/** Everything that these accounts hold, document by document and object by object. */
export async function snapshotOf(app: App, accounts: Accounts): Promise<Map<string, string>> {
  const found = await documents(app, accounts);
  const { keys: objects } = await app.storage.list('');
  const ids = found.map(({ id }) => id).filter((id) => id.length > 8);
  const stored = objects.filter((name) => ids.some((id) => name.includes(id)));
  return new Map([
    ...found.map(({ room, id, leaves }): [string, string] => [
      `${room.name} ${id}`,
      JSON.stringify(leaves.filter(({ path }) => !CHANGED_BY_DESIGN.has(`${room.name}.${path}`))),
    ]),
    ...stored.map((name): [string, string] => [`object ${name}`, '']),
  ]);
}

/** What is new, gone or different. */
export function differences(before: Map<string, string>, after: Map<string, string>): string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names]
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => `${name}${changeOf(before.get(name), after.get(name))}`);
}

function changeOf(before: string | undefined, after: string | undefined): string {
  if (before === undefined || after === undefined) return before === undefined ? ' is new' : ' is gone';
  const then = new Set((JSON.parse(before) as Leaf[]).map((leaf) => JSON.stringify(leaf)));
  const paths = (JSON.parse(after) as Leaf[]).filter((leaf) => !then.has(JSON.stringify(leaf))).map(({ path }) => path);
  return ` differs in ${[...new Set(paths)].join(', ') || 'what went'}`;
}

/** What names something of these accounts: ids of documents, of objects, of what others call them. Sealed text is none. */
export async function idsOf(app: App, accounts: Accounts): Promise<Id[]> {
  const all = (await documents(app, accounts)).flatMap(({ room: { name, rule }, leaves }) => {
    const state = String(leaves.find(({ path }) => path === 'state' || path === 'status')?.value ?? '');
    return leaves.flatMap(({ path, value }): Id[] => {
      if (typeof value !== 'string' || rule.paths[path]?.sealed || NO_IDS.test(path)) return [];
      const isId = /^[\w#:.@-]{12,64}$/.test(value) && /[0-9A-Z]/.test(value);
      return isId ? [{ id: value, where: `${name}.${path}`, state }] : [];
    });
  });
  // Each once, by the document that it is the id of.
  const documentsFirst = [...all.filter(({ where }) => where.endsWith('._id')), ...all];
  const ids = new Map<string, Id>();
  for (const one of documentsFirst) if (!ids.has(one.id)) ids.set(one.id, one);
  return [...ids.values()];
}

/** Where the documents of these accounts name something that is somebody else's: it must be nowhere. */
export async function foreignIds(app: App, accounts: Accounts, ids: readonly Id[]): Promise<string[]> {
  const theirs = new Set(ids.map(({ id }) => id));
  const found = await documents(app, accounts);
  return found.flatMap(({ room, leaves }) =>
    leaves.flatMap(({ path, value }) => (typeof value === 'string' && theirs.has(value) ? [`${room.name}.${path}`] : [])),
  );
}
