import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, inject, onTestFinished, test, vi } from 'vitest';
import { prepareImage } from '../../core/media/images.ts';
import { startEmbedded } from '../../embedded/index.ts';
import { type ProductProcess, startProductProcess } from '../support/product-process.ts';
import { byteNeedles, createCanaries, type Needle, pieceNeedles, textNeedles } from './canaries.ts';
import { openPlatforms, type Platforms } from './platforms.ts';
import { findings } from './scan.ts';
import { type Addresses, commandLines, filesBelow, openStores } from './stores.ts';
import { makePictures, sendForgeries, tellEverything } from './story.ts';

/** Everything of this test on disk: the servers' data and logs, the product's folder, the folder for temporary files. */
const root = mkdtempSync(join(tmpdir(), 'lpm-canaries-'));
const DATA_DIR = join(root, 'product');
const TMPDIR = join(root, 'tmp');
const KEY_FILE = join(DATA_DIR, 'master.key');

let servers: Addresses & { close(): Promise<void> };
let stores: Awaited<ReturnType<typeof openStores>>;

beforeAll(async () => {
  for (const folder of [DATA_DIR, TMPDIR]) mkdirSync(folder);
  servers = await startEmbedded({
    dataDir: root,
    venvDir: resolve('.data/venv'),
    env: { PATH: process.env.PATH },
    say: () => {},
    servers: ['mongo', 'redis', 's3'],
  });
  stores = await openStores(servers);
});
afterAll(async () => {
  await stores.close();
  await servers.close();
  rmSync(root, { recursive: true });
});

/** An ffmpeg that writes down what everybody may see of it, its environment and its command line, before it does its work. */
function talkativeFfmpeg(): string {
  const path = join(root, 'ffmpeg');
  const script = [
    '#!/bin/sh',
    `{ /usr/bin/env; printf '%s\\n' "$@"; } >>'${path}.heard'`,
    `exec '${inject('servers').ffmpeg}' "$@"`,
  ];
  writeFileSync(path, `${script.join('\n')}\n`);
  chmodSync(path, 0o755);
  return path;
}

const startProduct = (platforms: Platforms): Promise<ProductProcess> =>
  startProductProcess(
    {
      ...platforms.settings,
      DATA_DIR,
      TMPDIR,
      MONGODB_URI: servers.mongo.uri,
      REDIS_URL: servers.redis.url,
      S3_ENDPOINT: servers.s3.endpoint,
      S3_REGION: servers.s3.region,
      S3_ACCESS_KEY_ID: servers.s3.accessKeyId,
      S3_SECRET_ACCESS_KEY: servers.s3.secretAccessKey,
      FFMPEG_PATH: talkativeFfmpeg(),
      LOG_LEVEL: 'trace',
    },
    'tests/privacy/product.ts',
  );

/** Looks again and again, while `work` is under way, at what is there only for a moment. */
async function watching(needles: readonly Needle[], work: () => Promise<void>): Promise<{ found: string[]; lines: string[] }> {
  const found = new Set<string>();
  const lines = new Set<string>();
  let over = false;
  const look = async () => {
    for (const line of commandLines()) lines.add(line);
    const places = [...(await stores.readPassing()), ...filesBelow(DATA_DIR), ...filesBelow(TMPDIR)];
    for (const finding of await findings(places, needles)) found.add(finding);
    return over;
  };
  const looking = vi.waitUntil(look, { timeout: 200_000, interval: 400 });
  try {
    await work();
  } finally {
    over = true;
    await looking;
  }
  return { found: [...found], lines: [...lines] };
}

/** Resolves when nothing is left to be done: what waits for another try would not be where it ends up. */
async function untilSettled(): Promise<void> {
  const db = stores.connection.useDb('lpm-ai');
  const isSettled = async () => {
    const due = { dueAt: { $exists: true } };
    const open = [db.collection('generations').countDocuments(due), db.collection('storedupdates').countDocuments(due)];
    return (await Promise.all(open)).every((number) => number === 0);
  };
  await vi.waitUntil(isSettled, { timeout: 60_000, interval: 100 });
}

