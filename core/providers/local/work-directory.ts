import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';

const PREFIX = 'render-';
/** A directory in which nothing has happened for so long belongs to a process that crashed. */
const ABANDONED_AFTER_MS = 3_600_000;

/** A fresh directory for one process in `parent`, which only its owner can read; sweeps away what crashed processes left. */
export function openWorkDirectory(parent: string, now: number): string {
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) {
    const directory = path.join(parent, name);
    const changed = name.startsWith(PREFIX) && statSync(directory, { throwIfNoEntry: false })?.mtimeMs;
    if (changed && now - changed > ABANDONED_AFTER_MS) rmSync(directory, { recursive: true, force: true });
  }
  return mkdtempSync(path.join(parent, PREFIX));
}
