import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mongoAnswers } from './handshake.ts';
import { pythonIn } from './packages.ts';
import { freePort } from './ports.ts';
import type { Program } from './supervise.ts';

export interface Mongo {
  uri: string;
}

/** SecantusDB: WiredTiger behind the MongoDB wire protocol, a replica set of one. For demo, development and tests. */
export async function mongoProgram(dataDir: string, venvDir: string): Promise<{ program: Program; address: Mongo; at: string }> {
  const port = await freePort();
  const home = join(dataDir, 'mongo');
  await mkdir(home, { recursive: true });
  // An empty file of settings, so that none of the machine's is looked for.
  const settings = join(dataDir, 'run', 'secantusd.toml');
  await writeFile(settings, '');
  const program: Program = {
    title: 'MongoDB',
    name: 'mongo',
    // Without --sync-on-commit a kill loses transactions it has acknowledged.
    command: [
      ...[pythonIn(venvDir), '-I', '-m', 'secantus', '--config', settings, '--host', '127.0.0.1', '--port', String(port)],
      ...['--storage-path', home, '--sync-on-commit', '--log-level', 'WARNING'],
    ],
    mark: home,
    answers: () => mongoAnswers(port),
    stopBy: 'TERM',
  };
  return { program, address: { uri: `mongodb://127.0.0.1:${port}/?replicaSet=secantus` }, at: `127.0.0.1:${port}` };
}
