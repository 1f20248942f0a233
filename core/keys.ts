import { createPrivateKey, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { Models } from '../models/index.ts';
import type { KeyDocument, Sealed } from '../models/key.ts';
import { type DeploymentKeys, hashWith, openDeploymentKeys } from './keys/deployment.ts';
import { derive } from './keys/derive.ts';
import { createMasterKeys, type Keks, placeOfKey } from './keys/master-keys.ts';
import { seal, unseal } from './keys/seal.ts';

export type { KeyDocument, Sealed } from '../models/key.ts';
export { newDeploymentKeys } from './keys/deployment.ts';
export { loadKek, loadKeks, newMasterKey } from './keys/kek.ts';
export { type Keks, MasterKeyMissing } from './keys/master-keys.ts';
export { type Rewrapping, rewrapKeys } from './keys/rewrap.ts';
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
/** What stands before the 32 bytes of an Ed25519 private key in PKCS #8 (RFC 8410, section 7). */
const ED25519_PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

export type Keys = ReturnType<typeof createKeys>;

/**
 * The keys of the deployment whose database this is, made at its first start.
 * Throws a sentence for the operator, and writes nothing, where they cannot be opened with the given master keys.
 */
export async function openKeys(models: Models, { kek, oldKeks = [] }: Keks, at = new Date()): Promise<Keys> {
  return createKeys({ kek, oldKeks, deployment: await openDeploymentKeys(models, { kek, oldKeks }, at) });
}

/** Keys and ciphers of a deployment. Reads and writes nothing: documents are handed in and out. */
export function createKeys({ kek, oldKeks = [], deployment }: Keks & { deployment: DeploymentKeys }) {
  const master = createMasterKeys({ kek, oldKeks });
  const { index: indexKey, inbox: inboxKey } = deployment;
  const receiptsKey = createPrivateKey({
    key: Buffer.concat([ED25519_PKCS8, deployment.receipts]),
    format: 'der',
    type: 'pkcs8',
  });
  const receiptsPublicKey: KeyObject = createPublicKey(receiptsKey);

  /** A keyed hash of `parts`, to find by what must not be readable. Begin with what it is a hash of, so that kinds never meet. */
  const blindIndex = (...parts: string[]): string => hashWith(indexKey, parts);

  return {
    blindIndex,

    /** The account's new data key, to be stored together with the account and nowhere else. */
    newDataKey(accountId: string, createdAt: Date): KeyDocument {
      const id = blindIndex('key', accountId);
      return { _id: id, state: 'active', ...master.wrap(placeOfKey(id), VERSION, randomBytes(32)), version: VERSION, createdAt };
    },

    /**
     * Unwraps a stored key. Throws KeyDestroyed for one that is destroyed or missing, and never makes one; MasterKeyMissing when its
     * master key was not given.
     */
    open(document: KeyDocument | null | undefined): AccountKeys {
      if (document?.state !== 'active' || !document.wrapped) throw new KeyDestroyed();
      const { _id, version, kekId, wrapped } = document;
      const dataKey = master.unwrap(placeOfKey(_id), version, { kekId, wrapped });
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

    /** 32 bytes that wrap the objects of the public gallery. */
    galleryKey: deployment.gallery,
    /** 32 bytes that wrap the entries of the erasure journal. */
    journalKey: deployment.journal,

    /** Ed25519 (RFC 8032): 64 bytes that anybody who has the public key can check. */
    signReceipt: (bytes: Buffer): Buffer => sign(null, bytes, receiptsKey),
    receiptsPublicKey,
  };
}

/** What a sealed text is bound to. The account is named by its key's id, a keyed hash of the account's own. */
const at = ({ collection, id, path }: SealedPlace, keyId: string) => [collection, id, path, keyId];
