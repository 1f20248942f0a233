import { randomBytes } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import { openAccount } from '../../core/accounts.ts';
import type { App } from '../../core/app.ts';
import { type Keks, KeyDestroyed, MasterKeyMissing, rewrapKeys } from '../../core/keys.ts';
import { DEPLOYMENT_KEY_NAMES } from '../../models/deployment-key.ts';
import { rotateKeys } from '../../operate/rotate.ts';
import { freshName, openApp } from '../support/app.ts';
import { buildRequest } from '../support/requests.ts';

const PAGE = 3;

/** One deployment, which the processes of the test open with the master keys that they know. */
function deployment() {
  const name = freshName();
  const [old, next] = [randomBytes(32), randomBytes(32)];
  const start = (keks: Keks) => openApp({}, { NAME: name, S3_BUCKET: name }, keks);
  return {
    /** As it ran before: it knows the next master key already, and writes with the old one. */
    openBefore: () => start({ kek: old, oldKeks: [next] }),
    openBoth: () => start({ kek: next, oldKeks: [old] }),
    openNextAlone: () => start({ kek: next }),
    openOldAlone: () => start({ kek: old }),
  };
}

const sign = (app: App, user: number) =>
  openAccount(app, buildRequest({ person: { name: `Person ${user}`, language: 'en' } }, String(user)));

async function nameOf(app: App, user: number): Promise<string> {
  const { id, keys, about } = await sign(app, user);
  return keys.unseal({ collection: 'accounts', id, path: 'name' }, about.name ?? '');
}

const kekIdOf = (app: App) => app.keys.newDataKey('nobody', new Date(0)).kekId;

async function signAll(app: App, users: readonly number[]): Promise<void> {
  for (const user of users) await sign(app, user);
}

const range = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index);

/** Runs `meanwhile` between reading a page and writing it, at the page of that number. */
function atPage(app: App, number: number, meanwhile: () => Promise<unknown>) {
  const write = app.models.keys.bulkWrite.bind(app.models.keys);
  let page = 0;
  return vi.spyOn(app.models.keys, 'bulkWrite').mockImplementation(async (writes: Parameters<typeof write>[0]) => {
    page += 1;
    if (page === number) await meanwhile();
    return write(writes, { ordered: false });
  });
}

async function destroyKey(app: App, keyId: string | undefined): Promise<void> {
  const destroyed = { $set: { state: 'destroyed', destroyedAt: new Date(0) }, $unset: { wrapped: 1 } };
  await app.models.keys.updateOne({ _id: keyId ?? '' }, destroyed);
}

test('rotating beside traffic leaves everything readable with the new master key alone, under the same blind indexes', async () => {
  const { openBefore, openBoth, openNextAlone } = deployment();
  const before = await openBefore();
  await signAll(before, range(1, 12));
  const both = await openBoth();
  const [found, receipt] = [both.keys.blindIndex('identity', 'telegram', '1'), both.keys.signReceipt(Buffer.from('r'))];
  const idsBefore = await both.models.accounts.distinct('_id');

  let isRotating = true;
  const traffic = async (app: App, first: number) => {
    let made = 0;
    while (isRotating || made < 4) {
      await sign(app, first + made);
      made += 1;
      for (const user of [1, 12, first]) expect(await nameOf(app, user)).toBe(`Person ${user}`);
    }
    return range(first, made);
  };
  const during = Promise.all([traffic(before, 1_000), traffic(both, 2_000)]);
  expect((await rewrapKeys(both, PAGE)).rewrapped).toBeGreaterThanOrEqual(12 + DEPLOYMENT_KEY_NAMES.length);
  isRotating = false;
  const made = (await during).flat();
  expect((await rewrapKeys(both, PAGE)).left).toEqual({});
  expect(await rewrapKeys(both, PAGE)).toEqual({ rewrapped: 0, left: {} });

  const after = await openNextAlone();
  await signAll(after, [3_000]);
  for (const user of [...range(1, 12), ...made, 3_000]) expect(await nameOf(after, user)).toBe(`Person ${user}`);
  expect(await after.models.accounts.countDocuments()).toBe(12 + made.length + 1);
  expect(await after.models.accounts.distinct('_id')).toEqual(expect.arrayContaining(idsBefore));
  expect(after.keys.blindIndex('identity', 'telegram', '1')).toBe(found);
  expect(after.keys.signReceipt(Buffer.from('r'))).toEqual(receipt);
  expect(await after.models.keys.distinct('kekId')).toEqual([kekIdOf(after)]);
});

