import { randomBytes } from 'node:crypto';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKeys, newDeploymentKeys, Unreadable } from '../../core/keys.ts';
import { createStorage, ObjectMissing } from '../../core/storage.ts';
import { testServers } from '../support/servers.ts';

const bucket = 'test-storage';
const settings = { ...testServers().s3, bucket, forcePathStyle: true };
const storage = createStorage(settings);
/** Somebody who has the bucket and no key. */
const s3 = new S3Client({ ...settings, credentials: settings });

const keys = createKeys({ kek: randomBytes(32), deployment: newDeploymentKeys() });
const keyOf = (accountId: string) => keys.open(keys.newDataKey(accountId, new Date(0))).objectsKey;
const anna = keyOf('anna');
const boris = keyOf('boris');
const video = { purpose: 'video' };
const name = () => `t/${randomBytes(16).toString('hex')}`;

async function atRest(Key: string): Promise<Buffer> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
  if (!Body) throw new Error('the object has no body');
  return Buffer.from(await Body.transformToByteArray());
}
const replace = (Key: string, Body: Buffer) =>
  s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body, ContentLength: Body.length }));

beforeAll(async () => {
  await storage.ensureBucket();
  for (const prefix of ['t/', 'many/', 'other/']) {
    for (let page = await storage.list(prefix); page.keys.length > 0; page = await storage.list(prefix))
      await storage.remove(page.keys);
  }
});
afterAll(() => {
  storage.close();
  s3.destroy();
});

describe('a stored object', () => {
  test.each([0, 1, 2 ** 20, 2 ** 20 + 1, 3 * 2 ** 20])('of %d bytes comes back as it was', async (size) => {
    const plain = randomBytes(size);
    const key = name();
    await storage.put(key, plain, anna, video);
    expect((await storage.get(key, anna, video)).equals(plain)).toBe(true);
  });

  test('is ciphertext only at rest, and another one each time', async () => {
    const plain = Buffer.from('a lighthouse in the rain '.repeat(100));
    const key = name();
    await storage.put(key, plain, anna, video);
    const first = await atRest(key);
    await storage.put(key, plain, anna, video);
    expect(first.includes('lighthouse')).toBe(false);
    expect(first.includes(anna)).toBe(false);
    expect((await atRest(key)).equals(first)).toBe(false);
  });

  test('does not open for another account', async () => {
    const key = name();
    await storage.put(key, Buffer.from('rain'), anna, video);
    await expect(storage.get(key, boris, video)).rejects.toThrow(Unreadable);
  });

  test('does not open as something else, or under another name', async () => {
    const [key, elsewhere] = [name(), name()];
    await storage.put(key, Buffer.from('rain'), anna, video);
    await replace(elsewhere, await atRest(key));
    await expect(storage.get(key, anna, { purpose: 'poster' })).rejects.toThrow(Unreadable);
    await expect(storage.get(elsewhere, anna, video)).rejects.toThrow(Unreadable);
  });

  test('does not open after a bit of it was flipped, anywhere', async () => {
    const key = name();
    await storage.put(key, Buffer.from('rain'), anna, video);
    const whole = await atRest(key);
    for (let i = 0; i < whole.length; i += 13) {
      const changed = Buffer.from(whole);
      changed.writeUInt8(changed.readUInt8(i) ^ 1, i);
      await replace(key, changed);
      await expect(storage.get(key, anna, video), `byte ${i}`).rejects.toThrow(Unreadable);
    }
  });

  test('does not open when it is cut or its frames change places', async () => {
    const [key, empty] = [name(), name()];
    await storage.put(key, randomBytes(2 * 2 ** 20 + 5), anna, video);
    await storage.put(empty, Buffer.alloc(0), anna, video);
    const whole = await atRest(key);
    // A frame has number, nonce, content and tag; the last one is marked and says its length.
    const frame = 4 + 12 + 2 ** 20 + 16;
    const header = (await atRest(empty)).length - (4 + 4 + 12 + 4 + 16);
    const part = (from: number, to: number) => whole.subarray(header + from * frame, header + to * frame);
    const end = whole.subarray(header + 2 * frame);
    const cuts = [0, 1, 100, header, header + frame, header + 2 * frame, whole.length - 1].map((at) => whole.subarray(0, at));
    const swapped = Buffer.concat([whole.subarray(0, header), part(1, 2), part(0, 1), end]);
    const dropped = Buffer.concat([whole.subarray(0, header), part(1, 2), end]);
    const repeated = Buffer.concat([whole.subarray(0, header), part(0, 1), part(0, 2), end]);
    for (const changed of [...cuts, swapped, dropped, repeated, Buffer.from('plain text')]) {
      await replace(key, changed);
      const outcome = storage.get(key, anna, video).then(
        () => 'opened',
        (error: unknown) => error,
      );
      expect(await outcome, `${changed.length} of ${whole.length} bytes`).toBeInstanceOf(Unreadable);
    }
  });

  test('is not changed by what somebody appends to it', async () => {
    const key = name();
    await storage.put(key, Buffer.from('rain'), anna, video);
    await replace(key, Buffer.concat([await atRest(key), Buffer.from('more')]));
    expect((await storage.get(key, anna, video)).toString()).toBe('rain');
  });

  test('is missing when it was never put, and after it was removed', async () => {
    const key = name();
    await expect(storage.get(key, anna, video)).rejects.toThrow(ObjectMissing);
    await storage.put(key, Buffer.from('rain'), anna, video);
    await storage.remove([key, name()]);
    await expect(storage.get(key, anna, video)).rejects.toThrow(ObjectMissing);
    await storage.remove([key]);
  });
});

describe('the bucket', () => {
  test('is made once, whoever asks and however often', async () => {
    await Promise.all([storage.ensureBucket(), storage.ensureBucket(), createStorage(settings).ensureBucket()]);
    const fresh = createStorage({ ...settings, bucket: `test-${randomBytes(8).toString('hex')}` });
    await Promise.all([fresh.ensureBucket(), fresh.ensureBucket()]);
    expect(await fresh.list('')).toEqual({ keys: [] });
    fresh.close();
  });

  test('lists names by prefix, page after page', async () => {
    const names = ['many/0', 'many/1', 'many/2'];
    for (const key of [...names, 'other/0']) await replace(key, Buffer.from('x'));
    const first = await storage.list('many/', undefined, 2);
    expect(first).toEqual({ keys: ['many/0', 'many/1'], next: 'many/1' });
    expect(await storage.list('many/', first.next, 2)).toEqual({ keys: ['many/2'] });
    expect(await storage.list('many/')).toEqual({ keys: names });
  });

  test('removes more names than S3 takes at once', async () => {
    const last = name();
    await replace(last, Buffer.from('x'));
    await storage.remove([...Array.from({ length: 1_000 }, name), last]);
    expect(await storage.list(last)).toEqual({ keys: [] });
  });

  test('does not answer to wrong keys, and that is not taken for a missing object', async () => {
    const stranger = createStorage({ ...settings, secretAccessKey: 'wrong' });
    await expect(stranger.get(name(), anna, video)).rejects.not.toThrow(ObjectMissing);
    stranger.close();
  });
});
