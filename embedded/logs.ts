import { closeSync, copyFileSync, mkdirSync, openSync, readFileSync, renameSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';

const LARGEST = 5_000_000;

export interface ServerLog {
  /** Opened for appending, so that it may be emptied while the server writes. */
  descriptor: number;
  /** The last lines, to explain a failure. */
  tail(): string;
  close(): void;
}

/** `directory`/`name`.log, at most 5 MB and one older file: checked when opened and every minute. */
export function openLog(directory: string, name: string): ServerLog {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, `${name}.log`);
  if (sizeOf(path) > LARGEST) renameSync(path, `${path}.1`);
  const descriptor = openSync(path, 'a', 0o600);
  const from = sizeOf(path);
  const minute = setInterval(() => {
    if (sizeOf(path) <= LARGEST) return;
    copyFileSync(path, `${path}.1`);
    truncateSync(path);
  }, 60_000);
  minute.unref();
  return {
    descriptor,
    tail: () => readFileSync(path).subarray(from).toString('utf8').trim().split('\n').slice(-5).join('\n'),
    close: () => {
      clearInterval(minute);
      closeSync(descriptor);
    },
  };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
