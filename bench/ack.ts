import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Embedded, startEmbedded } from '../embedded/index.ts';
import { checkBooks, describeBooks } from './books.ts';
import { type BotProcess, startBot } from './bot-process.ts';
import { describeLoad, describeMachine } from './machine.ts';
import { judge, type Round } from './report.ts';
import { PLATFORMS } from './sightings.ts';
import { openStage, type Stage } from './stage.ts';

/** On each platform, the one after the other. */
const PEOPLE = 50;
/** The first makes the accounts, the second finds the code warm. */
const WARM_UPS = 2;
const ROUNDS = 5;
/** Telegram counts its 30 messages in a window of a second: each round begins in a fresh one. */
const PAUSE_MS = 1500;
const LONGEST_MS = 180_000;
const NAME = 'bench';

const say = (line: string) => void process.stdout.write(`${line}\n`);

/** Does everybody who asks at the same moment see soon that the bot is at work? Resolves with whether the bound holds; rejects when anything was lost. */
async function measureAcknowledgement(): Promise<boolean> {
  const dataDir = await mkdtemp(join(tmpdir(), 'lpm-bench-'));
  const opened: (() => Promise<unknown>)[] = [() => rm(dataDir, { recursive: true, force: true })];
  try {
    const env = { ...process.env, MONGODB_URI: '', REDIS_URL: '', S3_ENDPOINT: '' };
    const servers = await startEmbedded({ dataDir, venvDir: resolve('.data', 'venv'), env, say: () => {} });
    opened.push(servers.close);
    const stage = await openStage(PEOPLE);
    opened.push(stage.close);
    const floorStage = await openStage(PEOPLE);
    opened.push(floorStage.close);
    const product = await startBot('main.ts', { ...(await settingsFor(servers, dataDir)), ...stage.access }, 'Health: ');
    opened.push(product.stop);
    const floor = await startBot('bench/floor/bots.ts', floorStage.access, 'ready');
    opened.push(floor.stop);

    say(`machine ${describeMachine()}; ${describeLoad()} before`);
    say(`${PEOPLE} people ask at the same moment, ${ROUNDS} rounds on each platform, while videos are rendered`);
    const { rounds, asked } = await ask(stage, product, floorStage).catch((error: unknown) => {
      throw new Error(`${error instanceof Error ? error.message : error}\n${[...product.lines, ...floor.lines].join('\n')}`);
    });
    const after = describeLoad();
    await floor.stop();
    await product.stop();
    const { lines, passed } = judge(rounds);
    for (const line of lines) say(line);
    say(`p99: median of the rounds' p99 [lowest..highest]; a round's p99 of ${PEOPLE} is its slowest; ${after} after`);
    say(`refusals for asking too much (429): ${stage.refusals()}`);
    say(describeBooks(await checkBooks(servers.mongo.uri, NAME, asked)));
    return passed;
  } finally {
    for (const close of opened.reverse()) await close();
  }
}

/** Product and no-op bot take turns on each platform, so that a noisy moment meets both. */
async function ask(stage: Stage, bot: BotProcess, floorStage: Stage): Promise<{ rounds: Round[]; asked: string[] }> {
  const rounds: Round[] = [];
  const asked: string[] = [];
  for (let number = 1; number <= WARM_UPS + ROUNDS; number += 1) {
    const round: Round = { product: [], floor: [], strain: { ran: 0, waited: 0 } };
    for (const platform of PLATFORMS) {
      const before = bot.strain();
      stage.askAll(platform, `round ${number}`);
      await stage.allAre('acknowledged');
      const { ran, waited } = bot.strain();
      round.strain = { ran: round.strain.ran + ran - before.ran, waited: round.strain.waited + waited - before.waited };
      round.product = [...round.product, ...(await stage.allAre('answered'))];
      await wait(PAUSE_MS);
      floorStage.askAll(platform, `round ${number}`);
      round.floor = [...round.floor, ...(await floorStage.allAre('acknowledged'))];
    }
    asked.push(...round.product.map(({ request }) => request));
    if (number > WARM_UPS) rounds.push(round);
  }
  return { rounds, asked };
}

async function settingsFor({ mongo, redis, s3, ffmpeg }: Embedded, dataDir: string): Promise<Record<string, string>> {
  const own = join(dataDir, 'product');
  await mkdir(own);
  return {
    MONGODB_URI: mongo.uri,
    REDIS_URL: redis.url,
    S3_ENDPOINT: s3.endpoint,
    S3_REGION: s3.region,
    S3_ACCESS_KEY_ID: s3.accessKeyId,
    S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
    FFMPEG_PATH: ffmpeg,
    DATA_DIR: own,
    NAME,
    WELCOME_CREDITS: '1000',
    RENDER_QUALITY: 'small',
    LOG_LEVEL: 'warn',
  };
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
setTimeout(() => {
  process.stderr.write(`The bench did not end within ${LONGEST_MS / 1000} s.\n`);
  process.exit(1);
}, LONGEST_MS);

measureAcknowledgement().then(
  (passed) => process.exit(passed ? 0 : 1),
  (error: unknown) => {
    process.stderr.write(`The bench failed: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
