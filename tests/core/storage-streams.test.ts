import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createKeys, newDeploymentKeys, Unreadable } from '../../core/keys.ts';
import { decryptFrames, encryptFrames, encryptObject } from '../../core/storage/envelope.ts';
import { bytesOf } from '../../core/storage/streams.ts';
import { createStorage, ObjectMissing } from '../../core/storage.ts';
import { testServers } from '../support/servers.ts';

const bucket = `t-${randomBytes(8).toString('hex')}`;
const settings = { ...testServers().s3, bucket, forcePathStyle: true };
const storage = createStorage(settings);
/** Somebody who has the bucket and no key. */
const s3 = new S3Client({ ...settings, credentials: settings });

const keys = createKeys({ kek: randomBytes(32), deployment: newDeploymentKeys() });
const keyOf = (accountId: string) => keys.open(keys.newDataKey(accountId, new Date(0))).objectsKey;
const anna = keyOf('anna');
const video = { purpose: 'video' };
const name = () => `t/${randomBytes(16).toString('hex')}`;
const MIB = 2 ** 20;

async function atRest(Key: string): Promise<Buffer> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}
const replace = (Key: string, Body: Buffer) =>
  s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body, ContentLength: Body.length }));
const unfinished = async () => (await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads ?? [];

/** What came before the end, and how it ended. */
async function drain(stream: Readable): Promise<{ bytes: Buffer; error: unknown }> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of stream) chunks.push(chunk);
  } catch (error) {
    return { bytes: Buffer.concat(chunks), error };
  }
  return { bytes: Buffer.concat(chunks), error: undefined };
}

beforeAll(() => storage.ensureBucket());
afterAll(() => {
  storage.close();
  s3.destroy();
});

