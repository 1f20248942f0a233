import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { s3Answers } from './handshake.ts';
import { weedIn } from './packages.ts';
import { freePort } from './ports.ts';
import type { Program } from './supervise.ts';

export interface S3 {
  endpoint: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** SeaweedFS in one process. The keys are read from a file only the owner may read. */
export async function s3Program(
  dataDir: string,
  venvDir: string,
  keys: { accessKeyId: string; secretAccessKey: string },
): Promise<{ program: Program; address: S3; at: string }> {
  const [master, volume, filer, s3, admin] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const home = join(dataDir, 's3');
  await mkdir(home, { recursive: true });
  const identities = join(dataDir, 'run', 's3.json');
  const credentials = [{ accessKey: keys.accessKeyId, secretKey: keys.secretAccessKey }];
  const actions = ['Admin', 'Read', 'Write', 'List', 'Tagging'];
  await writeFile(identities, JSON.stringify({ identities: [{ name: 'app', credentials, actions }] }), { mode: 0o600 });
  const options = {
    dir: home,
    ip: '127.0.0.1',
    'ip.bind': '127.0.0.1',
    'master.port': master,
    'volume.port': volume,
    'filer.port': filer,
    's3.port': s3,
    'admin.port': admin,
    webdav: false,
    'admin.ui': false,
    's3.port.iceberg': 0,
    's3.port.lance': 0,
    's3.config': identities,
    'master.electionTimeout': '1s',
    'master.heartbeatInterval': '100ms',
    // A master that resumes leads only after the volumes' first word to it; the next comes 5 s later, until when nothing is found.
    'master.resumeState': false,
    'volume.preStopSeconds': 0,
    // By default so many as the free disk could hold when full, one at least for each bucket: a run of the tests makes more buckets than that.
    'volume.max': 10_000,
    // It would report statistics of the machine to its makers.
    'master.telemetry': false,
  };
  const program: Program = {
    title: 'S3',
    name: 's3',
    command: [weedIn(venvDir), '-logtostderr', 'mini', ...Object.entries(options).map(([name, value]) => `-${name}=${value}`)],
    mark: home,
    betweenRuns: async () => {
      await removeTraces(dataDir, home);
      await writeFile(join(dataDir, 'run', 's3.ports'), [master, volume, filer, s3, admin].join('\n'));
    },
    answers: () => s3Answers(s3, master),
    // It takes up to 11 s to end by SIGTERM and loses nothing by SIGKILL.
    stopBy: 'KILL',
  };
  const address = { endpoint: `http://127.0.0.1:${s3}`, region: 'us-east-1', ...keys };
  return { program, address, at: `127.0.0.1:${s3}` };
}

/** Removes what an earlier run leaves: its sockets in /tmp and the election state of its master, both named by its ports. */
async function removeTraces(dataDir: string, home: string): Promise<void> {
  const ports = (await readFile(join(dataDir, 'run', 's3.ports'), 'utf8').catch(() => ''))
    .split('\n')
    .filter((port) => /^\d+$/.test(port));
  const names = ports.flatMap((port) => [port, String(Number(port) + 10_000)]);
  const sockets = (await readdir('/tmp').catch(() => [])).filter((file) =>
    names.some((name) => file.startsWith('seaweedfs-') && file.endsWith(`-${name}.sock`)),
  );
  await Promise.all(sockets.map((file) => rm(join('/tmp', file), { force: true }).catch(() => {})));
  const elections = (await readdir(home)).filter((file) => /^m\d+$/.test(file));
  await Promise.all(elections.map((file) => rm(join(home, file), { recursive: true })));
}
