import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';
import { startOf } from '../../embedded/processes.ts';

export interface ProductProcess {
  pid: number;
  /** Everything it has written to its two outputs. */
  output(): string;
  /** Resolves at once when its output matches, now or later. Rejects when it ends first. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  /** SIGKILL to this one process: whatever it has started must go by itself. Resolves when all of it is gone. */
  kill(): Promise<void>;
  /** SIGTERM, as an operator stops it. */
  stop(): Promise<{ code: number | null; milliseconds: number }>;
}

const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const READY = /^Health: /m;
const ORPHANS_MS = 5_000;

/** The product in a process and a session of its own, ready to be spoken to; it is killed when the test has ended. */
export async function startProductProcess(
  settings: Record<string, string> & { DATA_DIR: string },
  script = 'main.ts',
): Promise<ProductProcess> {
  const { DATA_DIR } = settings;
  // From a folder without a .env, and with nothing of this process's environment that would change what is tested.
  const child = spawn(process.execPath, ['--import', TSX, resolve(script)], {
    cwd: DATA_DIR,
    env: { PATH: process.env.PATH, HOME: DATA_DIR, VENV_DIR: resolve('.data/venv'), ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('the product could not be started');
  const exited = once(child, 'exit');
  let output = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (words: string) => {
      output += words;
      for (const listener of [...listeners]) listener();
    });
  }

  const said = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((found, failed) => {
      const look = () => {
        const match = pattern.exec(output);
        if (!match) return;
        listeners.delete(look);
        found(match);
      };
      listeners.add(look);
      void exited.then(() => failed(new Error(`the product ended before it said ${pattern}:\n${output.slice(-2_000)}`)));
      look();
    });

  async function kill(): Promise<void> {
    const started = descendantsOf(pid ?? 0);
    child.kill('SIGKILL');
    await exited;
    const limit = Date.now() + ORPHANS_MS;
    for (;;) {
      const left = started.filter(({ id, start }) => startOf(id) === start);
      if (left.length === 0) return;
      if (Date.now() > limit) throw new Error(`still there after a kill: ${left.map(({ words }) => words).join(', ')}`);
      await new Promise((again) => setTimeout(again, 20));
    }
  }

  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) await kill();
  });
  await said(READY);
  return {
    pid,
    output: () => output,
    said,
    kill,
    async stop() {
      const began = Date.now();
      child.kill('SIGTERM');
      await exited;
      return { code: child.exitCode, milliseconds: Date.now() - began };
    },
  };
}

/** Every living process that this one has started, directly or through others. */
export function descendantsOf(ancestor: number): { id: number; start: string; words: string }[] {
  const table = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,args='], { encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 });
  const processes = table.split('\n').flatMap((line) => {
    const [, id, parent, words = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return id ? [{ id: Number(id), parent: Number(parent), words }] : [];
  });
  const found = new Set([ancestor]);
  // Parents may stand behind their children, so once more until nothing is added.
  for (let size = 0; size < found.size; ) {
    size = found.size;
    for (const { id, parent } of processes) if (found.has(parent)) found.add(id);
  }
  found.delete(ancestor);
  return processes.flatMap(({ id, words }) => {
    const start = found.has(id) ? startOf(id) : undefined;
    return start === undefined ? [] : [{ id, start, words }];
  });
}
