import { mkdir, mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startEmbedded } from '../embedded/index.ts';
import { buildSides, FLAGS, runSide } from './export/children.ts';
import type { Measured } from './export/measured.ts';
import { describeLoad, describeMachine } from './machine.ts';

const isSmall = process.argv.includes('--small');
const VIDEOS = isSmall ? 6 : 60;
const VIDEO_BYTES = 100 * 2 ** 20;
/** The person's objects, the archive, the bare ZIP, and what the store has not given back yet. */
const FREE_BYTES = isSmall ? 4e9 : 20e9;
const LONGEST_MS = 600_000;
/** As a part of the bare pipe's speed. */
const SPEED_BOUND = 0.5;
const PEAK_BOUND = 200e6;

const say = (line: string) => void process.stdout.write(`${line}\n`);
const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(2)} GB`;

process.exitCode = (await measure(AbortSignal.timeout(LONGEST_MS))) ? 0 : 1;

/** Does an export keep up with a bare pipe from S3 into a ZIP, in constant memory? Resolves with whether both bounds hold. */
async function measure(end: AbortSignal): Promise<boolean> {
  const dataDir = await mkdtemp(join(tmpdir(), 'lpm-bench-'));
  const opened: (() => Promise<unknown>)[] = [() => rm(dataDir, { recursive: true, force: true })];
  try {
    const { bavail, bsize } = await statfs(dataDir);
    if (bavail * bsize < FREE_BYTES)
      throw new Error(`${tmpdir()} has ${gigabytes(bavail * bsize)} free and ${gigabytes(FREE_BYTES)} are needed`);
    const settings = await startServers(dataDir, opened);
    const fileOf = await buildSides(join(dataDir, 'built'));
    say(`machine ${describeMachine()}; ${describeLoad()} before`);
    say(`${VIDEOS} videos of 100 MiB; each side a process of its own, of built JavaScript: node ${FLAGS.join(' ')}`);
    const wanted = { BENCH_VIDEOS: String(VIDEOS), BENCH_VIDEO_BYTES: String(VIDEO_BYTES) };
    say(describe('encrypted and stored', await runSide(fileOf('seed'), { ...settings, ...wanted }, end)));
    const pipe = await runSide(fileOf('pipe'), settings, end);
    say(describe('bare S3-to-ZIP pipe', pipe));
    const product = await runSide(fileOf('product'), settings, end);
    say(describe('export', product));
    say(`${describeLoad()} after`);
    return judge(pipe, product);
  } finally {
    for (const close of opened.reverse()) await close();
  }
}

async function startServers(dataDir: string, opened: (() => Promise<unknown>)[]): Promise<Record<string, string>> {
  const env = { ...process.env, MONGODB_URI: '', REDIS_URL: '', S3_ENDPOINT: '' };
  const home = join(dataDir, 'servers');
  await mkdir(home);
  const { mongo, redis, s3, ffmpeg, close } = await startEmbedded({
    dataDir: home,
    venvDir: resolve('.data', 'venv'),
    env,
    say: () => {},
  });
  opened.push(close);
  return {
    MONGODB_URI: mongo.uri,
    REDIS_URL: redis.url,
    S3_ENDPOINT: s3.endpoint,
    S3_REGION: s3.region,
    S3_ACCESS_KEY_ID: s3.accessKeyId,
    S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
    FFMPEG_PATH: ffmpeg,
    DATA_DIR: dataDir,
    NAME: 'bench',
    LOG_LEVEL: 'error',
    S3_BUCKET: 'bench',
  };
}

function speedOf({ bytes, milliseconds }: Measured): number {
  return bytes / 1e6 / (milliseconds / 1_000);
}

function describe(name: string, measured: Measured): string {
  return `${name.padEnd(20)} ${gigabytes(measured.bytes)} in ${(measured.milliseconds / 1_000).toFixed(1)} s, ${speedOf(measured).toFixed(0)} MB/s, peak memory ${(measured.peak / 1e6).toFixed(0)} MB`;
}

function judge(pipe: Measured, product: Measured): boolean {
  if (product.bytes < VIDEOS * VIDEO_BYTES) throw new Error('the export is smaller than the videos in it');
  const ratio = speedOf(product) / speedOf(pipe);
  const [isFast, isSmallEnough] = [ratio >= SPEED_BOUND, product.peak < PEAK_BOUND];
  say(`speed beside the pipe's ${ratio.toFixed(2)} (bound ${SPEED_BOUND}) ${isFast ? 'PASS' : 'FAIL'}`);
  say(`peak memory ${(product.peak / 1e6).toFixed(0)} MB (bound ${PEAK_BOUND / 1e6} MB) ${isSmallEnough ? 'PASS' : 'FAIL'}`);
  return isFast && isSmallEnough;
}
