import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import type { KeyDocument, Sealed } from '../models/key.ts';
import { seal, unseal } from './keys/seal.ts';

export type { KeyDocument, Sealed } from '../models/key.ts';
export { loadKek } from './keys/kek.ts';
export { Unreadable } from './keys/seal.ts';

/** Where sealed text is stored. It opens nowhere else. */
export interface SealedPlace {
  collection: string;
  id: string;
  path: string;
}

/** What can be done with one account's data key. */
export interface AccountKeys {
  seal(place: SealedPlace, plain: string): Sealed;
  /** Throws Unreadable for anything that was not sealed by this account at this place, plain text included. */
  unseal(place: SealedPlace, sealed: string): string;
  /** 32 bytes that wrap the account's stored objects, for `core/storage.ts`. */
  objectsKey: Buffer;
}

/** The account's key was destroyed or never existed. It is not made anew: what it sealed stays closed for good. */
export class KeyDestroyed extends Error {
  constructor() {
    super('the key of this account is destroyed');
    this.name = 'KeyDestroyed';
  }
}

const VERSION = 1;

export type Keys = ReturnType<typeof createKeys>;

/** Keys and ciphers of a deployment, all derived from its master key of 32 bytes. Reads and writes nothing: documents are handed in and out. */
export function createKeys({ kek }: { kek: Buffer }) {
  const wrappingKey = derive(kek, 'wrap');
  const indexKey = derive(kek, 'index');
  const inboxKey = derive(kek, 'inbox');
  const kekId = derive(kek, 'id').toString('base64url', 0, 9);

  /** A keyed hash of `parts`, to find by what must not be readable. Begin with what it is a hash of, so that kinds never meet. */
  const blindIndex = (...parts: string[]): string =>
    createHmac('sha256', indexKey).update(JSON.stringify(parts)).digest('base64url');

  return {
    blindIndex,

    /** The account's new data key, to be stored together with the account and nowhere else. */
    newDataKey(accountId: string, createdAt: Date): KeyDocument {
      const id = blindIndex('key', accountId);
      const wrapped = seal(wrappingKey, VERSION, wrapping(id, kekId), randomBytes(32));
      return { _id: id, state: 'active', kekId, wrapped, version: VERSION, createdAt };
    },

    /** Unwraps a stored key. Throws KeyDestroyed for one that is destroyed or missing; never makes one. */
    open(document: KeyDocument | null | undefined): AccountKeys {
      if (document?.state !== 'active' || !document.wrapped) throw new KeyDestroyed();
      const { _id, version, wrapped } = document;
      if (document.kekId !== kekId)
        throw new Error(`an account's key is wrapped by master key ${document.kekId}, and this one is ${kekId}`);
      const dataKey = unseal(wrappingKey, version, wrapping(_id, kekId), wrapped);
      const fieldsKey = derive(dataKey, 'fields');
      return {
        seal: (place, plain) => seal(fieldsKey, version, at(place, _id), Buffer.from(plain)),
        unseal: (place, sealed) => unseal(fieldsKey, version, at(place, _id), sealed).toString(),
        objectsKey: derive(dataKey, 'objects'),
      };
    },

    /** Seals what belongs to no account yet. It is not erased with anybody's key: keep it short. */
    sealDeployment: (place: SealedPlace, plain: string): Sealed => seal(inboxKey, VERSION, at(place, ''), Buffer.from(plain)),
    unsealDeployment: (place: SealedPlace, sealed: string): string => unseal(inboxKey, VERSION, at(place, ''), sealed).toString(),
  };
}

/** What a sealed text is bound to. The account is named by its key's id, a keyed hash of the account's own. */
const at = ({ collection, id, path }: SealedPlace, keyId: string) => [collection, id, path, keyId];

const wrapping = (keyId: string, kekId: string) => ['keys', keyId, 'wrapped', kekId];

/** HKDF-SHA-256: one key for each purpose, none of which tells anything about another. */
const derive = (key: Buffer, purpose: string) => Buffer.from(hkdfSync('sha256', key, '', purpose, 32));
