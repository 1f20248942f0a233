import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';

/** Tells this process from an earlier one with the same number, as containers have it. */
const RUN = randomBytes(4).toString('hex');
/** Where it cannot be seen whether the owner still lives: a directory in which nothing has happened for so long has none. */
const ABANDONED_AFTER_MS = 3_600_000;

/**
 * A fresh directory in `parent` for files that live for one step, which only its owner can read. Sweeps away those of the same
 * kind that dead processes left: they may hold somebody's picture or video.
 */
export function openScratch(parent: string, kind: string, now: number): string {
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(`${kind}-`)) continue;
    const directory = path.join(parent, name);
    const changed = statSync(directory, { throwIfNoEntry: false })?.mtimeMs ?? now;
    if (isOfDead(name) || now - changed > ABANDONED_AFTER_MS) remove(directory);
  }
  return mkdtempSync(path.join(parent, `${kind}-${hostname()}.${process.pid}.${RUN}.`));
}

/** Best effort: what cannot be removed is somebody else's. */
function remove(directory: string): void {
  try {
    rmSync(directory, { recursive: true, force: true });
  } catch {
    return;
  }
}

function isOfDead(name: string): boolean {
  const [, owner = '', run] = /\.(\d+)\.([0-9a-f]{8})\.\w+$/.exec(name) ?? [];
  if (!name.includes(`-${hostname()}.${owner}.${run}.`)) return false;
  const pid = Number(owner);
  return pid === process.pid ? run !== RUN : !isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process may not be signalled, but it lives.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
