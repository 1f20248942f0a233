import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
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
  const seen: { error?: Error; fail(error: Error): void } = { fail: () => {} };
  const over = new Promise<void>((resolve, reject) => {
    closing.on('data', (frame: Buffer) => void frames.push(frame));
    closing.once('end', resolve).on('error', (error: Error) => {
      seen.error = error;
      seen.fail(error);
      reject(error);
    });
  });
  over.catch(() => {}); // told to whoever waits at that moment
  const write = (chunk: Buffer) =>
    new Promise<void>((resolve, reject) => {
      seen.fail = reject;
      if (seen.error) reject(seen.error);
      else closing.write(chunk, () => resolve());
    });
  try {
    for await (const chunk of plain) {
      await write(chunk);
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
 * behind all that came before it, or where the end is missing. What `stored` throws is passed on. Stays within two frames ahead of who
 * takes them.
 */
export async function* decryptFrames(stored: Readable, objectsKey: Buffer, context: ObjectContext): AsyncGenerator<Buffer> {
  const opening = client.decryptUnsignedMessageStream(keyring(objectsKey), { maxBodySize: FRAME_BYTES });
  const seen = { isOurs: false, released: 0, isOver: false, isWhole: false, wake: () => {} };
  const frames: Buffer[] = [];
  const over = new Promise<void>((resolve) => {
    const end = (isWhole: boolean) => () => {
      if (!seen.isOver) seen.isWhole = isWhole && seen.isOurs;
      seen.isOver = true;
      seen.wake();
      resolve();
    };
    opening.once('MessageHeader', (header: Header) => {
      seen.isOurs = isOf(header, context);
      if (!seen.isOurs) opening.destroy();
    });
    opening.on('data', (clear: Buffer) => {
      if (!seen.isOurs) return;
      frames.push(clear);
      seen.released += clear.length;
    });
    opening.once('end', end(true)).on('error', end(false)).once('close', end(false));
  });
  const write = (piece: Buffer) =>
    new Promise<void>((resolve) => {
      seen.wake = resolve;
      if (seen.isOver) resolve();
      else opening.write(piece, () => resolve());
    });
  try {
    for await (const { piece, clear } of inPieces(stored, await headerBytes(objectsKey, context))) {
      await write(piece);
      for (let turn = 0; turn < MOST_TURNS && seen.released < clear && !seen.isOver; turn += 1) await setImmediate();
      yield* frames.splice(0);
      if (seen.isOver) break;
    }
    opening.end();
    await over;
    yield* frames.splice(0);
    if (!seen.isWhole) throw new Unreadable();
  } finally {
    opening.destroy();
  }
}

type Header = Awaited<ReturnType<typeof client.decrypt>>['messageHeader'];

/** Number, nonce, content and tag of a frame, as it is stored; the last one, which has two numbers more, when it is empty. */
const STORED_FRAME_BYTES = 4 + 12 + FRAME_BYTES + 16;
const EMPTY_LAST_BYTES = 4 + 4 + 12 + 4 + 16;
/** Turns of the event loop in which the library has long given a frame that it has whole. */
const MOST_TURNS = 1_000;

/** What stands before the first frame is as long for every object of the same key's kind and context. */
const headerBytes = async (objectsKey: Buffer, context: ObjectContext): Promise<number> =>
  (await encryptObject(Buffer.alloc(0), objectsKey, context)).length - EMPTY_LAST_BYTES;

/**
 * Cuts at the end of each frame, and says how much must be clear by then: the library drops what it has in hand, although it is verified,
 * when the next frame fails, so it gets no byte of that before.
 */
async function* inPieces(stored: Readable, header: number): AsyncGenerator<{ piece: Buffer; clear: number }> {
  let at = -header;
  for await (const part of stored) {
    for (let rest: Buffer = part; rest.length > 0; ) {
      const within = at < 0 ? at : at % STORED_FRAME_BYTES;
      const piece = rest.subarray(0, (at < 0 ? 0 : STORED_FRAME_BYTES) - within);
      at += piece.length;
      rest = rest.subarray(piece.length);
      const isFrameEnd = at > 0 && at % STORED_FRAME_BYTES === 0;
      yield { piece, clear: isFrameEnd ? (at / STORED_FRAME_BYTES) * FRAME_BYTES : 0 };
    }
  }
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
