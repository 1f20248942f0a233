import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ownerOf, tryLock } from '../../embedded/lock.ts';
import { startOf } from '../../embedded/processes.ts';

function lockPath(): string {
  const directory = mkdtempSync(join(tmpdir(), 'lock-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return join(directory, 'lock');
}

test('one of many gets the lock, the others learn who holds it', async () => {
  const path = lockPath();
  const tries = await Promise.all(Array.from({ length: 8 }, () => tryLock(path)));
  expect(tries.filter((each) => 'release' in each)).toHaveLength(1);
  expect(tries.filter((each) => 'heldBy' in each && each.heldBy === process.pid)).toHaveLength(7);
  expect(await ownerOf(path)).toBe(process.pid);
  expect(readdirSync(join(path, '..'))).toEqual(['lock']);
});

test('a released lock is free', async () => {
  const path = lockPath();
  const first = await tryLock(path);
  if ('release' in first) await first.release();
  expect(await ownerOf(path)).toBeUndefined();
  expect(await tryLock(path)).toHaveProperty('release');
});

test('the lock of a dead process is free, also when another process has its number now', async () => {
  const path = lockPath();
  for (const held of ['999999999 long ago', `${process.pid} another start`, 'nonsense', '']) {
    writeFileSync(path, held);
    expect(await ownerOf(path), held).toBeUndefined();
    const lock = await tryLock(path);
    expect(lock, held).toHaveProperty('release');
    if ('release' in lock) await lock.release();
  }
});

test('a process is known by its start, a missing one is not', () => {
  expect(startOf(process.pid)).toBe(startOf(process.pid));
  expect(startOf(process.pid)).not.toBe(startOf(process.ppid));
  expect(startOf(999_999_999)).toBeUndefined();
});
