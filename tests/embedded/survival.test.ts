import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { startEmbedded } from '../../embedded/index.ts';
import { startOf } from '../../embedded/processes.ts';
import { type Addresses, openStored } from './stored.ts';

const venvDir = resolve('.data/venv');
const SERVERS = ['mongo', 'redis', 's3'] as const;
const TITLES = { mongo: 'MongoDB', redis: 'Redis', s3: 'S3' };
const env = { PATH: '/usr/bin:/bin' };

const newDirectory = () => mkdtempSync(join(tmpdir(), 'embedded-'));
const pidOf = (dataDir: string, server: string) => Number(readFileSync(join(dataDir, 'run', `${server}.pid`), 'utf8'));

describe('a server that dies', () => {
  const dataDir = newDirectory();
  const lines: string[] = [];
  let embedded: Addresses & { close(): Promise<void> };

  beforeAll(async () => {
    embedded = await startEmbedded({ dataDir, venvDir, env, say: (line) => lines.push(line), servers: SERVERS });
  });
  afterAll(async () => {
    await embedded.close();
    rmSync(dataDir, { recursive: true });
  });

  test.each(SERVERS)('%s comes back at the same address with everything it acknowledged', async (server) => {
    const stored = await openStored(embedded);
    onTestFinished(() => stored.close());
    const acknowledged: string[] = [];
    let killed = false;
    const write = async (writer: number) => {
      for (let n = 0; !killed; n++) {
        const name = `${server}-${writer}-${n}`;
        await stored[server].put(name);
        acknowledged.push(name);
      }
    };
    const writers = Promise.allSettled([0, 1, 2, 3].map(write));
    await vi.waitUntil(() => acknowledged.length > 20, { timeout: 10_000, interval: 1 });
    process.kill(pidOf(dataDir, server), 'SIGKILL');
    killed = true;
    const before = [...acknowledged];
    await vi.waitUntil(() => lines.some((line) => line.startsWith(`${TITLES[server]} answers again`)), { timeout: 10_000 });
    await writers;
    const missing: string[] = [];
    for (const name of before) if (!(await stored[server].has(name))) missing.push(name);
    expect(before.length).toBeGreaterThan(20);
    expect(missing).toEqual([]);
  });

  test('comes back when what watches it was killed instead, and never runs twice', async () => {
    const watched = pidOf(dataDir, 'redis');
    const again = lines.filter((line) => line.startsWith('Redis answers again')).length;
    const watcher = await parentOf(watched);
    process.kill(watcher, 'SIGKILL');
    await vi.waitUntil(() => lines.filter((line) => line.startsWith('Redis answers again')).length > again, { timeout: 10_000 });
    expect(startOf(watched)).toBeUndefined();
    expect(startOf(pidOf(dataDir, 'redis'))).toBeDefined();
  });
});

describe('a product that is killed', () => {
  test('leaves no server behind, and the next start has all its data', async () => {
    const dataDir = newDirectory();
    const parent = spawn(process.execPath, ['--import', 'tsx', 'tests/embedded/parent.ts', dataDir, venvDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => {
      parent.kill('SIGKILL');
      rmSync(dataDir, { recursive: true });
    });
    const first = await openStored(await addressesOf(parent));
    const second = startEmbedded({ dataDir, venvDir, env, say: () => {} });
    await expect(second).rejects.toThrow(`${dataDir} is in use by process ${parent.pid}`);
    for (const server of SERVERS) await first[server].put('kept');
    await first.close();
    const pids = SERVERS.map((server) => pidOf(dataDir, server));
    const exited = once(parent, 'exit');
    parent.kill('SIGKILL');
    await exited;
    await vi.waitUntil(() => pids.every((pid) => startOf(pid) === undefined), { timeout: 2_000, interval: 10 });

    const next = await startEmbedded({ dataDir, venvDir, env, say: () => {}, servers: SERVERS });
    onTestFinished(() => next.close());
    const stored = await openStored(next);
    for (const server of SERVERS) expect(await stored[server].has('kept'), server).toBe(true);
    await stored.close();
  });
});

async function parentOf(pid: number): Promise<number> {
  const child = spawn('ps', ['-o', 'ppid=', '-p', String(pid)], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface(child.stdout)) return Number(line);
  throw new Error(`no process ${pid}`);
}

async function addressesOf(parent: ChildProcess): Promise<Addresses> {
  if (!parent.stdout) throw new Error('its output is not piped');
  for await (const line of createInterface(parent.stdout)) return JSON.parse(line) as Addresses;
  throw new Error('the product ended before it said its addresses');
}
