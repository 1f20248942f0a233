import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { openAccount } from '../../../core/accounts.ts';
import type { App } from '../../../core/app.ts';
import { MasterKeyMissing, openKeys } from '../../../core/keys.ts';
import { DEPLOYMENT_KEY_NAMES, type DeploymentKeyDocument } from '../../../models/deployment-key.ts';
import { freshName, openApp } from '../../support/app.ts';
import { buildRequest } from '../../support/requests.ts';

/** Everything that is stored, as text. */
async function dump({ models }: App): Promise<string> {
  const collections = Object.values(models).map(async ({ collection }) => [collection.name, await collection.find().toArray()]);
  return JSON.stringify(await Promise.all(collections));
}

const storedKeys = ({ models }: App) => models.deploymentKeys.find().lean<DeploymentKeyDocument[]>();

/** Settings of one deployment that is started more than once. */
function deployment() {
  const name = freshName();
  return { NAME: name, S3_BUCKET: name };
}

const anna = () => buildRequest({}, '12');

describe('at the first start', () => {
  test('the deployment gets its five keys, each wrapped by the master key and bound to its name', async () => {
    const app = await openApp();
    const stored = await storedKeys(app);
    expect(stored.map(({ _id }) => _id).sort()).toEqual([...DEPLOYMENT_KEY_NAMES].sort());
    const { kekId } = app.keys.newDataKey('anna', new Date(0));
    for (const one of stored) expect(one).toMatchObject({ kekId, wrapped: expect.stringMatching(/^1\.1\./) });
    expect(app.keys.galleryKey).not.toEqual(app.keys.journalKey);
    for (const key of [app.keys.galleryKey, app.keys.journalKey]) {
      expect(key).toHaveLength(32);
      for (const encoding of ['base64', 'base64url', 'hex'] as const)
        expect(await dump(app)).not.toContain(key.toString(encoding));
    }
  });

  test('many starts at once end with one set of keys', async () => {
    const { models } = await openApp();
    await models.deploymentKeys.deleteMany({});
    const kek = randomBytes(32);
    const opened = await Promise.all(Array.from({ length: 12 }, () => openKeys(models, { kek })));
    const seen = opened.map(({ blindIndex, galleryKey, journalKey, receiptsPublicKey }) =>
      [
        blindIndex('a'),
        galleryKey.toString('hex'),
        journalKey.toString('hex'),
        receiptsPublicKey.export({ format: 'jwk' }).x,
      ].join(),
    );
    expect(new Set(seen).size).toBe(1);
    expect(await models.deploymentKeys.countDocuments()).toBe(DEPLOYMENT_KEY_NAMES.length);
  });

  test('of two starts with different master keys one is refused', async () => {
    const { models } = await openApp();
    await models.deploymentKeys.deleteMany({});
    const opened = await Promise.allSettled([1, 2].map(() => openKeys(models, { kek: randomBytes(32) })));
    expect(opened.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(opened.find(({ status }) => status === 'rejected')).toMatchObject({ reason: expect.any(MasterKeyMissing) });
  });
});

describe('a start with a lost master key', () => {
  test('is refused with what to do, writes nothing, and the right key brings everything back', async () => {
    const [settings, kek] = [deployment(), randomBytes(32)];
    const app = await openApp({}, settings, { kek });
    const account = await openAccount(app, anna());
    const before = await dump(app);

    const [present] = await storedKeys(app);
    const lost = openApp({}, settings, { kek: randomBytes(32), oldKeks: [randomBytes(32)] });
    await expect(lost).rejects.toThrow(MasterKeyMissing);
    await expect(lost).rejects.toThrow(new RegExp(`master key ${present?.kekId}, and .*MASTER_KEY_OLD, or restore the lost one`));
    expect(await dump(app)).toBe(before);

    const again = await openApp({}, settings, { kek });
    expect(nameOf(await openAccount(again, anna()))).toBe('Ann');
    expect(await again.models.accounts.distinct('_id')).toEqual([account.id]);
  });

  test.each<[string, (app: App) => Promise<unknown>, string]>([
    ['all of them are lost', ({ models }) => models.deploymentKeys.deleteMany({}), 'no deployment keys'],
    ['one of them is lost', ({ models }) => models.deploymentKeys.deleteOne({ _id: 'journal' }), '"journal" is missing'],
    ['two have changed places', swap, 'was changed and does not open'],
  ])('or with its own key is refused where %s, instead of making new ones', async (_, damage, sentence) => {
    const [settings, kek] = [deployment(), randomBytes(32)];
    const app = await openApp({}, settings, { kek });
    await openAccount(app, anna());
    await damage(app);
    const before = await dump(app);
    await expect(openApp({}, settings, { kek })).rejects.toThrow(sentence);
    await expect(openApp({}, settings, { kek })).rejects.toThrow('Restore the collection deploymentkeys from its backup');
    expect(await dump(app)).toBe(before);
  });
});

async function swap({ models }: App): Promise<void> {
  const wrapped = Object.fromEntries((await models.deploymentKeys.find().lean()).map((one) => [one._id, one.wrapped]));
  await models.deploymentKeys.updateOne({ _id: 'index' }, { $set: { wrapped: wrapped.inbox } });
  await models.deploymentKeys.updateOne({ _id: 'inbox' }, { $set: { wrapped: wrapped.index } });
}

function nameOf({ id, keys, about }: Awaited<ReturnType<typeof openAccount>>): string {
  return keys.unseal({ collection: 'accounts', id, path: 'name' }, about.name ?? '');
}

describe('a database from before deployment keys were stored', () => {
  const kek = Buffer.alloc(32, 7);
  const at = new Date(0);

  /** What the version before stored under `kek` for Telegram's user 12: as it wrote it, not as it would be written now. */
  async function openOld() {
    const settings = deployment();
    const app = await openApp({}, settings, { kek });
    await app.models.deploymentKeys.deleteMany({});
    const keyId = 'bKrg_nFHx24rHJyrVMeppLDJLT-oyb8HAZU1n3McBsA';
    await app.models.keys.create({
      _id: keyId,
      state: 'active',
      kekId: 'DJAoPzrebMqL',
      wrapped: '1.1.rKjnOFr8dA0RgLLy.SoCrjZfYs93RDJiPybjrvMOV8-fDtPtDz94NF_HFtbc.8a94MJQhkxbFjlINsg1AqA',
      version: 1,
      createdAt: at,
    });
    await app.models.accounts.create({
      _id: 'anna',
      identities: [{ platform: 'telegram', hash: 'b7EepZZoxmdbcUNaEXYhgCT50UDID-yoGZP70Dp_3bY' }],
      keyId,
      status: 'active',
      name: '1.1.MCTFt74f4--75gkT.IoOXgw.Kd4XxDWKg5oW6zXSABjJ-Q',
      settings: {},
      createdAt: at,
    });
    return { settings, app };
  }
  const body = '1.1.jSfpi-eZOoa5s6o3.2Dmm1dvw7hsqyNbK.IuuEZFtdL3uX-3U3S24LjA';

  test.each<[string, { kek: Buffer; oldKeks?: Buffer[] }]>([
    ['with its master key', { kek }],
    ['with a new master key beside its own', { kek: randomBytes(32), oldKeks: [kek] }],
  ])('keeps its blind indexes and opens what it sealed, %s', async (_, keks) => {
    const { settings } = await openOld();
    const app = await openApp({}, settings, keks);
    const account = await openAccount(app, anna());
    expect(account.id).toBe('anna');
    expect(nameOf(account)).toBe('Anna');
    expect(app.keys.unsealDeployment({ collection: 'storedupdates', id: 'tg-1', path: 'body' }, body)).toBe('a lighthouse');
    expect((await storedKeys(app)).map(({ kekId }) => kekId)).toEqual(
      DEPLOYMENT_KEY_NAMES.map(() => app.keys.newDataKey('b', at).kekId),
    );
  });

  test('is not started with another master key, and gets no keys by that', async () => {
    const { settings, app } = await openOld();
    const before = await dump(app);
    await expect(openApp({}, settings, { kek: randomBytes(32) })).rejects.toThrow('Set the MASTER_KEY they were made with');
    expect(await dump(app)).toBe(before);
  });
});
