import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startEmbedded } from '../../embedded/index.ts';
import { commandOf, startOf } from '../../embedded/processes.ts';
import { testServers } from '../support/servers.ts';
import { openStored } from './stored.ts';

const venvDir = resolve('.data/venv');
const SERVERS = ['mongo', 'redis', 's3'] as const;

function directory(): string {
  const made = mkdtempSync(join(tmpdir(), 'embedded-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

function listener() {
  const lines: string[] = [];
  return { lines, say: (line: string) => void lines.push(line) };
}

test('takes every address the environment gives, and then needs no data directory and no Python', async () => {
  const { mongo, redis, s3, ffmpeg } = testServers();
  const dataDir = join(directory(), 'never-made');
  const { lines, say } = listener();
  const env = {
    MONGODB_URI: mongo.uri,
    REDIS_URL: redis.url,
    S3_ENDPOINT: s3.endpoint,
    S3_REGION: s3.region,
    S3_ACCESS_KEY_ID: s3.accessKeyId,
    S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
    FFMPEG_PATH: ffmpeg,
  };
  const { close, ...found } = await startEmbedded({ dataDir, env, say });
  await close();
  expect(found).toEqual({ mongo, redis, s3, ffmpeg });
  expect(existsSync(dataDir)).toBe(false);
  expect(lines.map((line) => line.split(':')[0])).toEqual(['MongoDB', 'Redis', 'S3', 'ffmpeg']);
  expect(lines.join()).not.toContain(s3.secretAccessKey);
  expect(lines.join()).not.toContain(new URL(redis.url).password);
});

test('starts only what has no address, and its data outlives a stop', async () => {
  const dataDir = directory();
  const { lines, say } = listener();
  const first = await startEmbedded({ dataDir, venvDir, env: { PATH: '' }, say });
  expect(lines.map((line) => line.split(':')[0]).toSorted()).toEqual(['MongoDB', 'Redis', 'S3', 'ffmpeg']);
  const stored = await openStored(first);
  for (const server of SERVERS) await stored[server].put('kept');
  await stored.close();
  await first.close();
  await first.close();
  for (const server of SERVERS)
    expect(startOf(Number(readFileSync(join(dataDir, 'run', `${server}.pid`), 'utf8')))).toBeUndefined();

  const second = await startEmbedded({ dataDir, venvDir, env: { PATH: '' }, say });
  onTestFinished(() => second.close());
  expect(second.s3.secretAccessKey).toBe(first.s3.secretAccessKey);
  const again = await openStored(second);
  onTestFinished(() => again.close());
  for (const server of SERVERS) await again[server].put('later');
  for (const server of SERVERS)
    expect([await again[server].has('kept'), await again[server].has('later')], server).toEqual([true, true]);
});

test('keeps its credentials from other users of the machine, also on the command line', async () => {
  const dataDir = directory();
  const { close, redis, s3 } = await startEmbedded({ dataDir, venvDir, env: {}, say: () => {}, servers: ['redis', 's3'] });
  onTestFinished(close);
  for (const file of ['credentials', 'run/valkey.conf', 'run/s3.json'])
    expect(statSync(join(dataDir, file)).mode & 0o077, file).toBe(0);
  for (const server of ['redis', 's3']) {
    const command = commandOf(Number(readFileSync(join(dataDir, 'run', `${server}.pid`), 'utf8')));
    expect(command).toContain(dataDir);
    expect(command).not.toContain(new URL(redis.url).password);
    expect(command).not.toContain(s3.secretAccessKey);
  }
});

test('refuses an S3 address without its keys', async () => {
  const started = startEmbedded({ dataDir: 'unused', env: { S3_ENDPOINT: 'http://127.0.0.1:1' }, say: () => {} });
  await expect(started).rejects.toThrow('set S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY too');
});

test('a server that does not start stops the others and frees the data directory', async () => {
  const dataDir = directory();
  const { close } = await startEmbedded({ dataDir, venvDir, env: {}, say: () => {}, servers: ['redis'] });
  await close();
  const appended = join(dataDir, 'redis', 'appendonlydir', 'appendonly.aof.manifest');
  const manifest = readFileSync(appended);
  writeFileSync(appended, 'damaged');
  const broken = startEmbedded({ dataDir, venvDir, env: {}, say: () => {}, servers: ['redis', 'mongo'] });
  await expect(broken).rejects.toThrow(
    /MongoDB, Redis could not be started: Redis did not start\.[\s\S]*Way out: .*MONGODB_URI, REDIS_URL/,
  );
  expect(startOf(Number(readFileSync(join(dataDir, 'run', 'mongo.pid'), 'utf8')))).toBeUndefined();
  writeFileSync(appended, manifest);
  const mended = await startEmbedded({ dataDir, venvDir, env: {}, say: () => {}, servers: ['redis'] });
  await mended.close();
});
