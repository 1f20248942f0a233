import type { Models } from '../../../models/index.ts';
import type { Platform } from '../../chat.ts';
import { type AccountKeys, KeyDestroyed, type Keys } from '../../keys.ts';

/** One account of the person whose archive it is. */
export interface Person {
  id: string;
  keyId: string;
  platforms: readonly Platform[];
  keys: AccountKeys;
}

/** The accounts with their keys, in the order they were named. Throws KeyDestroyed when one of them is being deleted or gone. */
export async function peopleOf(
  { models, keys }: { models: Pick<Models, 'accounts' | 'keys'>; keys: Pick<Keys, 'open'> },
  accountIds: readonly string[],
): Promise<Person[]> {
  const people: Person[] = [];
  for (const id of accountIds) {
    const account = await models.accounts.findById(id, { keyId: 1, identities: 1, status: 1 }).lean();
    if (!account || account.status === 'erasing') throw new KeyDestroyed();
    const key = await models.keys.findById(account.keyId).lean();
    const platforms = account.identities.map(({ platform }) => platform);
    people.push({ id, keyId: account.keyId, platforms, keys: keys.open(key) });
  }
  return people;
}

/** The key that a document opens with: the one it names, or that of the account it belongs to. */
export const personOf = (people: readonly Person[], keyId: unknown, owner?: unknown): Person | undefined =>
  people.find((person) => person.keyId === keyId) ?? people.find((person) => person.id === owner) ?? people[0];
