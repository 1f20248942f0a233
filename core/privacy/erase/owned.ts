import type { App } from '../../app.ts';
import { REGISTRY } from '../registry.ts';
import type { CollectionRule } from '../registry-types.ts';

/** Whose documents are meant. */
export interface Whose {
  accountIds: readonly string[];
  keyIds: readonly string[];
}

/** One collection of the registry, and its documents. */
export interface Room {
  name: keyof typeof REGISTRY.collections;
  rule: CollectionRule;
}

const ROOMS = Object.entries(REGISTRY.collections).map(([name, rule]) => ({ name, rule })) as readonly Room[];

/** Collections whose documents go, or go under a pseudonym, when their person does. The account itself is the last: whoever is interrupted finds it again. */
export const ROOMS_TO_CLEAR: readonly Room[] = ROOMS.filter(
  ({ rule }) => rule.owners.length > 0 && (rule.erase.how === 'delete' || rule.erase.how === 'pseudonymise'),
).sort((a, b) => Number(a.name === 'accounts') - Number(b.name === 'accounts'));

// The driver's own collections: what is deleted here need not be understood.
export const documentsOf = (app: App, { name }: Room) =>
  app.connection.collection<{ _id: string }>(app.models[name].collection.name);

/** What finds the documents of these people in one collection. */
export function ownedBy({ rule }: Room, { accountIds, keyIds }: Whose): object {
  const ways = rule.owners.map(({ path, by }) => ({ [path]: { $in: [...(by === 'account' ? accountIds : keyIds)] } }));
  const [only, ...others] = ways;
  return only && others.length === 0 ? only : { $or: ways };
}

/** How many documents of theirs each collection holds; collections without any are left out. */
export async function countOwned(app: App, whose: Whose): Promise<{ name: Room['name']; count: number }[]> {
  const counts: { name: Room['name']; count: number }[] = [];
  for (const room of ROOMS_TO_CLEAR) {
    const count = await documentsOf(app, room).countDocuments(ownedBy(room, whose));
    if (count > 0) counts.push({ name: room.name, count });
  }
  return counts;
}

/** Collections that still hold something of theirs. */
export async function roomsLeft(app: App, whose: Whose): Promise<string[]> {
  const left: string[] = [];
  for (const room of ROOMS_TO_CLEAR) {
    if (await documentsOf(app, room).findOne(ownedBy(room, whose), { projection: { _id: 1 } })) left.push(room.name);
  }
  return left;
}
