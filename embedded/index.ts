import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Environment } from './environment.ts';
import { type Ffmpeg, findFfmpeg, packagedFfmpeg } from './ffmpeg.ts';
import { givenAddresses, SETTINGS } from './given.ts';
import { install } from './install.ts';
import { type Lock, tryLock } from './lock.ts';
import type { Mongo } from './mongo.ts';
import type { Redis } from './redis.ts';
import type { S3 } from './s3.ts';
import { type Server, type Started, startServers } from './start.ts';

export type { Environment } from './environment.ts';
export type { Mongo } from './mongo.ts';
export type { Redis } from './redis.ts';
export type { S3 } from './s3.ts';

/** One of the things a fresh machine lacks. */
export type Part = Server | 'ffmpeg';

export interface EmbeddedOptions {
  /** Where data, logs and packages live. Only one process at a time may use it. */
  dataDir: string;
  env: Environment;
  /** Receives one line for each thing found, fetched, started or started again. */
  say(line: string): void;
  /** Where the packages are installed: `venv` under dataDir by default. May be shared. */
  venvDir?: string;
}

export interface Embedded {
  mongo: Mongo;
  redis: Redis;
  s3: S3;
  /** The program to run. */
  ffmpeg: string;
  /** Stops what was started, in about a second. May be called twice. */
  close(): Promise<void>;
}

const SERVERS: readonly Server[] = ['mongo', 'redis', 's3'];
const PARTS: readonly Part[] = [...SERVERS, 'ffmpeg'];

/**
 * What the product needs around it: taken from the environment where it names an address, else fetched and started here.
 * Resolves when all of it answers. Throws one sentence with the step that failed, the reason and the way out.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded>;
/** Only the named parts. */
export async function startEmbedded<Wanted extends Part>(
  options: EmbeddedOptions & { servers: readonly Wanted[] },
): Promise<Pick<Embedded, Wanted | 'close'>>;
export async function startEmbedded(options: EmbeddedOptions & { servers?: readonly Part[] }): Promise<Partial<Embedded>> {
  const { env, say, servers = PARTS } = options;
  const given = givenAddresses(env);
  for (const server of SERVERS)
    if (given[server] && servers.includes(server)) say(`${TITLES[server]}: the one ${SETTINGS[server]} names`);
  const found = servers.includes('ffmpeg') ? await findFfmpeg(env) : undefined;
  const missing = PARTS.filter((part) => servers.includes(part) && (part === 'ffmpeg' ? !found : !given[part]));
  const { started, packaged, close } = missing.length > 0 ? await provide(missing, options) : NOTHING;
  const ffmpeg = found ?? packaged;
  if (ffmpeg)
    say(
      `ffmpeg: ${ffmpeg.path} (${ffmpeg.version}, ${ffmpeg.from === 'package' ? 'the pinned package' : `from ${ffmpeg.from}`})`,
    );
  const { stop: _, ...addresses } = started;
  return { ...given, ...addresses, ...(ffmpeg && { ffmpeg: ffmpeg.path }), close };
}

interface Provided {
  started: Partial<Started>;
  packaged?: Ffmpeg;
  close(): Promise<void>;
}

const TITLES = { mongo: 'MongoDB', redis: 'Redis', s3: 'S3', ffmpeg: 'ffmpeg' } as const;
const NOTHING: Provided = { started: {}, close: async () => {} };

async function provide(
  missing: readonly Part[],
  { dataDir: directory, venvDir: given, env, say }: EmbeddedOptions,
): Promise<Provided> {
  const dataDir = resolve(directory);
  const venvDir = resolve(given ?? join(dataDir, 'venv'));
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const lock = await lockOf(dataDir);
  try {
    await install({ venvDir, env, say });
    const servers = SERVERS.filter((server) => missing.includes(server));
    const packaged = missing.includes('ffmpeg') ? await packagedFfmpeg(venvDir, env) : undefined;
    const started = await startServers(servers, { dataDir, venvDir, say });
    let closing: Promise<void> | undefined;
    const close = () => {
      closing ??= started.stop().then(() => lock.release());
      return closing;
    };
    return { started, ...(packaged && { packaged }), close };
  } catch (error) {
    await lock.release();
    throw new Error(
      `${missing.map((part) => TITLES[part]).join(', ')} could not be started: ${reasonOf(error)}\n${wayOut(missing)}`,
      {
        cause: error,
      },
    );
  }
}

async function lockOf(dataDir: string): Promise<Lock> {
  const lock = await tryLock(join(dataDir, 'lock'));
  if ('release' in lock) return lock;
  throw new Error(`${dataDir} is in use by process ${lock.heldBy}: stop that one, or give this one a data directory of its own`);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function wayOut(missing: readonly Part[]): string {
  const settings = missing.map((part) => SETTINGS[part]).join(', ');
  return `Way out: mend that and start again, or use ones you have: set ${settings}.`;
}
