import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startEmbedded } from '../embedded/index.ts';
import { MUTANTS, SOUND } from './mutants.ts';
import { type Report, run } from './run.ts';

const HISTORIES = 1_000;
const LENGTH = 12;
/** A mutant that is not caught in so many histories is not caught. */
const MUTANT_HISTORIES = 200;

const USAGE = `npm run prove:ledger [-- --seed N] [-- --histories N]
  plays random histories of two people's credits on a database of its own, with crashes at every store call, and once without each guard`;

const say = (line: string) => void process.stdout.write(`${line}\n`);

const { values } = parseArgs({
  options: { seed: { type: 'string' }, histories: { type: 'string' }, help: { type: 'boolean' } },
});
if (values.help) say(USAGE);
else process.exitCode = (await prove()) ? 0 : 1;

/** Whether no history broke a rule and every missing guard was noticed. */
async function prove(): Promise<boolean> {
  const dataDir = await mkdtemp(join(tmpdir(), 'lpm-prove-'));
  const env = { ...process.env, MONGODB_URI: '' };
  const servers = await startEmbedded({ dataDir, venvDir: resolve('.data', 'venv'), env, say: () => {}, servers: ['mongo'] });
  try {
    const { uri } = servers.mongo;
    if (values.seed !== undefined)
      return isSound(await run({ uri, mutant: SOUND, from: Number(values.seed), histories: 1, length: LENGTH }));
    const histories = Number(values.histories ?? HISTORIES);
    const isRight = isSound(await run({ uri, mutant: SOUND, from: 1, histories, length: LENGTH }));
    const areNoticed = await areCaught(uri);
    say(`took ${Math.round(performance.now() / 1_000)} s`);
    return areNoticed && isRight;
  } finally {
    await servers.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

function isSound(report: Report): boolean {
  const { histories, operations, outcomes, faults, violations, failures } = report;
  const crashes = [...faults].reduce((total, [name, count]) => total + (name.includes(', dies') ? count : 0), 0);
  const others = [...faults].reduce((total, [name, count]) => total + (name.includes(', dies') ? 0 : count), 0);
  const { applied, replayed, rejected, unchanged, taken_back: takenBack } = outcomes;
  say(
    `histories ${histories}, operations ${operations}: applied ${applied}, replayed ${replayed}, rejected ${rejected}, unchanged ${unchanged}, taken back ${takenBack}`,
  );
  for (const [name, count] of [...faults].sort()) say(`  ${name}: ${count}`);
  say(
    `crashes ${crashes}, conflicts and lost answers ${others}, violations ${violations.length} (bound 0), failures ${failures.length} (bound 0)`,
  );
  for (const { seed, message } of [...violations, ...failures].slice(0, 10)) say(`  --seed ${seed}: ${message}`);
  return violations.length + failures.length === 0 && applied > 0 && crashes > 0;
}

async function areCaught(uri: string): Promise<boolean> {
  let missed = 0;
  for (const mutant of MUTANTS) {
    const { histories, violations } = await run({
      uri,
      mutant,
      from: 1,
      histories: MUTANT_HISTORIES,
      length: LENGTH,
      isShort: true,
    });
    const [first] = violations;
    say(
      `${mutant.name}: ${first ? `caught in history ${histories}, seed ${first.seed}: ${first.message.slice(0, 120)}` : 'NOT CAUGHT'}`,
    );
    if (!first) missed += 1;
  }
  say(`guards removed ${MUTANTS.length}, not noticed ${missed} (bound 0)`);
  return missed === 0;
}
