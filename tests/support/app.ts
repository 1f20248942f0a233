import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { type App, type Config, createApp, type Outside } from '../../core/app.ts';
import { readConfig } from '../../core/config.ts';
import type { Keks } from '../../core/keys.ts';
import type { Log } from '../../core/log.ts';
import { type Servers, testServers } from './servers.ts';

/** A log that keeps nothing; tests that read the log hand in their own. */
export const silence: Log = { info: () => {}, warn: () => {}, error: () => {} };

export const freshName = (): string => `t-${randomBytes(8).toString('hex')}`;

/** Settings of a deployment of its own on the test run's servers: database, key prefix and bucket are new. */
export function testEnvironment(settings: Record<string, string> = {}): Record<string, string> {
  const { mongo, redis, s3, ffmpeg } = testServers();
  const name = freshName();
  return {
    MONGODB_URI: mongo.uri,
    REDIS_URL: redis.url,
    S3_ENDPOINT: s3.endpoint,
    S3_REGION: s3.region,
    S3_ACCESS_KEY_ID: s3.accessKeyId,
    S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
    S3_BUCKET: name,
    NAME: name,
    FFMPEG_PATH: ffmpeg,
    DATA_DIR: mkdtempSync(join(tmpdir(), 'lpm-test-')),
    LOG_LEVEL: 'silent',
    ...settings,
  };
}

/** An app on the test run's servers, closed when the test has ended. The master key is a new one unless `own` names it. */
export async function openApp(
  outside: Outside = {},
  settings: Record<string, string> = {},
  own: Partial<Servers & Keks> = {},
): Promise<App> {
  const app = await createTestApp(outside, settings, own);
  onTestFinished(async () => {
    await app.close();
    await rm(app.config.DATA_DIR, { recursive: true, force: true });
  });
  return app;
}

/** One app for all tests of a file, opened when the first asks for it; the last file's goes with the process. */
export function keepApp(outside: () => Promise<Outside>, settings: Record<string, string> = {}): () => Promise<App> {
  const remove = ({ config }: App) => rmSync(config.DATA_DIR, { recursive: true, force: true });
  const open = async (before?: Promise<App>) => {
    await (await before)?.close();
    const app = await createTestApp(await outside(), settings);
    process.once('exit', () => remove(app));
    return app;
  };
  let kept: Promise<App> | undefined;
  let keptFor: string | undefined;
  return () => {
    const file = expect.getState().testPath;
    if (!kept || file !== keptFor) kept = open(kept);
    keptFor = file;
    return kept;
  };
}

async function createTestApp(
  outside: Outside,
  settings: Record<string, string>,
  own: Partial<Servers & Keks> = {},
): Promise<App> {
  const { mongo, redis, s3, ffmpeg, kek, oldKeks } = { kek: randomBytes(32), oldKeks: [], ...testServers(), ...own };
  const read = readConfig(testEnvironment(settings));
  const config: Config = { ...read, mongo, redis, s3, ffmpeg, kek, oldKeks, workDir: join(read.DATA_DIR, 'work') };
  return createApp(config, { log: silence, ...outside });
}
