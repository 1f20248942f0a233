import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { openAccount } from '../../core/accounts.ts';
import { openApp, testEnvironment } from '../support/app.ts';
import { buildRequest } from '../support/requests.ts';

const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** `npm run operate -- <args>` with these settings and no others, from a folder without a .env. */
async function operate(args: readonly string[], settings: Record<string, string> = {}) {
  const cwd = await mkdtemp(join(tmpdir(), 'lpm-operate-'));
  const env = { PATH: process.env.PATH, HOME: cwd, VENV_DIR: resolve('.data/venv'), ...settings };
  try {
    return await new Promise<{ failed: boolean; out: string; err: string }>((ended) =>
      execFile(process.execPath, ['--import', TSX, resolve('operate/run.ts'), ...args], { cwd, env }, (error, out, err) =>
        ended({ failed: error !== null, out, err }),
      ),
    );
  } finally {
    await rm(cwd, { recursive: true });
  }
}

test('an unknown command, or an argument that a command does not know, is answered with how they are written', async () => {
  const [unknown, strange] = await Promise.all([
    operate(['make-coffee']),
    operate(['reconcile', '--gently'], { ...testEnvironment(), DISCORD_TOKEN: 'token' }),
  ]);
  expect(unknown).toMatchObject({ failed: true, out: '' });
  for (const name of [
    'refund <payment> [--full]',
    'reconcile [--take-back]',
    'rotate-keys',
    'look <what>',
    'sample',
    'news <file>',
    'new-key',
  ])
    expect(unknown.err).toContain(`npm run operate -- ${name}`);
  expect(strange.failed).toBe(true);
  expect(strange.err).toMatch(/Unknown option '--gently'[\s\S]*npm run operate -- reconcile \[--take-back\]/);
});

test('new-key prints a master key and nothing else, without any setting', async () => {
  const { failed, out, err } = await operate(['new-key']);
  expect({ failed, err }).toEqual({ failed: false, err: '' });
  expect(out).toMatch(/^[\w+/]{43}=\n$/);
});

test('rotate-keys wraps everything anew with the settings of the deployment, and says when the earlier key may go', async () => {
  const [old, next] = [randomBytes(32), randomBytes(32)];
  const settings = testEnvironment();
  const { NAME = '', S3_BUCKET = '' } = settings;
  const app = await openApp({}, { NAME, S3_BUCKET }, { kek: old });
  const { id } = await openAccount(app, buildRequest({}, '5'));
  const keys = { MASTER_KEY: next.toString('base64'), MASTER_KEY_OLD: old.toString('hex') };
  const { failed, out, err } = await operate(['rotate-keys'], { ...settings, ...keys, DISCORD_TOKEN: 'token' });
  expect({ failed, err }).toEqual({ failed: false, err: '' });
  expect(out).toContain('Keys wrapped anew by the present master key: 6.\nNothing is left under an earlier one');
  const after = await openApp({}, { NAME, S3_BUCKET }, { kek: next });
  expect((await openAccount(after, buildRequest({}, '5'))).id).toBe(id);
});

test('docs/operations.md names every command, and every drill a test that exists', async () => {
  const page = readFileSync('docs/operations.md', 'utf8');
  for (const name of ['refund', 'reconcile', 'rotate-keys', 'new-key', 'look', 'sample', 'news'])
    expect(page).toContain(`npm run operate -- ${name}`);
  const named = page.match(/tests\/[\w/-]+\.test\.ts/g) ?? [];
  expect(named.length).toBeGreaterThanOrEqual(6);
  expect(named.filter((path) => !existsSync(path))).toEqual([]);
});
