import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { startOf } from './processes.ts';

export interface Lock {
  release(): Promise<void>;
}

/** The lock at `path`, or the process that holds it. A lock whose owner is dead counts as free. */
export async function tryLock(path: string): Promise<Lock | { heldBy: number }> {
  const mine = `${process.pid} ${startOf(process.pid)}`;
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, mine);
  try {
    for (;;) {
      // A link appears with its content, so nobody ever reads a half-written lock.
      if (await linked(draft, path)) return { release: () => rm(path, { force: true }) };
      const held = await readFile(path, 'utf8').catch(() => undefined);
      if (held === undefined) continue;
      const owner = aliveOwner(held);
      if (owner !== undefined) return { heldBy: owner };
      await discard(path, held);
    }
  } finally {
    await rm(draft, { force: true });
  }
}

/** The lock at `path`, waited for as long as its owner lives; `waiting` is told once who holds it. */
export async function waitForLock(path: string, waiting: (owner: number) => void): Promise<Lock> {
  let told = false;
  for (;;) {
    const lock = await tryLock(path);
    if ('release' in lock) return lock;
    if (!told) waiting(lock.heldBy);
    told = true;
    await pause(200);
  }
}

/** The living process that holds the lock at `path`, or undefined. */
export async function ownerOf(path: string): Promise<number | undefined> {
  const held = await readFile(path, 'utf8').catch(() => undefined);
  return held === undefined ? undefined : aliveOwner(held);
}

function aliveOwner(held: string): number | undefined {
  const [pid = '', ...started] = held.split(' ');
  return startOf(Number(pid)) === started.join(' ') ? Number(pid) : undefined;
}

async function linked(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function discard(path: string, held: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  const moved = await rename(path, aside).then(
    () => true,
    () => false,
  );
  if (!moved) return;
  // Another start may have taken the lock since it was read: then it gets it back.
  if ((await readFile(aside, 'utf8')) !== held) await linked(aside, path);
  await rm(aside, { force: true });
}
