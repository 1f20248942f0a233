import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { openScratch } from '../../core/scratch.ts';

const HOUR_MS = 3_600_000;

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'lpm-scratch-'));
});
afterEach(() => rmSync(parent, { recursive: true }));

/** A directory with somebody's clip in it, as such a process would have left it so long ago. */
function leave({
  kind = 'render',
  host = hostname(),
  pid,
  run = 'deadbeef',
  age = 0,
}: {
  kind?: string;
  host?: string;
  pid: number;
  run?: string;
  age?: number;
}) {
  const name = `${kind}-${host}.${pid}.${run}.AbC123`;
  mkdirSync(join(parent, name));
  writeFileSync(join(parent, name, 'clip.mp4'), 'frames');
  const changed = new Date(Date.now() - age);
  utimesSync(join(parent, name), changed, changed);
  return name;
}

const deadPid = () => spawnSync(process.execPath, ['-e', '0']).pid;

function livingPid(): number {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child.pid ?? 0;
}

test('only its owner can read it, and no two are the same', () => {
  const [first, second] = [openScratch(parent, 'render', Date.now()), openScratch(parent, 'render', Date.now())];
  expect(statSync(first).mode & 0o077).toBe(0);
  expect(first).not.toBe(second);
  expect(readdirSync(parent).sort()).toEqual([first, second].map((path) => basename(path)).sort());
});

test('what a dead process left is swept away at once, with what is in it', () => {
  leave({ pid: deadPid() });
  const mine = openScratch(parent, 'render', Date.now());
  expect(readdirSync(parent)).toEqual([basename(mine)]);
});

test('what an earlier process of the same number left is swept away too, as after the restart of a container', () => {
  leave({ pid: process.pid });
  const mine = openScratch(parent, 'render', Date.now());
  expect(readdirSync(parent)).toEqual([basename(mine)]);
});

test('what a living process works in stays', () => {
  const busy = leave({ pid: livingPid() });
  openScratch(parent, 'render', Date.now());
  expect(readdirSync(parent)).toContain(busy);
});

test('what another machine left stays for an hour, because nobody here can see whether its process lives', () => {
  const pid = deadPid();
  const young = leave({ host: 'another-machine', pid, age: HOUR_MS - 60_000 });
  const old = leave({ host: 'a-third-machine', pid, age: HOUR_MS + 60_000 });
  openScratch(parent, 'render', Date.now());
  expect(readdirSync(parent)).toContain(young);
  expect(readdirSync(parent)).not.toContain(old);
});

test('what is of another kind stays, however old it is', () => {
  const other = leave({ kind: 'renders', pid: deadPid(), age: 2 * HOUR_MS });
  mkdirSync(join(parent, 'precious'));
  openScratch(parent, 'render', Date.now());
  expect(readdirSync(parent)).toEqual(expect.arrayContaining([other, 'precious']));
});
