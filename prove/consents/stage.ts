import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { App } from '../../core/app.ts';
import type { AccountKeys } from '../../core/keys.ts';
import { ObjectMissing } from '../../core/storage.ts';
import { ACCOUNTS, type AccountDocument } from '../../models/account.ts';
import { GENERATIONS, type GenerationDocument } from '../../models/generation.ts';
import { KEYS, type KeyDocument } from '../../models/key.ts';

/** The bytes of every video and picture that anybody made. */
const MADE = Buffer.from('a video');

/** Where objects are in a proof: the rules under proof are those of the database. Every made video is there. */
export function memoryStorage(storage: App['storage']): { storage: App['storage']; objects: Map<string, Buffer> } {
  const objects = new Map<string, Buffer>();
  const read: App['storage']['read'] = async (key) => {
    const found = key.startsWith('gallery/') ? objects.get(key) : MADE;
    if (!found) throw new ObjectMissing();
    return Readable.from([found]);
  };
  const write: App['storage']['write'] = async (key, plain) => {
    const bytes = await buffer(plain);
    objects.set(key, bytes);
    return bytes.length;
  };
  const remove = async (keys: readonly string[]) => {
    for (const key of keys) objects.delete(key);
  };
  const list = async () => ({ keys: [...objects.keys()] });
  return { storage: { ...storage, read, write, remove, list }, objects };
}

export interface Person {
  accountId: string;
  generation: GenerationDocument;
}

/** People with one video each. */
export async function makePeople(app: App, names: readonly string[]): Promise<Person[]> {
  const createdAt = new Date(app.now());
  const made = names.map((_id) => {
    const key = app.keys.newDataKey(_id, createdAt);
    const identities = [{ platform: 'telegram' as const, hash: _id }];
    const keys = app.keys.open(key);
    const home = keys.seal({ collection: ACCOUNTS, id: _id, path: 'home' }, '77');
    const account: AccountDocument = { _id, identities, keyId: key._id, status: 'active', home, settings: {}, createdAt };
    return { key, account, generation: videoOf(account, keys) };
  });
  await app.connection.collection<KeyDocument>(KEYS).insertMany(made.map(({ key }) => key));
  await app.connection.collection<AccountDocument>(ACCOUNTS).insertMany(made.map(({ account }) => account));
  await app.connection.collection<GenerationDocument>(GENERATIONS).insertMany(made.map(({ generation }) => generation));
  return made.map(({ account, generation }) => ({ accountId: account._id, generation }));
}

function videoOf({ _id: accountId, keyId, createdAt }: AccountDocument, keys: AccountKeys): GenerationDocument {
  const _id = `${accountId}-v`;
  const sealed = keys.seal({ collection: GENERATIONS, id: _id, path: 'prompt' }, '"a fox"');
  return {
    ...{ _id, accountId, keyId, rev: 5, state: 'delivered', prompt: sealed, place: sealed, hasImage: false },
    ...{ style: 'noir', aspectRatio: '1:1', seconds: 4, seed: 1, price: 8, tries: 0, createdAt, deadlineAt: createdAt },
    video: { seconds: 4, width: 100, height: 100, size: MADE.length },
  };
}
