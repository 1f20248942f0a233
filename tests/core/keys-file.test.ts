import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadKek, loadKeks } from '../../core/keys.ts';

let directory: string;
let file: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lpm-kek-'));
  file = join(directory, 'secrets', 'master.key');
});
afterEach(() => rm(directory, { recursive: true }));

const key = Buffer.alloc(32, 0xfb);

describe('the master key', () => {
  test.each(['base64', 'base64url', 'hex'] as const)('is read from the setting as %s, and no file is made', async (encoding) => {
    expect(await loadKek({ value: ` ${key.toString(encoding)}\n`, file })).toEqual(key);
    expect(await readdir(directory)).toEqual([]);
  });

  test.each([
    'short',
    key.subarray(1).toString('base64'),
    `${key.toString('hex')}00`,
    '!'.repeat(44),
    `${key.toString('base64')}!`,
  ])('is refused as the setting %s, with a way out', async (value) => {
    await expect(loadKek({ value, file })).rejects.toThrow(
      'MASTER_KEY must hold 32 bytes as base64 or as 64 hexadecimal digits. Make one with: openssl rand -base64 32',
    );
  });

  test('is made where there is none, readable by its owner only, and stays the same', async () => {
    const made = await loadKek({ file });
    expect(made).toHaveLength(32);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(directory, 'secrets'))).mode & 0o077).toBe(0);
    expect(Buffer.from(await readFile(file, 'utf8'), 'base64')).toEqual(made);
    expect(await loadKek({ file })).toEqual(made);
  });

  test('is one key when many start at once, and no draft is left', async () => {
    const loaded = await Promise.all(Array.from({ length: 20 }, () => loadKek({ file })));
    expect(new Set(loaded.map((kek) => kek.toString('hex'))).size).toBe(1);
    expect(await readdir(join(directory, 'secrets'))).toEqual(['master.key']);
  });

  test.each([0o640, 0o604, 0o644])('is refused from a file of mode %o, which others may read', async (mode) => {
    await loadKek({ file });
    await chmod(file, mode);
    await expect(loadKek({ file })).rejects.toThrow(`others may read it. Close it with: chmod 600 ${file}`);
  });

  test.each(['', 'c2hvcnQ=\n'])('is refused from a file that holds %j, and the file stays as it is', async (content) => {
    await loadKek({ file });
    await writeFile(file, content);
    await expect(loadKek({ file })).rejects.toThrow(`${file} must hold 32 bytes`);
    expect(await readFile(file, 'utf8')).toBe(content);
  });
});

describe('earlier master keys', () => {
  const old = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];

  test('stand beside the present one, whether that is set or in the file', async () => {
    const MASTER_KEY_OLD = ` ${old[0]?.toString('hex')} ,\n${old[1]?.toString('base64')},`;
    const present = key.toString('base64');
    expect(await loadKeks({ MASTER_KEY: present, MASTER_KEY_OLD, file })).toEqual({ kek: key, oldKeks: old });
    expect(await loadKeks({ MASTER_KEY_OLD, file })).toEqual({ kek: await loadKek({ file }), oldKeks: old });
    expect(await loadKeks({ MASTER_KEY: present, file })).toEqual({ kek: key, oldKeks: [] });
  });

  test('are refused when one of them is no key, and no file is made', async () => {
    await expect(loadKeks({ MASTER_KEY_OLD: 'c2hvcnQ=', file })).rejects.toThrow('MASTER_KEY_OLD must hold 32 bytes');
    expect(await readdir(directory)).toEqual([]);
  });
});
