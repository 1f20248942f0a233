import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { prepareImage } from '../../core/media/images.ts';
import { byteNeedles, createCanaries, type Needle, pieceNeedles, textNeedles } from './canaries.ts';
import { type Deployment, openDeployment } from './deployment.ts';
import { openPlatforms, type Platforms } from './platforms.ts';
import { findings } from './scan.ts';
import { commandLines, filesBelow } from './stores.ts';
import { makePictures, sendForgeries, sendHints, tellEverything } from './story.ts';

let deployment: Deployment;
beforeAll(async () => {
  deployment = await openDeployment();
});
afterAll(() => deployment.close());

/** What can be known only afterwards: tokens, file ids, and the bytes of the pictures and videos. */
async function laterNeedles(
  { tokens, files, member, direct, ann, bob, group }: Platforms,
  pictures: Buffer[],
): Promise<Needle[]> {
  const shown = [member, direct, ann, bob, group].flatMap((person) => person.messages().flatMap((message) => message.files));
  const download = async ({ url }: { url: string }) => Buffer.from(await (await fetch(url)).arrayBuffer());
  const downloads = await Promise.all(shown.filter(({ kind }) => kind === 'video').map(download));
  const archives = await Promise.all(shown.filter(({ name }) => name.endsWith('.zip')).map(download));
  const prepared = await Promise.all(pictures.map(async (picture) => (await prepareImage(picture)).jpeg));
  expect(downloads.length).toBeGreaterThan(8);
  expect(archives).toHaveLength(2);
  expect(tokens.size).toBeGreaterThan(15);
  expect(files.size).toBeGreaterThan(5);
  return [
    ...[...tokens].flatMap((token) => textNeedles('token of an interaction', token)),
    ...[...files].flatMap((file) => textNeedles('file id', file)),
    ...pictures.flatMap((picture) => pieceNeedles('picture', picture)),
    ...prepared.flatMap((picture) => pieceNeedles('prepared picture', picture)),
    ...downloads.flatMap((video) => pieceNeedles('video', video)),
    ...archives.flatMap((archive) => pieceNeedles('archive', archive)),
  ];
}

test('nothing of a prompt, a name, an address, a picture or a token is in logs, Redis, command lines, or unencrypted in MongoDB, S3 or a file', async () => {
  const canaries = createCanaries();
  const platforms = await openPlatforms(canaries);
  const pictures = await makePictures(canaries);
  const product = await deployment.start(platforms);
  const { found, lines } = await deployment.watching(canaries.needles(), async () => {
    await tellEverything(platforms, canaries, pictures);
    await sendForgeries(platforms, canaries);
    const [, url = ''] = await product.said(/^Health: (\S+)\/health/m);
    expect((await sendHints(url, canaries)).filter((status) => status >= 500)).toEqual([]);
    await deployment.untilSettled();
  });
  expect((await product.stop()).code).toBe(0);

  const needles = [...canaries.needles(), ...(await laterNeedles(platforms, Object.values(pictures)))];
  const places = await deployment.places(product.output(), lines);
  expect(filesBelow(join(deployment.dataDir, 'work')).map(({ where }) => where)).toEqual([]);
  expect(readdirSync(deployment.tmpDir).filter((name) => !/^(tsx-|node-compile-cache)/.test(name))).toEqual([]);
  expect(found).toEqual([]);
  expect(await findings(places, [...needles, ...byteNeedles('master key', deployment.masterKey())])).toEqual([]);

  // All of it was there to be found.
  const wheres = places.map(({ where }) => where).join('\n');
  for (const kind of [
    'MongoDB lpm-ai.generations',
    'MongoDB lpm-ai.storedupdates',
    'S3 lpm-ai/videos/',
    'S3 lpm-ai/images/',
    'S3 lpm-ai/archives/',
    'MongoDB lpm-ai.consents',
    'MongoDB lpm-ai.privacyevents',
    'Redis ',
  ])
    expect(wheres).toContain(kind);
  for (const event of [
    'step failed',
    'submit may or may not',
    'delivery failed',
    'request failed',
    'declined',
    'poll_failed',
    'ignored',
    'webhook was refused',
    'a video is in the gallery',
    'erasure done',
  ])
    expect(product.output()).toContain(event);
  expect(lines.join('\n')).toContain('render.ts');
  expect(deployment.heardByFfmpeg()).toContain('libx264');
  expect(platforms.mail.messages().map(({ to }) => to)).toHaveLength(2);
}, 240_000);

test('the scan finds 7 of 7 planted leaks, one in each kind of place and each written in another way', async () => {
  const { word, needles } = createCanaries();
  const secret = word('Planted');
  const { root, tmpDir, stores } = deployment;
  const { connection, redis, s3 } = stores;
  const base64 = Buffer.from(`x${secret}`).toString('base64');
  const backwards = [...secret].reverse().join('');

  await redis.hset('planted:generate:1', 'data', JSON.stringify({ prompt: secret.toUpperCase() }));
  await redis.set('planted:gone', base64);
  await redis.del('planted:gone');
  await connection
    .useDb('planted')
    .collection('generations')
    .insertOne({ fault: Buffer.from(secret).toString('hex') });
  await s3.send(new CreateBucketCommand({ Bucket: 'planted' }));
  await s3.send(new PutObjectCommand({ Bucket: 'planted', Key: 'videos/1.mp4', Body: Buffer.from(secret, 'utf16le') }));
  writeFileSync(join(tmpDir, 'planted'), gzipSync(`a prompt: ${secret}`));
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', backwards], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'spawn');

  const found = await findings(
    [
      ...(await stores.read()),
      ...filesBelow(root),
      { where: 'logs', bytes: Buffer.from(`{"level":40,"error":"cannot make ${encodeURIComponent(`"${secret}"`)}"}`) },
      { where: 'command lines', bytes: Buffer.from(commandLines().join('\n')) },
    ],
    needles(),
  );
  const leaks = [
    ['logs', 'as it is'],
    ['Redis planted:generate:1', 'as it is'],
    [join(root, 'redis', 'appendonlydir'), 'base64'],
    ['MongoDB planted.generations', 'hex'],
    ['S3 planted/videos/1.mp4', 'UTF-16LE'],
    [join(tmpDir, 'planted, compressed'), 'as it is'],
    ['command lines', 'backwards'],
  ];
  const isFound = ([where = '', how]: string[]) =>
    found.some((line) => line.startsWith(where) && line.includes(`word, ${how} (`));
  expect(leaks.filter((leak) => !isFound(leak))).toEqual([]);
});
