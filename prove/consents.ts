import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createApp } from '../core/app.ts';
import { readConfig } from '../core/config.ts';
import { createLog } from '../core/log.ts';
import { startEmbedded } from '../embedded/index.ts';
import { hunt, type Report, runProduct } from './consents/run.ts';

const TRACES = 10_000;

const USAGE = `npm run prove:consents [-- --seed N] [-- --traces N]
  plays random traces of agreeing, withdrawing, sending, showing and crashing on a database of its own, and once with each guard broken`;

const say = (line: string) => void process.stdout.write(`${line}\n`);

const { values } = parseArgs({
  options: { seed: { type: 'string' }, traces: { type: 'string' }, help: { type: 'boolean' } },
});
if (values.help) say(USAGE);
else process.exitCode = (await prove()) ? 0 : 1;

/** Whether no trace broke a rule and every broken guard was noticed. */
async function prove(): Promise<boolean> {
  const dataDir = await mkdtemp(join(tmpdir(), 'lpm-prove-'));
  const env = { PATH: process.env.PATH, HOME: process.env.HOME };
  const { close, ...servers } = await startEmbedded({ dataDir, venvDir: resolve('.data', 'venv'), env, say: () => {} });
  const read = readConfig({ DATA_DIR: dataDir, NAME: 'prove-consents' });
  const config = { ...read, ...servers, kek: randomBytes(32), workDir: join(dataDir, 'work') };
  const app = await createApp(config, { log: createLog('silent') });
  try {
    if (values.seed !== undefined) return isSound(await runProduct(app, 'one', Number(values.seed), 1));
    const isRight = isSound(await runProduct(app, 'person', 1, Number(values.traces ?? TRACES)));
    const areNoticed = areCaught(await hunt(app));
    say(`took ${Math.round(performance.now() / 1_000)} s`);
    return areNoticed && isRight;
  } finally {
    await app.close();
    await close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

function isSound({
  traces,
  steps,
  sent,
  seen,
  withheld,
  unlawful,
  crashes,
  strays,
  left,
  violations,
  failures,
}: Report): boolean {
  say(`traces ${traces}, steps ${steps}, processes that died ${crashes}`);
  say(`news sent ${sent}, withheld ${withheld}, videos seen ${seen}, copies swept ${strays}, copies left ${left} (bound 0)`);
  say(`sent or seen without a live consent ${unlawful} (bound 0)`);
  say(`violations ${violations.length} (bound 0), failures ${failures.length} (bound 0)`);
  for (const { seed, message } of [...violations, ...failures].slice(0, 10)) say(`  --seed ${seed}: ${message}`);
  const isPlayed = sent > 0 && withheld > 0 && (seen > 0 || traces === 1);
  return unlawful + left + violations.length + failures.length === 0 && (isPlayed || traces === 1);
}

function areCaught(hunted: Awaited<ReturnType<typeof hunt>>): boolean {
  for (const { name, traces, complaint } of hunted)
    say(`${name}: ${complaint === undefined ? 'NOT CAUGHT' : `caught in trace ${traces}: ${complaint}`}`);
  const caught = hunted.filter(({ complaint }) => complaint !== undefined).length;
  say(`broken guards noticed ${caught} of ${hunted.length}`);
  return caught === hunted.length && caught > 0;
}