describe('a streamed object', () => {
  test.each([0, 1, MIB, 5 * MIB + 1, 17 * MIB])('of %d bytes is the same as one that was put whole', async (size) => {
    const plain = randomBytes(size);
    const [streamed, whole] = [name(), name()];
    expect(await storage.write(streamed, Readable.from([plain], { objectMode: false }), anna, video)).toBe(size);
    await storage.put(whole, plain, anna, video);
    expect((await storage.get(streamed, anna, video)).equals(plain)).toBe(true);
    expect((await buffer(await storage.read(streamed, anna, video))).equals(plain)).toBe(true);
    expect((await buffer(await storage.read(whole, anna, video))).equals(plain)).toBe(true);
    expect(await unfinished()).toEqual([]);
  });

  test('gives every range as the plain bytes have it', async () => {
    const plain = randomBytes(5 * MIB + 77);
    const key = name();
    await storage.put(key, plain, anna, video);
    const edges = fc.oneof(
      fc.integer({ min: 0, max: plain.length - 1 }),
      fc.constantFrom(0, 1, MIB - 1, MIB, MIB + 1, 5 * MIB - 1, 5 * MIB, plain.length - 1),
    );
    await fc.assert(
      fc.asyncProperty(edges, edges, async (a, b) => {
        const range = { from: Math.min(a, b), to: Math.max(a, b) };
        const got = await buffer(await storage.read(key, anna, video, range));
        expect(got.equals(plain.subarray(range.from, range.to + 1))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test('is given up to the frame that was changed and not a byte further', async () => {
    const plain = randomBytes(3 * MIB + 500);
    const key = name();
    await storage.put(key, plain, anna, video);
    const whole = await atRest(key);
    const frame = 4 + 12 + MIB + 16;
    const header = whole.length - 3 * frame - (4 + 4 + 12 + 4 + 500 + 16);
    for (const [within, where] of [0, 1, 2, 3].flatMap((n) => [2, 9, 300].map((at) => [n, header + n * frame + at] as const))) {
      const changed = Buffer.from(whole);
      changed.writeUInt8(changed.readUInt8(where) ^ 1, where);
      await replace(key, changed);
      const { bytes, error } = await drain(await storage.read(key, anna, video));
      expect(error).toBeInstanceOf(Unreadable);
      expect([within, bytes.length]).toEqual([within, within * MIB]);
      expect(bytes.equals(plain.subarray(0, bytes.length))).toBe(true);
    }
  });

  test('breaks off when it was cut or its frames changed places', async () => {
    const plain = randomBytes(2 * MIB + 5);
    const key = name();
    await storage.put(key, plain, anna, video);
    const whole = await atRest(key);
    const frame = 4 + 12 + MIB + 16;
    const header = whole.length - 2 * frame - (4 + 4 + 12 + 4 + 5 + 16);
    const part = (from: number, to: number) => whole.subarray(header + from * frame, header + to * frame);
    const [start, end] = [whole.subarray(0, header), whole.subarray(header + 2 * frame)];
    const cuts = [0, 1, header, header + 20, header + frame, header + 2 * frame, whole.length - 1].map((at) =>
      whole.subarray(0, at),
    );
    const moved = [
      [start, part(1, 2), part(0, 1), end],
      [start, part(1, 2), end],
      [start, part(0, 1), end],
      [start, part(0, 1), part(0, 2), end],
      [start, end],
    ].map((parts) => Buffer.concat(parts));
    for (const changed of [...cuts, ...moved, randomBytes(3 * MIB)]) {
      await replace(key, changed);
      const { bytes, error } = await drain(await storage.read(key, anna, video));
      expect(error, `${changed.length} of ${whole.length} bytes`).toBeInstanceOf(Unreadable);
      expect(bytes.equals(plain.subarray(0, bytes.length))).toBe(true);
    }
  });

  test('opens for nobody else, as nothing else and under no other name', async () => {
    const [key, elsewhere] = [name(), name()];
    await storage.put(key, randomBytes(10), anna, video);
    await replace(elsewhere, await atRest(key));
    const refused = [
      await drain(await storage.read(key, keyOf('boris'), video)),
      await drain(await storage.read(key, anna, { purpose: 'archive' })),
      await drain(await storage.read(elsewhere, anna, video)),
    ];
    for (const { bytes, error } of refused) expect([bytes.length, error]).toEqual([0, expect.any(Unreadable)]);
    await expect(storage.read(name(), anna, video)).rejects.toThrow(ObjectMissing);
  });

  test('is never fetched further ahead of twenty slow readers than three frames each', async () => {
    const stored = await encryptObject(randomBytes(16 * MIB), anna, video);
    const readers = Array.from({ length: 20 }, () => {
      const source = inChunks(stored);
      return {
        source,
        chunks: bytesOf(source.stream, decryptFrames(source.stream, anna, video))[Symbol.asyncIterator](),
        taken: 0,
      };
    });
    for (let step = 0; step < 12; step += 1) {
      for (const reader of readers) reader.taken += (await reader.chunks.next()).value.length;
      for (let turn = 0; turn < 100; turn += 1) await setImmediate();
      const ahead = readers.map(({ source, taken }) => source.pulled() - taken);
      expect(Math.max(...ahead)).toBeLessThan(3 * MIB);
    }
    for (const { chunks } of readers) await chunks.return?.();
    expect(readers.every(({ source }) => source.stream.destroyed)).toBe(true);
  });

  test('keeps nothing of what was read or written, however long it is', async () => {
    const plain = Array.from({ length: 64 }, () => randomBytes(MIB));
    const kept: number[] = [];
    const before = heldAfterCollection();
    let frames = 0;
    const sealed = Readable.from(encryptFrames(Readable.from(plain), anna, video), { objectMode: false });
    for await (const { length } of decryptFrames(sealed, anna, video)) {
      frames += length / MIB;
      if (frames % 16 === 0) kept.push(heldAfterCollection() - before);
    }
    expect(frames).toBe(64);
    expect(kept.length).toBeGreaterThan(2);
    expect(Math.max(...kept)).toBeLessThan(12 * MIB);
  });

  test('closes its source at once when the reader goes away, also while nothing comes', async () => {
    const stored = await encryptObject(randomBytes(2 * MIB), anna, video);
    const silent = new Readable({ read() {} });
    silent.push(stored.subarray(0, 1_000));
    const reading = bytesOf(silent, decryptFrames(silent, anna, video));
    reading.resume();
    await setImmediate();
    reading.destroy();
    expect(silent.destroyed).toBe(true);
    const early = inChunks(stored);
    expect((await buffer(bytesOf(early.stream, decryptFrames(early.stream, anna, video), { from: 5, to: 9 }))).length).toBe(5);
    await vi.waitFor(() => expect(early.stream.destroyed).toBe(true));
  });
});

/** Bytes of buffers that are still needed. */
function heldAfterCollection(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().arrayBuffers;
}

/** As S3 gives it: in small chunks, each when it is asked for. */
function inChunks(stored: Buffer) {
  let at = 0;
  const stream = new Readable({
    read() {
      const chunk = stored.subarray(at, at + 65_536);
      at += chunk.length;
      this.push(chunk.length > 0 ? chunk : null);
    },
  });
  return { stream, pulled: () => at };
}

describe('an upload', () => {
  /** Gives so many bytes and then fails. */
  const failing = (bytes: number) =>
    Readable.from(
      (async function* () {
        for (let given = 0; given < bytes; given += MIB) yield randomBytes(MIB);
        throw new Error('the source broke');
      })(),
      { objectMode: false },
    );

  test.each([0, 3 * MIB, 20 * MIB])('whose source breaks after %d bytes leaves nothing', async (bytes) => {
    const key = name();
    const source = failing(bytes);
    await expect(storage.write(key, source, anna, video)).rejects.toThrow('the source broke');
    expect(source.destroyed).toBe(true);
    expect(await storage.list(key)).toEqual({ keys: [] });
    expect(await unfinished()).toEqual([]);
  });

  test('that fails ends its source', async () => {
    const stranger = createStorage({ ...settings, secretAccessKey: 'wrong' });
    const source = Readable.from([randomBytes(20 * MIB)], { objectMode: false });
    await expect(stranger.write(name(), source, anna, video)).rejects.toThrow();
    expect(source.destroyed).toBe(true);
    stranger.close();
  });

  test('whose process died is dropped once it is old enough', async () => {
    const key = name();
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: key }));
    await s3.send(new UploadPartCommand({ Bucket: bucket, Key: key, UploadId, PartNumber: 1, Body: randomBytes(5 * MIB) }));
    expect(await storage.abortUnfinished(new Date(Date.now() - 60_000))).toBe(0);
    expect(await unfinished()).toHaveLength(1);
    expect(await storage.abortUnfinished(new Date(Date.now() + 60_000))).toBe(1);
    expect(await storage.abortUnfinished(new Date(Date.now() + 60_000))).toBe(0);
    expect(await unfinished()).toEqual([]);
  });
});
