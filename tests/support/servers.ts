import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { type Embedded, startEmbedded } from '../../embedded/index.ts';
import { startOf } from '../../embedded/processes.ts';

/** Where the servers of this test run are. */
export type Servers = Omit<Embedded, 'close'>;

declare module 'vitest' {
  export interface ProvidedContext {
    servers: Servers;
  }
}

const DATA = '.data';
const RUNS = join(DATA, 'test');

/** Servers for one whole test run, in a data directory of its own that is removed at the end. The environment's addresses win. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await removeDeadRuns();
  const dataDir = join(RUNS, `${process.pid}-${randomUUID()}`);
  const lines: string[] = [];
  const { close, ...servers } = await startEmbedded({
    dataDir,
    venvDir: join(DATA, 'venv'),
    env: process.env,
    say: (line) => lines.push(line),
  });
  project.provide('servers', servers);
  return async () => {
    await close();
    await rm(dataDir, { recursive: true, force: true });
  };
}

async function removeDeadRuns(): Promise<void> {
  const runs = await readdir(RUNS).catch(() => []);
  for (const run of runs) {
    if (startOf(Number.parseInt(run, 10)) === undefined) await rm(join(RUNS, run), { recursive: true, force: true });
  }
}