test('a rotation that dies in the middle loses nothing, keeps a start without the old master key away, and is finished by the next', async () => {
  const { openBefore, openBoth, openNextAlone, openOldAlone } = deployment();
  const before = await openBefore();
  await signAll(before, range(1, 8));
  const both = await openBoth();
  const dying = atPage(both, 2, () => Promise.reject(new Error('killed')));
  await expect(rewrapKeys(both, PAGE)).rejects.toThrow('killed');
  dying.mockRestore();

  const kekIds = (await both.models.keys.find().lean()).map(({ kekId }) => kekId);
  expect(kekIds.filter((kekId) => kekId === kekIdOf(both))).toHaveLength(PAGE);
  for (const user of range(1, 8)) {
    expect(await nameOf(before, user)).toBe(`Person ${user}`);
    expect(await nameOf(both, user)).toBe(`Person ${user}`);
  }
  await expect(openNextAlone()).rejects.toThrow(MasterKeyMissing);

  expect(await rewrapKeys(both, PAGE)).toEqual({ rewrapped: 8 - PAGE + DEPLOYMENT_KEY_NAMES.length, left: {} });
  const after = await openNextAlone();
  for (const user of range(1, 8)) expect(await nameOf(after, user)).toBe(`Person ${user}`);
  await expect(openOldAlone()).rejects.toThrow(MasterKeyMissing);
});

test('a destroyed key stays destroyed, also one that is destroyed between reading and writing', async () => {
  const { openBefore, openBoth } = deployment();
  const before = await openBefore();
  await signAll(before, range(1, 4));
  const both = await openBoth();
  const [first, second] = (await both.models.keys.find({}, { _id: 1 }).sort({ _id: 1 }).lean()).map(({ _id }) => _id);
  await destroyKey(both, first);
  const destroyedAlready = await both.models.keys.findById(first).lean();
  const spy = atPage(both, 1, () => destroyKey(both, second));
  expect(await rewrapKeys(both, PAGE)).toEqual({ rewrapped: 2 + DEPLOYMENT_KEY_NAMES.length, left: {} });
  spy.mockRestore();

  expect(await both.models.keys.findById(first).lean()).toEqual(destroyedAlready);
  const tombstone = await both.models.keys.findById(second).lean();
  expect(tombstone).toMatchObject({ state: 'destroyed', kekId: kekIdOf(before) });
  expect(tombstone).not.toHaveProperty('wrapped');
  expect(() => both.keys.open(tombstone)).toThrow(KeyDestroyed);
});

test('a key that an old process makes behind the walk is told as left, and the next run takes it along', async () => {
  const { openBefore, openBoth } = deployment();
  const before = await openBefore();
  await signAll(before, range(1, 4));
  const both = await openBoth();
  const walked = await both.models.keys
    .findOne({}, { _id: 1 })
    .sort({ _id: 1 })
    .skip(PAGE - 1)
    .lean();
  const late = range(0, 10_000)
    .map((number) => before.keys.newDataKey(`late ${number}`, new Date(0)))
    .find(({ _id }) => _id < (walked?._id ?? ''));
  if (!late) throw new Error('no id sorts before the second page');
  const spy = atPage(both, 2, () => both.models.keys.create(late));
  const left = { [kekIdOf(before)]: 1 };
  expect(await rewrapKeys(both, PAGE)).toEqual({ rewrapped: 4 + DEPLOYMENT_KEY_NAMES.length, left });
  spy.mockRestore();
  expect(await rotateKeys(both)).toEqual([
    'Keys wrapped anew by the present master key: 1.',
    'Nothing is left under an earlier one: take it out of MASTER_KEY_OLD.',
  ]);
  expect(both.keys.open(await both.models.keys.findById(late._id).lean()).objectsKey).toEqual(before.keys.open(late).objectsKey);
});

test('a key that was damaged or whose master key is lost is told as left, untouched, and holds up no other', async () => {
  const { openBefore, openBoth } = deployment();
  const before = await openBefore();
  await signAll(before, range(1, 2));
  const damaged = { ...before.keys.newDataKey('boris', new Date(0)), _id: '-moved' };
  const lost = { ...before.keys.newDataKey('carla', new Date(0)), kekId: 'lostlostlost' };
  await before.models.keys.create([damaged, lost]);
  const both = await openBoth();
  expect(await rewrapKeys(both, PAGE)).toEqual({
    rewrapped: 2 + DEPLOYMENT_KEY_NAMES.length,
    left: { [kekIdOf(before)]: 1, lostlostlost: 1 },
  });
  const told = await rotateKeys(both);
  for (const { _id, kekId, wrapped } of [damaged, lost]) {
    expect(told).toContain(`Keys still under master key ${kekId}: 1.`);
    expect(await both.models.keys.findById(_id).lean()).toMatchObject({ kekId, wrapped });
  }
});
