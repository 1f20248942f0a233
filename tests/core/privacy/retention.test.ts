import { expect, test } from 'vitest';
import type { App } from '../../../core/app.ts';
import { listMedia } from '../../../core/generations/objects.ts';
import { DATED } from '../../../core/privacy/retention/outdated.ts';
import { keepWithinLimits, retentionReport } from '../../../core/privacy/retention.ts';
import { goRound } from '../../../core/privacy/walk.ts';
import { makePicture } from '../../privacy/pictures.ts';
import { openApp } from '../../support/app.ts';
import { createScriptedProvider } from '../../support/provider.ts';
import { ask } from '../../support/requests.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** So far ahead that the database's own expiry, which goes by the real clock, removes nothing. */
const AHEAD_MS = 400 * DAY_MS;

async function open() {
  const clock = { at: Date.now() + AHEAD_MS };
  const app = await openApp({ provider: await createScriptedProvider(), now: () => clock.at });
  return { app, clock };
}

const documents = (app: App, name: keyof App['models']) =>
  app.connection.collection<{ _id: string; [path: string]: unknown }>(app.models[name].collection.name);

const image = { read: () => makePicture('png', { width: 64, height: 64, words: 'x' }) };

test('removes what is a moment beyond its limit, in every collection that has one, and keeps what is a moment before it', async () => {
  const { app, clock } = await open();
  for (const { name, path, keptMs } of DATED) {
    const ages = { old: keptMs + 1, young: keptMs - 1 };
    for (const [_id, age] of Object.entries(ages)) {
      // Sparse unique indexes see nothing of these.
      await documents(app, name).insertOne({ _id: `${name}-${_id}`, [path]: new Date(clock.at - age), forgottenAt: new Date(0) });
    }
  }
  await keepWithinLimits(app, {});
  const left: string[] = [];
  for (const { name } of DATED) left.push(...(await documents(app, name).find().toArray()).map(({ _id }) => _id));
  expect(DATED.length).toBeGreaterThanOrEqual(7);
  expect(left.toSorted()).toEqual(DATED.map(({ name }) => `${name}-young`).toSorted());
});

test('removes an address that nobody confirmed an hour after its code has ended', async () => {
  const { app, clock } = await open();
  await ask(app, { command: 'start', at: clock.at });
  const until = new Date(clock.at);
  await app.models.accounts.updateOne({}, { $set: { mailProof: { address: '1.1.a.b.c', codeHash: 'x', tries: 0, until } } });
  const isThere = () => app.models.accounts.exists({ mailProof: { $exists: true } });
  clock.at += HOUR_MS - 1;
  await keepWithinLimits(app, {});
  expect(await isThere()).not.toBeNull();
  clock.at += HOUR_MS;
  await keepWithinLimits(app, {});
  expect(await isThere()).toBeNull();
});

test('removes the picture of an ended video within a day and keeps the one of a video that is still being made', async () => {
  const { app, clock } = await open();
  await ask(app, { command: 'animate', words: 'it swims seconds=2', image, at: clock.at });
  await ask(app, { command: 'animate', words: 'it waits seconds=2', image, at: clock.at });
  const [ended, waiting] = (await documents(app, 'generations').find().sort({ _id: 1 }).toArray()).map(({ _id }) => _id);
  await app.models.generations.updateOne({ _id: ended ?? '' }, { $set: { state: 'delivered' } });
  const pictures = async () => (await listMedia(app, 'image')).ids.toSorted();
  clock.at += 23 * HOUR_MS - 60_000;
  await keepWithinLimits(app, {});
  expect(await pictures()).toEqual([ended, waiting]);
  clock.at += HOUR_MS + 60_000;
  await keepWithinLimits(app, {});
  expect(await pictures()).toEqual([waiting]);
  expect((await app.models.generations.findById(ended).lean())?.removed?.image).toEqual(new Date(clock.at));
  const again = await ask(app, { words: `again=${ended}`, at: clock.at });
  expect(again.words).toMatch(/picture[\s\S]*Nothing was charged/);
});

test('removes what is left of an account that is gone, and nothing of one that is there', async () => {
  const { app, clock } = await open();
  await ask(app, { words: 'a fox', at: clock.at });
  const before = await app.models.ledgerEntries.countDocuments();
  const orphan = { accountId: 'gone', seq: 1, at: new Date(clock.at) };
  for (const name of ['generations', 'ledgerEntries', 'consents', 'privacyEvents', 'newsSent', 'subscriptions'] as const) {
    await documents(app, name).insertOne({ _id: 'orphan', ...orphan });
  }
  await documents(app, 'creditAccounts').insertOne({ _id: 'gone' });
  await documents(app, 'payments').insertOne({
    _id: 'orphan',
    accountId: 'gone',
    keyId: 'key',
    rev: 1,
    payer: 'x',
    amountMinor: 499,
  });
  const removed = await keepWithinLimits(app, {});
  expect(removed?.get('orphans')).toBe(8);
  for (const name of [
    'generations',
    'ledgerEntries',
    'consents',
    'privacyEvents',
    'newsSent',
    'subscriptions',
    'creditAccounts',
  ] as const) {
    expect(await documents(app, name).countDocuments({ $or: [{ _id: 'orphan' }, { _id: 'gone' }] }), name).toBe(0);
  }
  const payment = await documents(app, 'payments').findOne({ _id: 'orphan' });
  expect(payment).toMatchObject({
    amountMinor: 499,
    forgottenAt: new Date(clock.at),
    accountId: expect.stringMatching(/^gone-/),
  });
  expect(payment).not.toHaveProperty('payer');
  expect(await app.models.generations.countDocuments()).toBe(1);
  expect(await app.models.ledgerEntries.countDocuments()).toBe(before);
  clock.at += DAY_MS;
  expect((await keepWithinLimits(app, {}))?.get('orphans')).toBe(0);
});

test('removes nothing when so many accounts are missing that the accounts must have been lost', async () => {
  const { app } = await open();
  const many = Array.from({ length: 51 }, (_, index) => ({ _id: `c-${index}`, accountId: `a-${index}`, seq: 1 }));
  await documents(app, 'consents').insertMany(many);
  await keepWithinLimits(app, {});
  expect(await documents(app, 'consents').countDocuments()).toBe(51);
});

test('says how old the oldest of each kind is against its limit', async () => {
  const { app, clock } = await open();
  await documents(app, 'processedEvents').insertOne({ _id: 'one', receivedAt: new Date(clock.at - 3 * DAY_MS) });
  expect(await retentionReport(app)).toEqual([{ what: 'processedEvents', ageMs: 3 * DAY_MS, limitMs: 90 * DAY_MS }]);
});

test('goes one round at a time, once in its time, and after a crash from where the last page ended', async () => {
  const { app, clock } = await open();
  const cursors: string[] = [];
  const crash = goRound(app, 'usage', HOUR_MS, async ({ rest }) => {
    await rest('page 2');
    expect(await goRound(app, 'usage', HOUR_MS, async () => 'a second one')).toBeUndefined();
    throw new Error('killed');
  });
  await expect(crash).rejects.toThrow('killed');
  await goRound(app, 'usage', HOUR_MS, async ({ cursor }) => void cursors.push(cursor));
  expect(cursors).toEqual(['page 2']);
  expect(await goRound(app, 'usage', HOUR_MS, async () => 'too early')).toBeUndefined();
  clock.at += HOUR_MS;
  expect(await goRound(app, 'usage', HOUR_MS, async () => 'due')).toBe('due');
});
