import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { redisAnswers } from './handshake.ts';
import { valkeyIn } from './packages.ts';
import { freePort } from './ports.ts';
import type { Program } from './supervise.ts';

export interface Redis {
  url: string;
}

/** Valkey, with its password in a file of settings only the owner may read: a command line is there for everybody to see. */
export async function redisProgram(
  dataDir: string,
  venvDir: string,
  password: string,
): Promise<{ program: Program; address: Redis; at: string }> {
  const port = await freePort();
  const home = join(dataDir, 'redis');
  await mkdir(home, { recursive: true });
  const settings = join(dataDir, 'run', 'valkey.conf');
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `requirepass ${password}`,
    `dir "${home.replace(/["\\]/g, '\\$&')}"`,
    'appendonly yes',
    // By the second, a write waits in memory while an fsync runs, and is lost with a killed process although it was acknowledged.
    'appendfsync always',
    'save ""',
    'maxmemory-policy noeviction',
    // Keeps the command line as it is, by which a leftover is recognised.
    'set-proc-title no',
  ];
  await writeFile(settings, `${lines.join('\n')}\n`, { mode: 0o600 });
  const program: Program = {
    title: 'Redis',
    name: 'redis',
    command: [await valkeyIn(venvDir), settings],
    mark: settings,
    answers: () => redisAnswers(port, password),
    stopBy: 'TERM',
  };
  return { program, address: { url: `redis://:${password}@127.0.0.1:${port}` }, at: `127.0.0.1:${port}` };
}
