import { createHash, randomUUID } from 'node:crypto';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testServers } from '../support/servers.ts';

const Bucket = `contract-${randomUUID()}`;
const clientWith = ({ secretAccessKey }: { secretAccessKey: string }) => {
  const { endpoint, region, accessKeyId } = testServers().s3;
  return new S3Client({ endpoint, region, credentials: { accessKeyId, secretAccessKey }, forcePathStyle: true });
};
const s3 = clientWith(testServers().s3);
const put = (Key: string, Body: Buffer) => s3.send(new PutObjectCommand({ Bucket, Key, Body }));

beforeAll(async () => {
  await s3.send(new CreateBucketCommand({ Bucket }));
});

afterAll(() => s3.destroy());

test('gives back the bytes, the type and the length that were put', async () => {
  const body = Buffer.alloc(6_000_000, 'video');
  await s3.send(new PutObjectCommand({ Bucket, Key: 'a/1', Body: body, ContentType: 'video/mp4', Metadata: { marked: 'yes' } }));
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'a/1' }));
  expect(head).toMatchObject({ ContentLength: body.length, ContentType: 'video/mp4', Metadata: { marked: 'yes' } });
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'a/1' }));
  expect(body.equals((await got.Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(true);
});

test('gives part of an object', async () => {
  await put('part', Buffer.from('0123456789'));
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'part', Range: 'bytes=2-4' }));
  expect(got.$metadata.httpStatusCode).toBe(206);
  expect(await got.Body?.transformToString()).toBe('234');
});

test('keeps a right checksum and refuses a wrong one', async () => {
  const right = createHash('sha256').update('abc').digest('base64');
  const kept = await s3.send(new PutObjectCommand({ Bucket, Key: 'sum', Body: 'abc', ChecksumSHA256: right }));
  expect(kept.ChecksumSHA256).toBe(right);
  const wrong = Buffer.alloc(32).toString('base64');
  await expect(s3.send(new PutObjectCommand({ Bucket, Key: 'bad', Body: 'abc', ChecksumSHA256: wrong }))).rejects.toThrow();
  await expect(s3.send(new HeadObjectCommand({ Bucket, Key: 'bad' }))).rejects.toMatchObject({ name: 'NotFound' });
});

test('says that an object, or a bucket, is not there', async () => {
  await expect(s3.send(new GetObjectCommand({ Bucket, Key: 'none' }))).rejects.toMatchObject({ name: 'NoSuchKey' });
  await expect(s3.send(new HeadBucketCommand({ Bucket: randomUUID() }))).rejects.toMatchObject({ name: 'NotFound' });
});

test('a deleted object is gone, and deleting it again is no error', async () => {
  await put('gone', Buffer.from('x'));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'gone' }));
  await expect(s3.send(new GetObjectCommand({ Bucket, Key: 'gone' }))).rejects.toMatchObject({ name: 'NoSuchKey' });
  await expect(s3.send(new DeleteObjectCommand({ Bucket, Key: 'gone' }))).resolves.toBeDefined();
});

test('lists by prefix in pages and deletes many at once', async () => {
  const keys = Array.from({ length: 12 }, (_, n) => `p/${String(n).padStart(2, '0')}`);
  await Promise.all(keys.map((key) => put(key, Buffer.from('x'))));
  const listed: (string | undefined)[] = [];
  let after: string | undefined;
  do {
    const page = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'p/', MaxKeys: 5, StartAfter: after }));
    listed.push(...(page.Contents ?? []).map(({ Key }) => Key));
    after = page.IsTruncated ? listed.at(-1) : undefined;
  } while (after);
  expect(listed).toEqual(keys);
  const removed = await s3.send(
    new DeleteObjectsCommand({ Bucket, Delete: { Objects: keys.map((Key) => ({ Key })), Quiet: true } }),
  );
  expect(removed.Errors ?? []).toEqual([]);
  expect((await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'p/' }))).KeyCount).toBe(0);
});

test('lets in nobody with a wrong key', async () => {
  const stranger = clientWith({ secretAccessKey: 'wrong' });
  await put('secret', Buffer.from('x'));
  await expect(stranger.send(new GetObjectCommand({ Bucket, Key: 'secret' }))).rejects.toMatchObject({
    name: 'SignatureDoesNotMatch',
  });
  stranger.destroy();
  expect((await fetch(`${testServers().s3.endpoint}/${Bucket}/secret`)).status).toBe(403);
});
