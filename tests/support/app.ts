import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
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
  onTestFinished(() => discard(app));
  return app;
}

/** One app for all tests of the file that calls this: it opens before the first and closes behind the last. */
export function shareApp(outside: () => Promise<Outside> | Outside, settings: Record<string, string> = {}): () => App {
  let shared: App | undefined;
  beforeAll(async () => {
    shared = await createTestApp(await outside(), settings);
  });
  afterAll(async () => {
    if (shared) await discard(shared);
  });
  return () => {
    if (!shared) throw new Error('the app is not open yet');
    return shared;
  };
}

/** Closes an app and removes what it has in files. */
export async function discard(app: App): Promise<void> {
  await app.close();
  await rm(app.config.DATA_DIR, { recursive: true, force: true });
}

/** An app on the test run's servers, for whoever discards it. */
export async function createTestApp(
  outside: Outside,
  settings: Record<string, string> = {},
  own: Partial<Servers & Keks> = {},
): Promise<App> {
  const { mongo, redis, s3, ffmpeg, kek, oldKeks } = { kek: randomBytes(32), oldKeks: [], ...testServers(), ...own };
  const read = readConfig(testEnvironment(settings));
  const config: Config = { ...read, mongo, redis, s3, ffmpeg, kek, oldKeks, workDir: join(read.DATA_DIR, 'work') };
  return createApp(config, { log: silence, ...outside });
}
