import { randomBytes } from 'node:crypto';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { run } from '../../../workers/export.ts';
import { openStored, shareExports, storedOf, storeVideo } from '../../support/archives.ts';
import { testServers } from '../../support/servers.ts';
import { readArchiveZip } from '../../support/zip.ts';

const openExport = shareExports();

const MEBIBYTE = 2 ** 20;

test('a video whose stored bytes were changed, cut or removed never breaks the archive', async () => {
  const { app, account, ask, sends, sendings } = await openExport();
  const { s3: settings } = testServers();
  const s3 = new S3Client({ ...settings, credentials: settings, forcePathStyle: true });
  const Bucket = app.config.S3_BUCKET;
  const change = async (id: string, how: (stored: Buffer) => Buffer) => {
    const Key = `videos/${id}.mp4`;
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    const changed = how(Buffer.from((await Body?.transformToByteArray()) ?? []));
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: changed, ContentLength: changed.length }));
  };
  const whole = randomBytes(3 * MEBIBYTE + 5);
  for (const id of ['g1', 'g2', 'g3', 'g4', 'g5']) await storeVideo(app, account, id, whole);
  await change('g1', (stored) => {
    stored.writeUInt8(stored.readUInt8(2.5 * MEBIBYTE) ^ 1, 2.5 * MEBIBYTE);
    return stored;
  });
  await change('g2', (stored) => stored.subarray(0, 1.5 * MEBIBYTE));
  await change('g3', () => Buffer.from('nothing of ours'));
  await app.storage.remove(['videos/g4.mp4']);
  const id = await ask('all');
  await run(app, sends, id);
  s3.destroy();
  const { manifest, entries } = await readArchiveZip(await openStored(app, id));
  expect(manifest.missing.map(({ generation, reason }) => `${generation} ${reason}`)).toEqual([
    'g1 damaged',
    'g2 damaged',
    'g3 unreadable',
    'g4 missing',
  ]);
  const kept = manifest.files.filter(({ generation }) => generation);
  expect(kept.map(({ generation, bytes }) => `${generation} ${bytes}`)).toEqual([
    `g1 ${2 * MEBIBYTE}`,
    `g2 ${MEBIBYTE}`,
    `g5 ${whole.length}`,
  ]);
  for (const { path, bytes } of kept) expect(entries.get(path)?.bytes.equals(whole.subarray(0, bytes))).toBe(true);
  expect(await app.models.archives.findById(id).lean()).toMatchObject({ state: 'ready', files: { missing: 4 } });
  expect(sendings.at(-1)?.words).toContain('4 entries could not be read');
  expect(await storedOf(app, id)).toHaveLength(1);
});
