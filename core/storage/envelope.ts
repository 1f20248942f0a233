import {
  AlgorithmSuiteIdentifier,
  buildClient,
  CommitmentPolicy,
  RawAesKeyringNode,
  RawAesWrappingSuiteIdentifier,
} from '@aws-crypto/client-node';
import { Unreadable } from '../keys/seal.ts';

/** What an object is, beside its name. Bound to the ciphertext, readable by whoever reads the bucket: no personal data. */
export type ObjectContext = Record<string, string>;

/** Key commitment, no signature: the reader holds the writer's key. */
const SUITE = AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY;
const FRAME_BYTES = 2 ** 20;

const client = buildClient({ commitmentPolicy: CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT, maxEncryptedDataKeys: 1 });

/** Encrypts under a fresh key, which travels in the result's header wrapped by `objectsKey` (32 bytes). */
export async function encryptObject(plain: Buffer, objectsKey: Buffer, context: ObjectContext): Promise<Buffer> {
  const options = { suiteId: SUITE, encryptionContext: { ...context }, frameLength: FRAME_BYTES };
  const { result } = await client.encrypt(keyring(objectsKey), plain, options);
  return result;
}

/** Throws Unreadable for an object that was changed, cut, or made with another key or context. What follows after its end is ignored. */
export async function decryptObject(stored: Buffer, objectsKey: Buffer, context: ObjectContext): Promise<Buffer> {
  const { plaintext, messageHeader } = await client
    .decrypt(keyring(objectsKey), stored, { maxBodySize: FRAME_BYTES })
    .catch(() => {
      throw new Unreadable();
    });
  const same = Object.entries(context).every(([name, value]) => messageHeader.encryptionContext[name] === value);
  if (!same || messageHeader.suiteId !== SUITE) throw new Unreadable();
  return plaintext;
}

const keyring = (objectsKey: Buffer) =>
  new RawAesKeyringNode({
    keyNamespace: 'lpm-ai',
    keyName: 'objects',
    // The library wants a buffer that shares its memory with nothing, and clears it.
    unencryptedMasterKey: new Uint8Array(objectsKey),
    wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
  });
