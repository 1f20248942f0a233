import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openAccount } from '../../../core/accounts.ts';
import { loadKeks } from '../../../core/keys.ts';
import { start } from '../../../main.ts';
import { newKey } from '../../../operate/new-key.ts';
import { createKmsSimulator } from '../../../simulator/kms.ts';
import { testEnvironment } from '../../support/app.ts';
import { buildRequest } from '../../support/requests.ts';

/** Settings of a deployment whose master key KMS made, and the folder of all its files. */
async function underKms() {
  const kms = await createKmsSimulator();
  const DATA_DIR = await mkdtemp(join(tmpdir(), 'lpm-kms-'));
  vi.stubEnv('AWS_ACCESS_KEY_ID', kms.credentials.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', kms.credentials.secretAccessKey);
  const where = { MASTER_KEY_KMS: kms.createKey(), KMS_API: kms.url };
  const MASTER_KEY = (await newKey(where)).join('\n');
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await kms.close();
    await rm(DATA_DIR, { recursive: true });
  });
  return { kms, settings: testEnvironment({ ...where, MASTER_KEY, DATA_DIR, DISCORD_TOKEN: 'token', ROLES: 'web' }), DATA_DIR };
}

const filesBelow = async (folder: string) =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));

test('a product starts with a master key that only KMS can open, and stores it nowhere in plain', async () => {
  const { settings, DATA_DIR } = await underKms();
  const { kek } = await loadKeks({ ...settings, file: join(DATA_DIR, 'master.key') });
  const { app, close } = await start(settings, () => {});
  try {
    await openAccount(app, buildRequest());
    const stored = await Promise.all(Object.values(app.models).map(({ collection }) => collection.find().toArray()));
    const files = await filesBelow(DATA_DIR);
    const places = [JSON.stringify(stored), ...files.map((file) => readFileSync(file, 'latin1'))];
    expect(app.config.kek).toEqual(kek);
    expect(places[0]).toContain(app.keys.newDataKey('a', new Date(0)).kekId);
    for (const form of ['base64', 'base64url', 'hex', 'latin1'] as const)
      expect(places.join('\n')).not.toContain(kek.toString(form));
    expect(files).not.toContain(join(DATA_DIR, 'master.key'));
  } finally {
    await close();
  }
});

test('a product does not start while KMS refuses, and takes no other key instead', async () => {
  const { kms, settings, DATA_DIR } = await underKms();
  kms.deny(['Decrypt']);
  await expect(start(settings, () => {})).rejects.toThrow('allow kms:Decrypt');
  expect(await filesBelow(DATA_DIR)).toEqual([]);
});
