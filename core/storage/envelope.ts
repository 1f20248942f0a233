import type { Readable } from 'node:stream';
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
export const FRAME_BYTES = 2 ** 20;

const client = buildClient({ commitmentPolicy: CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT, maxEncryptedDataKeys: 1 });

/** Encrypts under a fresh key, which travels in the result's header wrapped by `objectsKey` (32 bytes). */
export async function encryptObject(plain: Buffer, objectsKey: Buffer, context: ObjectContext): Promise<Buffer> {
  const { result } = await client.encrypt(keyring(objectsKey), plain, encryption(context));
  return result;
}

/** As `encryptObject`, while it flows. What `plain` throws is passed on. */
export async function* encryptFrames(
  plain: AsyncIterable<Buffer>,
  objectsKey: Buffer,
  context: ObjectContext,
): AsyncGenerator<Buffer> {
  const closing = client.encryptStream(keyring(objectsKey), encryption(context));
  const frames: Buffer[] = [];
  const over = new Promise<void>((resolve, reject) => {
    closing.on('data', (frame: Buffer) => void frames.push(frame));
    closing.once('end', resolve).on('error', reject);
  });
  over.catch(() => {}); // told to whoever still waits for it
  try {
    for await (const chunk of plain) {
      await Promise.race([over, new Promise<void>((taken) => void closing.write(chunk, () => taken()))]);
      yield* frames.splice(0);
    }
    closing.end();
    await over;
    yield* frames.splice(0);
  } finally {
    // Ended, never destroyed: the library throws for that where nobody can catch it, and the process would end.
    closing.end();
  }
}

/** Throws Unreadable for an object that was changed, cut, or made with another key or context. What follows after its end is ignored. */
export async function decryptObject(stored: Buffer, objectsKey: Buffer, context: ObjectContext): Promise<Buffer> {
  const { plaintext, messageHeader } = await client
    .decrypt(keyring(objectsKey), stored, { maxBodySize: FRAME_BYTES })
    .catch(() => {
      throw new Unreadable();
    });
  if (!isOf(messageHeader, context)) throw new Unreadable();
  return plaintext;
}

/**
 * As `decryptObject`, while it flows: gives every frame once its tag has been checked, and throws Unreadable where the first one fails,
 * or where the end is missing. What `stored` throws is passed on. Stays within a few frames ahead of who takes them.
 */
export async function* decryptFrames(stored: Readable, objectsKey: Buffer, context: ObjectContext): AsyncGenerator<Buffer> {
  const opening = client.decryptUnsignedMessageStream(keyring(objectsKey), { maxBodySize: FRAME_BYTES });
  const frames: Buffer[] = [];
  let isOurs = false;
  const whole = new Promise<boolean>((resolve) => {
    opening.once('MessageHeader', (header: Header) => {
      isOurs = isOf(header, context);
      if (!isOurs) opening.destroy();
    });
    opening.on('data', (frame: Buffer) => void (isOurs && frames.push(frame)));
    opening.once('end', () => resolve(isOurs));
    opening.on('error', () => resolve(false)).once('close', () => resolve(false));
  });
  // Made once: what waits for the end is kept until then, with everything that it can see.
  const stopped = whole.then(() => false);
  try {
    for await (const piece of inPieces(stored)) {
      const taken = new Promise<boolean>((resolve) => void opening.write(piece, () => resolve(true)));
      const goesOn = await Promise.race([taken, stopped]);
      yield* frames.splice(0);
      if (!goesOn) break;
    }
    opening.end();
    const isWhole = await whole;
    yield* frames.splice(0);
    if (!isWhole) throw new Unreadable();
  } finally {
    opening.destroy();
  }
}

type Header = Awaited<ReturnType<typeof client.decrypt>>['messageHeader'];

/** Number, nonce, content and tag of a frame, as it is stored. */
const STORED_FRAME_BYTES = 4 + 12 + FRAME_BYTES + 16;

/**
 * Cuts in the middle of frames, of which every one then comes in two large parts: of many small ones the library drops the last, although
 * they are verified, when the frame behind them fails. The header before the first frame is far shorter than half a frame.
 */
async function* inPieces(stored: Readable): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let length = 0;
  let wanted = STORED_FRAME_BYTES / 2;
  for await (const part of stored) {
    parts.push(part);
    length += part.length;
    while (length >= wanted) {
      const all = Buffer.concat(parts);
      yield all.subarray(0, wanted);
      parts = [all.subarray(wanted)];
      length -= wanted;
      wanted = STORED_FRAME_BYTES;
    }
  }
  if (length > 0) yield Buffer.concat(parts);
}

const encryption = (context: ObjectContext) => ({
  suiteId: SUITE,
  encryptionContext: { ...context },
  frameLength: FRAME_BYTES,
});

const isOf = ({ encryptionContext, suiteId }: Header, context: ObjectContext): boolean =>
  suiteId === SUITE && Object.entries(context).every(([name, value]) => encryptionContext[name] === value);

const keyring = (objectsKey: Buffer) =>
  new RawAesKeyringNode({
    keyNamespace: 'lpm-ai',
    keyName: 'objects',
    // The library wants a buffer that shares its memory with nothing, and clears it.
    unencryptedMasterKey: new Uint8Array(objectsKey),
    wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
  });
