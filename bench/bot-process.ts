import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

const START_MS = 30_000;
const STOP_MS = 15_000;
const KEPT_LINES = 20;

export interface Strain {
  ran: number;
  waited: number;
}

export interface BotProcess {
  /** The latest lines it has written. */
  lines: readonly string[];
  /** How long its main thread has run and waited for a processor so far, in milliseconds; zeros where the system does not say. */
  strain(): Strain;
  /** Asks it to end and waits; after 15 s it is ended without being asked. */
  stop(): Promise<void>;
}

/** Starts a TypeScript file of the repository as a process of its own, with these settings and no others; resolves when it writes `ready`. */
export async function startBot(file: string, settings: Record<string, string>, ready: string): Promise<BotProcess> {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), new URL(`../${file}`, import.meta.url).pathname],
    {
      env: { PATH, HOME, ...settings },
      cwd: settings.DATA_DIR ?? process.cwd(),
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const lines: string[] = [];
  const stop = () => end(child);
  process.once('exit', () => child.kill('SIGKILL'));
  try {
    await untilReady(child, lines, ready);
  } catch (error) {
    await stop();
    throw new Error(`${file}: ${error instanceof Error ? error.message : error}\n${lines.join('\n')}`);
  }
  return { lines, strain: () => strainOf(child.pid), stop };
}

function untilReady(child: ChildProcess, lines: string[], ready: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const hear = (words: Buffer) => {
      lines.push(...String(words).split('\n').filter(Boolean));
      if (lines.some((line) => line.startsWith(ready))) resolve();
      if (lines.length > KEPT_LINES) lines.splice(0, lines.length - KEPT_LINES);
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`it ended with ${code}`)));
    setTimeout(() => reject(new Error(`it was not ready within ${START_MS} ms`)), START_MS).unref();
  });
}

/** Linux: Documentation/scheduler/sched-stats, in nanoseconds. */
function strainOf(pid: number | undefined): Strain {
  try {
    const [ran, waited] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ');
    return { ran: Number(ran) / 1e6, waited: Number(waited) / 1e6 };
  } catch {
    return { ran: 0, waited: 0 };
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await gone;
  clearTimeout(timer);
}
