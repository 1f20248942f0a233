import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { vi } from 'vitest';
import { startEmbedded } from '../../embedded/index.ts';
import { type ProductProcess, startProductProcess } from '../support/product-process.ts';
import { testServers } from '../support/servers.ts';
import type { Needle } from './canaries.ts';
import type { Platforms } from './platforms.ts';
import { findings, type Place } from './scan.ts';
import { commandLines, filesBelow, openStores } from './stores.ts';

export type Deployment = Awaited<ReturnType<typeof openDeployment>>;

const SETTLED_MS = 60_000;

/** Servers and folders of their own for one file of tests: everything that it leaves on disk lies below `root`. */
export async function openDeployment() {
  const root = mkdtempSync(join(tmpdir(), 'lpm-canaries-'));
  const dataDir = join(root, 'product');
  const tmpDir = join(root, 'tmp');
  const keyFile = join(dataDir, 'master.key');
  const heard = join(root, 'ffmpeg.heard');
  for (const folder of [dataDir, tmpDir]) mkdirSync(folder);
  const servers = await startEmbedded({
    dataDir: root,
    venvDir: resolve('.data/venv'),
    env: { PATH: process.env.PATH },
    say: () => {},
    servers: ['mongo', 'redis', 's3'],
  });
  const stores = await openStores(servers);
  const database = stores.connection.useDb('lpm-ai');

  const start = (platforms: Platforms): Promise<ProductProcess> =>
    startProductProcess(
      {
        ...platforms.settings,
        DATA_DIR: dataDir,
        TMPDIR: tmpDir,
        MONGODB_URI: servers.mongo.uri,
        REDIS_URL: servers.redis.url,
        S3_ENDPOINT: servers.s3.endpoint,
        S3_REGION: servers.s3.region,
        S3_ACCESS_KEY_ID: servers.s3.accessKeyId,
        S3_SECRET_ACCESS_KEY: servers.s3.secretAccessKey,
        FFMPEG_PATH: talkativeFfmpeg(root, heard),
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
      const places = [...(await stores.readPassing()), ...filesBelow(dataDir), ...filesBelow(tmpDir)];
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
    const due = { dueAt: { $exists: true } };
    const isSettled = async () => {
      const open = ['generations', 'storedupdates', 'galleryitems'].map((name) => database.collection(name).countDocuments(due));
      return (await Promise.all(open)).every((number) => number === 0);
    };
    await vi.waitUntil(isSettled, { timeout: SETTLED_MS, interval: 100 });
  }

  return {
    root,
    dataDir,
    tmpDir,
    keyFile,
    stores,
    /** The product's own. */
    database,
    start,
    watching,
    untilSettled,

    /** Lets some minutes pass for a running product, and resolves when it has noticed. */
    async passMinutes(product: ProductProcess): Promise<void> {
      const times = product.output().split('Minutes have passed').length;
      process.kill(product.pid, 'SIGUSR2');
      await vi.waitUntil(() => product.output().split('Minutes have passed').length > times, { timeout: 10_000 });
    },

    /** Everything that is anywhere, but for the file of the master key. */
    places: async (output: string, lines: readonly string[]): Promise<Place[]> => [
      ...(await stores.read()),
      ...filesBelow(root).filter(({ where }) => where !== keyFile),
      { where: 'logs', bytes: Buffer.from(output) },
      { where: 'command lines', bytes: Buffer.from(lines.join('\n')) },
    ],

    masterKey: (): Buffer => Buffer.from(readFileSync(keyFile, 'utf8'), 'base64'),
    heardByFfmpeg: (): string => readFileSync(heard, 'utf8'),

    async close(): Promise<void> {
      await stores.close();
      await servers.close();
      rmSync(root, { recursive: true });
    },
  };
}

/** An ffmpeg that writes down what everybody may see of it, its environment and its command line, before it does its work. */
function talkativeFfmpeg(root: string, heard: string): string {
  const path = join(root, 'ffmpeg');
  const script = ['#!/bin/sh', `{ /usr/bin/env; printf '%s\\n' "$@"; } >>'${heard}'`, `exec '${testServers().ffmpeg}' "$@"`];
  writeFileSync(path, `${script.join('\n')}\n`);
  chmodSync(path, 0o755);
  return path;
}
