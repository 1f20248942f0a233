import { expect, test } from 'vitest';
import { checkInvariants } from '../../core/credits/invariants.ts';
import { finish } from '../../core/generations/settle.ts';
import * as deliver from '../../workers/deliver.ts';
import * as generate from '../../workers/generate.ts';
import { openApp } from '../support/app.ts';
import { createScriptedProvider } from '../support/provider.ts';
import { ask, creditsOf } from '../support/requests.ts';
import { recordSends } from '../support/sends.ts';

/** The estimate is 10 s, so that 120 s are promised. */
const PROMISED_MS = 120_000;

/** A generation that the provider works on. */
async function running(options = {}) {
  const clock = { at: Date.now() };
  const provider = await createScriptedProvider(options);
  provider.answer = { state: 'running', progress: 0.5 };
  const app = await openApp({ provider, now: () => clock.at });
  const { follows: id = '' } = await ask(app, { words: 'a fox', at: clock.at });
  const recorded = recordSends();
  const step = () => generate.run(app, recorded.sends, id);
  await step();
  const read = () => app.models.generations.findById(id).lean();
  /** Types of the ledger's entries, after its rules were checked. */
  const types = async () => {
    const entries = await app.models.ledgerEntries.find().sort({ seq: 1 }).lean();
    const account = await app.models.creditAccounts.findOne().lean();
    if (!account) throw new Error('there is no credit account');
    checkInvariants(account, entries);
    return entries.map(({ type }) => type);
  };
  return { app, provider, clock, id, step, read, types, ...recorded, bring: () => deliver.run(app, recorded.sends, id) };
}

test('what is late is free: its credits are back at once, and its video still comes and is not charged', async () => {
  const { app, provider, clock, id, step, read, types, sendings, bring } = await running();
  clock.at += PROMISED_MS - 1;
  await step();
  expect(await creditsOf(app)).toEqual({ available: 38, held: 12 });
  clock.at += 1;
  await step();
  expect(await creditsOf(app)).toEqual({ available: 50, held: 0 });
  expect(await read()).toMatchObject({ state: 'submitted', free: true });
  const entry = await app.models.ledgerEntries.findOne({ op: `release:${id}` }).lean();
  expect(sendings.map(({ words }) => words)).toContain(
    `Still at it. It is late, so it is free: 12 credits are back, and your video still comes. Entry ${entry?._id}.`,
  );
  provider.answer = { state: 'succeeded' };
  await step();
  await bring();
  expect((await read())?.state).toBe('delivered');
  expect(sendings.at(-1)?.words).toContain('It was late, so it is free: 12 credits went back, 50 left.');
  expect(sendings.at(-1)?.reply.video).toBeDefined();
  expect(await types()).toEqual(['grant', 'reserve', 'release']);
});

test('gives the credits back once, however often and beside each other its steps run', async () => {
  const { app, clock, step, types } = await running();
  clock.at += PROMISED_MS;
  await Promise.all([step(), step(), step()]);
  await step();
  expect(await types()).toEqual(['grant', 'reserve', 'release']);
  expect(await creditsOf(app)).toEqual({ available: 50, held: 0 });
});

test('what is free and then fails names the entry that gave its credits back, and gives nothing twice', async () => {
  const { app, provider, clock, step, read, types, sendings, bring } = await running();
  clock.at += PROMISED_MS;
  await step();
  provider.answer = { state: 'failed', reason: 'provider_error' };
  await step();
  expect((await read())?.state).toBe('failed');
  await bring();
  expect(sendings.at(-1)?.words).toMatch(/12 credits are back, you have 50\. Nothing was charged\. Entry \S+#3\.$/);
  expect(await types()).toEqual(['grant', 'reserve', 'release']);
  expect(await creditsOf(app)).toEqual({ available: 50, held: 0 });
});

test('what is free can be cancelled, and is given up in the end like any other', async () => {
  for (const end of ['cancel', 'wait'] as const) {
    const { app, clock, step, read, types } = await running();
    clock.at += PROMISED_MS;
    await step();
    clock.at += end === 'wait' ? 15 * 60_000 : 0;
    if (end === 'wait') await step();
    else expect((await ask(app, { command: 'cancel' })).words).toBe('Cancelled. 12 credits are back, you have 50.');
    expect((await read())?.state).toBe('failed');
    expect(await types()).toEqual(['grant', 'reserve', 'release']);
  }
});

test('a video that is stored in the very moment it becomes free is kept and not charged', async () => {
  const { app, clock, step, read, types } = await running();
  const before = await read();
  if (!before) throw new Error('the generation is gone');
  clock.at += PROMISED_MS;
  await step();
  expect(await finish(app, before, { seconds: 6, width: 320, height: 180, size: 1 })).toBe(true);
  expect((await read())?.state).toBe('done');
  expect(await types()).toEqual(['grant', 'reserve', 'release']);
});

test('does not touch a generation whose submit is on its way', async () => {
  const { app, clock, step, read, id } = await running();
  clock.at += PROMISED_MS;
  const leaseUntil = new Date(clock.at + 1_000);
  await app.models.generations.updateOne({ _id: id }, { $set: { state: 'submitting', leaseUntil } });
  await step();
  expect(await read()).not.toHaveProperty('free');
  expect(await creditsOf(app)).toEqual({ available: 38, held: 12 });
});

test('what waits in the line becomes free there, and is made all the same', async () => {
  const { app, provider, clock } = await running({ slots: 1 });
  const { follows: id = '' } = await ask(app, { words: 'a cat', at: clock.at });
  const { sends, sendings } = recordSends();
  const promised = (await app.models.generations.findById(id).lean())?.promisedAt;
  expect(promised?.getTime()).toBe(clock.at + PROMISED_MS);
  clock.at += PROMISED_MS;
  await generate.run(app, sends, id);
  expect(await app.models.generations.findById(id).lean()).toMatchObject({ state: 'queued', free: true });
  expect(sendings).toHaveLength(1);
  expect(provider.submitted).toHaveLength(1);
});