/** What can be known only afterwards: tokens, file ids, and the bytes of the pictures and videos. */
async function laterNeedles(
  { tokens, files, member, direct, ann, bob, group }: Platforms,
  pictures: Buffer[],
): Promise<Needle[]> {
  const shown = [member, direct, ann, bob, group].flatMap((person) => person.messages().flatMap((message) => message.files));
  const videos = shown.filter(({ kind }) => kind === 'video');
  const downloads = await Promise.all(videos.map(async ({ url }) => Buffer.from(await (await fetch(url)).arrayBuffer())));
  const prepared = await Promise.all(pictures.map(async (picture) => (await prepareImage(picture)).jpeg));
  expect(downloads.length).toBeGreaterThan(8);
  expect(tokens.size).toBeGreaterThan(15);
  expect(files.size).toBeGreaterThan(5);
  return [
    ...[...tokens].flatMap((token) => textNeedles('token of an interaction', token)),
    ...[...files].flatMap((file) => textNeedles('file id', file)),
    ...pictures.flatMap((picture) => pieceNeedles('picture', picture)),
    ...prepared.flatMap((picture) => pieceNeedles('prepared picture', picture)),
    ...downloads.flatMap((video) => pieceNeedles('video', video)),
  ];
}

test('nothing of a prompt, a name, a picture or a token is in logs, Redis, command lines, or unencrypted in MongoDB, S3 or a file', async () => {
  const canaries = createCanaries();
  const platforms = await openPlatforms(canaries);
  const pictures = await makePictures(canaries);
  const product = await startProduct(platforms);
  const { found, lines } = await watching(canaries.needles(), async () => {
    await tellEverything(platforms, canaries, pictures);
    await sendForgeries(platforms, canaries);
    await untilSettled();
  });
  expect((await product.stop()).code).toBe(0);

  const needles = [...canaries.needles(), ...(await laterNeedles(platforms, Object.values(pictures)))];
  const masterKey = byteNeedles('master key', Buffer.from(readFileSync(KEY_FILE, 'utf8'), 'base64'));
  const places = [
    ...(await stores.read()),
    ...filesBelow(root).filter(({ where }) => where !== KEY_FILE),
    { where: 'logs', bytes: Buffer.from(product.output()) },
    { where: 'command lines', bytes: Buffer.from(lines.join('\n')) },
  ];
  expect(filesBelow(join(DATA_DIR, 'work')).map(({ where }) => where)).toEqual([]);
  expect(readdirSync(TMPDIR).filter((name) => !/^(tsx-|node-compile-cache)/.test(name))).toEqual([]);
  expect(found).toEqual([]);
  expect(await findings(places, [...needles, ...masterKey])).toEqual([]);

  // All of it was there to be found.
  const wheres = places.map(({ where }) => where).join('\n');
  for (const kind of [
    'MongoDB lpm-ai.generations',
    'MongoDB lpm-ai.storedupdates',
    'S3 lpm-ai/videos/',
    'S3 lpm-ai/images/',
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
  ])
    expect(product.output()).toContain(event);
  expect(lines.join('\n')).toContain('render.ts');
  expect(readFileSync(join(root, 'ffmpeg.heard'), 'utf8')).toContain('libx264');
}, 240_000);

test('the scan finds 7 of 7 planted leaks, one in each kind of place and each written in another way', async () => {
  const { word, needles } = createCanaries();
  const secret = word('Planted');
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
  writeFileSync(join(TMPDIR, 'planted'), gzipSync(`a prompt: ${secret}`));
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
    [join(TMPDIR, 'planted, compressed'), 'as it is'],
    ['command lines', 'backwards'],
  ];
  const isFound = ([where = '', how]: string[]) =>
    found.some((line) => line.startsWith(where) && line.includes(`word, ${how} (`));
  expect(leaks.filter((leak) => !isFound(leak))).toEqual([]);
});
