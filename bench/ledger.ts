import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Connection } from 'mongoose';
import { startEmbedded } from '../embedded/index.ts';
import { openHistory } from './ledger/accounts.ts';
import { bareTransaction, creditsOperation, type Side } from './ledger/sides.ts';

const SIZES = [1_000, 10_000, 100_000] as const;
const FULL_SIZE = 1_000_000;
const ROUNDS = 250;
/** On a machine that is too busy for more. */
const FEWEST_ROUNDS = 60;
const WARM_UPS = 25;
/** How much more a credits operation may cost than a bare transaction that writes the same documents. */
const COST_BOUND = 1.5;
/** How much more it may cost with a longer history than with the shortest. */
const GROWTH_BOUND = 1.15;
const LONGEST_MS = 165_000;

const say = (line: string) => void process.stdout.write(`${line}\n`);

const isFull = process.argv.includes('--full');
const end = isFull ? undefined : AbortSignal.timeout(LONGEST_MS);
process.exitCode = (await measure()) ? 0 : 1;

/** Does a credits operation cost little more than it must, however long the account's history is? Resolves with whether all bounds hold. */
async function measure(): Promise<boolean> {
  const dataDir = await mkdtemp(join(tmpdir(), 'lpm-bench-'));
  const env = { ...process.env, MONGODB_URI: '' };
  const servers = await startEmbedded({ dataDir, venvDir: resolve('.data', 'venv'), env, say: () => {}, servers: ['mongo'] });
  const opened: Connection[] = [];
  try {
    const open = async (name: string, entries: number) => {
      const connection = await openHistory(servers.mongo.uri, `bench-${name}`, entries, end);
      opened.push(connection);
      return connection;
    };
    say(`${availableParallelism()} cores, node ${process.versions.node}, load average ${loadavg()[0]?.toFixed(1)} before`);
    const bare = await bareTransaction(await open('bare', SIZES[0]));
    const sides: Record<string, Side> = { bare };
    for (const entries of isFull ? [...SIZES, FULL_SIZE] : SIZES) {
      const connection = await open(String(entries), entries);
      if (entries === SIZES[0]) sides['account read before'] = creditsOperation(connection, true);
      sides[String(entries)] = creditsOperation(connection, false);
    }
    return judge(await takeTurns(sides));
  } finally {
    for (const connection of opened) await connection.close();
    await servers.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** In every round each side once, each time another one first, so that a noisy moment meets all of them. */
async function takeTurns(sides: Record<string, Side>): Promise<Record<string, number>[]> {
  const names = Object.entries(sides);
  const rounds: Record<string, number>[] = [];
  for (let round = 0; round < WARM_UPS + ROUNDS; round++) {
    if (rounds.length < FEWEST_ROUNDS) end?.throwIfAborted();
    else if (end?.aborted) break;
    const took: Record<string, number> = {};
    const first = round % names.length;
    for (const [name, side] of [...names.slice(first), ...names.slice(0, first)]) took[name] = await side();
    if (round >= WARM_UPS) rounds.push(took);
  }
  return rounds;
}

function judge(rounds: Record<string, number>[]): boolean {
  const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
  const of = (name: string, round: Record<string, number>) => round[name] ?? Number.NaN;
  const ratio = (a: string, b: string) => median(rounds.map((round) => of(a, round) / of(b, round)));
  const milliseconds = (name: string) => `${median(rounds.map((round) => of(name, round))).toFixed(2)} ms`;
  const within = (figure: number, bound: number) => {
    const holds = figure <= bound;
    return { holds, text: `${figure.toFixed(3)} (bound ${bound})${holds ? '' : ' PAST ITS BOUND'}` };
  };
  const sizes = Object.keys(rounds[0] ?? {}).filter((name) => /^\d+$/.test(name));
  const cost = (name: string) => within(ratio(name, 'bare'), COST_BOUND);
  const results = [cost('account read before'), ...sizes.map(cost)];
  const growths = sizes.slice(1).map((size) => within(ratio(size, String(SIZES[0])), GROWTH_BOUND));
  say(`median of ${rounds.length} rounds; a bare transaction that writes the same documents: ${milliseconds('bare')}`);
  say(`1000 entries, account read by the caller: ${milliseconds('account read before')}, costs ${results[0]?.text}`);
  sizes.forEach((size, i) => {
    const growth = growths[i - 1];
    say(`${size} entries: ${milliseconds(size)}, costs ${results[i + 1]?.text}${growth ? `, grew by ${growth.text}` : ''}`);
  });
  say(`load average ${loadavg()[0]?.toFixed(1)} after`);
  return rounds.length > 0 && [...results, ...growths].every(({ holds }) => holds);
}
