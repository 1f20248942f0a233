import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { describeInspection, inspect } from '../../embedded/doctor.ts';
import { isNewEnough } from '../../embedded/ffmpeg.ts';
import { hostOf } from '../../embedded/reach.ts';
import { testServers } from '../support/servers.ts';

const dataDir = join(tmpdir(), 'never-made');
const lineOf = async (name: string, options: Parameters<typeof inspect>[0]) =>
  (await inspect(options)).find((line) => line.name === name);

test('says on one screen what is there, and makes nothing', async () => {
  const lines = await inspect({ dataDir, venvDir: '.data/venv', env: { PATH: process.env.PATH } });
  const text = describeInspection(lines);
  expect(lines.map(({ name }) => name)).toEqual([
    'Node',
    'Packages',
    'MongoDB',
    'Redis',
    'S3',
    'ffmpeg',
    'Data',
    'Discord',
    'Telegram',
  ]);
  expect(text).toContain('Nothing is missing.');
  expect(text).toContain(process.versions.node);
  expect(text).toContain('our own SecantusDB 0.7.0b3');
  expect(text.split('\n').length).toBeLessThan(24);
  expect(existsSync(dataDir)).toBe(false);
});

test('says whether a token is set and never which', async () => {
  const text = describeInspection(await inspect({ dataDir, env: { DISCORD_TOKEN: 'hidden-token', PATH: '' } }));
  expect(text).toContain('DISCORD_TOKEN is set');
  expect(text).toContain('TELEGRAM_TOKEN is not set');
  expect(text).not.toContain('hidden');
});

test('a machine without Python and without addresses is told how to get either', async () => {
  const lines = await inspect({ dataDir, env: { PATH: '' } });
  const missing = lines.filter((line) => line.state === 'missing');
  expect(missing.map(({ name }) => name)).toEqual(['Packages', 'MongoDB', 'Redis', 'S3', 'ffmpeg']);
  expect(missing.map(({ remedy }) => remedy).join()).toMatch(/python3-venv.*MONGODB_URI.*REDIS_URL.*S3_ENDPOINT.*FFMPEG_PATH/);
});

test('an address of the environment is tried, and shown without its password', async () => {
  const { redis } = testServers();
  const there = await lineOf('Redis', { dataDir, env: { REDIS_URL: redis.url } });
  expect(there).toMatchObject({ state: 'ok', found: `the address in REDIS_URL (${new URL(redis.url).host}) answers` });
  const gone = await lineOf('Redis', { dataDir, env: { REDIS_URL: 'redis://:hidden@127.0.0.1:1' } });
  expect(gone).toMatchObject({ state: 'missing', remedy: 'correct or unset REDIS_URL' });
  expect(JSON.stringify(gone)).not.toContain('hidden');
});

test('with every address given no package is needed', async () => {
  const { mongo, redis, s3, ffmpeg } = testServers();
  const env = { PATH: '', MONGODB_URI: mongo.uri, REDIS_URL: redis.url, S3_ENDPOINT: s3.endpoint, FFMPEG_PATH: ffmpeg };
  expect((await inspect({ dataDir, env })).filter((line) => line.state === 'missing')).toEqual([]);
});

test('an ffmpeg on the PATH counts from version 5.1', async () => {
  const bin = mkdtempSync(join(tmpdir(), 'bin-'));
  onTestFinished(() => rmSync(bin, { recursive: true }));
  const ffmpegSays = (version: string) => {
    writeFileSync(
      join(bin, 'ffmpeg'),
      `#!/bin/sh\necho "ffmpeg version ${version} Copyright (c) 2000-2026 the FFmpeg developers"\n`,
    );
    chmodSync(join(bin, 'ffmpeg'), 0o755);
    return lineOf('ffmpeg', { dataDir, venvDir: resolve('.data/venv'), env: { PATH: bin } });
  };
  expect(await ffmpegSays('5.1.6-0+deb12u1')).toMatchObject({ found: expect.stringContaining('5.1.6-0+deb12u1 from PATH') });
  expect(await ffmpegSays('4.4.2')).toMatchObject({ found: expect.stringContaining('the pinned package') });
});

test.each([
  ['5.1', true],
  ['5.0.3', false],
  ['10.0', true],
  ['n7.1-5-gabc', true],
  ['N-118000-gabcdef', true],
  ['4.4.2-0ubuntu0.22.04.1', false],
])('ffmpeg %s: new enough is %s', (version, enough) => {
  expect(isNewEnough(version)).toBe(enough);
});

test.each([
  ['mongodb://a:b@db.example:27018,other:1/name?x=y', { host: 'db.example', port: 27_018 }],
  ['mongodb://db.example/name', { host: 'db.example', port: 27_017 }],
  ['mongodb+srv://a:b@db.example/', undefined],
  ['rediss://:p@cache.example', { host: 'cache.example', port: 6379 }],
  ['http://[::1]:9000', { host: '::1', port: 9000 }],
])('the host of %s', (address, at) => {
  expect(hostOf(address)).toEqual(at);
});
