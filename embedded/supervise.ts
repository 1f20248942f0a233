import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Guarded, startGuarded } from './guard.ts';
import { openLog } from './logs.ts';
import { endLeftover } from './processes.ts';

/** One server program: how to run it, how to tell that it answers, how to stop it. */
export interface Program {
  /** As a person knows it, e.g. MongoDB. */
  title: string;
  /** As files are called, e.g. mongo. */
  name: string;
  command: readonly string[];
  /** A part of the command line that no other process has: the absolute path of its data. */
  mark: string;
  /** Removes what a run leaves behind: before the first start, when nothing of an earlier run is alive, and after the last. */
  betweenRuns?(): Promise<void>;
  answers(): Promise<boolean>;
  stopBy: 'TERM' | 'KILL';
}

export interface Running {
  stop(): Promise<void>;
}

const START_LIMIT = 30_000;
const STOP_LIMIT = 5_000;
const LONGEST_WAIT = 5_000;
const STEADY = 10_000;

/**
 * Starts `program` and resolves when it answers; from then on starts it again, with growing pauses, whenever it dies.
 * Throws with the end of its log when the first start fails.
 */
export async function supervise(program: Program, dataDir: string, say: (line: string) => void): Promise<Running> {
  const runDir = join(dataDir, 'run');
  mkdirSync(runDir, { recursive: true });
  const pidFile = join(runDir, `${program.name}.pid`);
  await endLeftover(pidFile, program.mark);
  await program.betweenRuns?.();
  const log = openLog(join(dataDir, 'logs'), program.name);
  // An environment of its own: a HOME without settings of other installations, and none of the product's secrets.
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: dataDir, LANG: 'C.UTF-8' };
  const start = () => startGuarded(program.command, { directory: dataDir, env, pidFile, output: log.descriptor });

  const stopping = new AbortController();
  let current = start();
  if (!(await answersInTime(program, current))) {
    current.kill();
    await current.exited;
    const last = log.tail();
    log.close();
    throw new Error(`${program.title} did not start. The end of ${join(dataDir, 'logs', `${program.name}.log`)}:\n${last}`);
  }
  current.holdOpen(false);

  const watching = watch();
  return {
    stop: async () => {
      stopping.abort();
      current.holdOpen(true);
      await end(program, current);
      await watching;
      await program.betweenRuns?.();
      log.close();
    },
  };

  async function watch(): Promise<void> {
    let deaths = 0;
    let since = Date.now();
    for (;;) {
      const code = await current.exited;
      if (stopping.signal.aborted) return;
      deaths = Date.now() - since > STEADY ? 1 : deaths + 1;
      say(`${program.title} stopped by itself (exit code ${code}), starting it again`);
      await pause(Math.min(50 * 2 ** (deaths - 1), LONGEST_WAIT), undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return;
      // The guard may have been killed and its program not yet.
      await endLeftover(pidFile, program.mark);
      const began = Date.now();
      current = start();
      if (stopping.signal.aborted) current.kill();
      if (await answersInTime(program, current)) say(`${program.title} answers again after ${Date.now() - began} ms`);
      else current.kill();
      current.holdOpen(false);
      since = Date.now();
    }
  }
}

async function answersInTime(program: Program, child: Guarded): Promise<boolean> {
  let over = false;
  void child.exited.then(() => {
    over = true;
  });
  const limit = Date.now() + START_LIMIT;
  while (!over && Date.now() < limit) {
    if (await program.answers()) return !over;
    await pause(20);
  }
  return false;
}

async function end(program: Program, child: Guarded): Promise<void> {
  let over = false;
  const exited = child.exited.then(() => {
    over = true;
  });
  if (program.stopBy === 'KILL') child.kill();
  else child.terminate();
  const late = setTimeout(() => child.kill(), STOP_LIMIT);
  // SecantusDB waits for a connection, or 2 s, before it notices that it is to stop.
  while (!over) await Promise.race([exited, program.answers().then(() => pause(20))]);
  clearTimeout(late);
}
