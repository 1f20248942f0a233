import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startEmbedded } from '../../embedded/index.ts';
import { install, isInstalled } from '../../embedded/install.ts';
import { findMaker } from '../../embedded/python.ts';

function directory(): string {
  const made = mkdtempSync(join(tmpdir(), 'embedded-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

/** A PATH of one directory that holds the given programs, each a shell script. */
function pathWith(programs: Record<string, string>): string {
  const bin = directory();
  for (const [name, line] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${line}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return bin;
}

const offline = { PATH: process.env.PATH, PIP_INDEX_URL: 'http://127.0.0.1:9/', PIP_RETRIES: '0', PIP_NO_CACHE_DIR: '1' };

test('a failed download names the step, the reason and the way out, and leaves nothing', async () => {
  const dataDir = directory();
  const started = startEmbedded({ dataDir, env: { ...offline, REDIS_URL: 'redis://127.0.0.1:1' }, say: () => {} });
  const message = await started.catch((error: Error) => error.message);
  expect(message).toMatch(
    /^MongoDB, S3, ffmpeg could not be started: fetching the packages failed: ERROR: No matching distribution found/,
  );
  expect(message).toContain('set MONGODB_URI, S3_ENDPOINT with S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, FFMPEG_PATH');
  expect(readdirSync(dataDir)).toEqual(['venv.log']);
});

test('of two at once one installs and the other waits, whatever an interrupted one has left', async () => {
  const venvDir = join(directory(), 'venv');
  const requirements = join(directory(), 'requirements.txt');
  writeFileSync(requirements, '# some packages');
  const PATH = pathWith({
    python3: `case "$*" in
*ensurepip*) echo "3.12.1 venv";;
*) /bin/mkdir -p "$3/bin"; printf '#!/bin/sh\\n' >"$3/bin/python"; /bin/chmod 755 "$3/bin/python";;
esac`,
  });
  mkdirSync(`${venvDir}.partial-1`);
  mkdirSync(venvDir);
  const lines: string[] = [];
  const options = { venvDir, requirements, env: { PATH }, say: (line: string) => void lines.push(line) };
  await Promise.all([install(options), install(options)]);
  expect(lines.filter((line) => line.startsWith('Fetching'))).toHaveLength(1);
  expect(lines.filter((line) => line.startsWith(`Process ${process.pid} is fetching`))).toHaveLength(1);
  expect(await isInstalled(venvDir, requirements)).toBe(true);
  expect(readdirSync(join(venvDir, '..')).toSorted()).toEqual(['venv', 'venv.log']);
  writeFileSync(requirements, '# other packages');
  expect(await isInstalled(venvDir, requirements)).toBe(false);
});

test('shows an installer nothing of the product', async () => {
  const venvDir = join(directory(), 'venv');
  const PATH = pathWith({ python3: 'case "$*" in *ensurepip*) echo "3.12.1 venv";; *) /usr/bin/env; exit 3;; esac' });
  const env = { PATH, DISCORD_TOKEN: 'hidden-token', PIP_INDEX_URL: 'http://127.0.0.1:9/' };
  await expect(install({ venvDir, env, say: () => {} })).rejects.toThrow('making a virtual environment failed');
  const log = readFileSync(`${venvDir}.log`, 'utf8');
  expect(log).toContain('PIP_INDEX_URL=');
  expect(log).not.toContain('hidden-token');
  expect(existsSync(venvDir)).toBe(false);
});

test('takes the first Python that has wheels and can make environments', async () => {
  const PATH = pathWith({
    python3: 'echo 3.9.2 venv',
    'python3.13': 'exit 127',
    'python3.12': 'echo 3.12.4',
    'python3.11': 'echo 3.11.9 venv',
  });
  expect(await findMaker({ PATH })).toEqual({ name: 'venv', command: ['python3.11', '-m', 'venv'] });
  expect(await findMaker({ PATH: pathWith({ python3: 'echo 3.14.0 venv' }) })).toHaveProperty('missing');
});

test('takes uv where Python cannot make environments', async () => {
  const PATH = pathWith({ python3: 'echo 3.11.2', uv: 'echo uv 0.9.0' });
  expect(await findMaker({ PATH })).toMatchObject({ name: 'uv' });
});

test('says what to install where neither is there', async () => {
  const debian = await findMaker({ PATH: pathWith({ python3: 'echo 3.11.2' }) });
  expect(debian).toEqual({ missing: expect.stringContaining('apt-get install python3-venv') });
  expect(await findMaker({ PATH: '' })).toEqual({ missing: expect.stringContaining('no Python 3.11, 3.12 or 3.13') });
});
