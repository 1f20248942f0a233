import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import type { TestProject } from 'vitest/node';
import { type Embedded, startEmbedded } from '../../embedded/index.ts';
import { startOf } from '../../embedded/processes.ts';

/** Where the servers of this test run are. */
export type Servers = Omit<Embedded, 'close'>;

declare module 'vitest' {
  export interface ProvidedContext {
    shared: Omit<Servers, 'mongo'>;
    /** One for each worker. */
    mongos: Embedded['mongo'][];
  }
}

/** Those that this worker's tests use. */
export function testServers(): Servers {
  const mongos = inject('mongos');
  const mongo = mongos[Number(process.env.VITEST_POOL_ID) % mongos.length];
  if (!mongo) throw new Error('there is no MongoDB for this worker');
  return { ...inject('shared'), mongo };
}

const DATA = '.data';
const RUNS = join(DATA, 'test');

/** Servers for one whole test run, in a data directory of its own that is removed at the end. The environment's addresses win. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await removeDeadRuns();
  const dataDir = join(RUNS, `${process.pid}-${randomUUID()}`);
  const options = { venvDir: join(DATA, 'venv'), env: process.env, say: () => {} };
  const { close, mongo, ...shared } = await startEmbedded({ ...options, dataDir });
  // The embedded MongoDB works on one core only, and is what most tests wait for.
  const others = Array.from({ length: project.config.maxWorkers - 1 }, (_, index) =>
    startEmbedded({ ...options, dataDir: join(dataDir, `mongo-${index}`), servers: ['mongo'] }),
  );
  const more = await Promise.all(others);
  project.provide('shared', shared);
  project.provide('mongos', [mongo, ...more.map((other) => other.mongo)]);
  return async () => {
    await Promise.all([close(), ...more.map((other) => other.close())]);
    await rm(dataDir, { recursive: true, force: true });
  };
}

async function removeDeadRuns(): Promise<void> {
  const runs = await readdir(RUNS).catch(() => []);
  for (const run of runs) {
    if (startOf(Number.parseInt(run, 10)) === undefined) await rm(join(RUNS, run), { recursive: true, force: true });
  }
}
