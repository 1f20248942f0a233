// Defects T1 to T5, T15 and T16 that peers were found to have. The others are in platforms.test.ts, or proven where the thing
// itself is tested:
//
// T1   tests/workers/generate.test.ts  gives the credits back and says why when the provider fails with %s
//      tests/workers/deliver.test.ts  a chat that blocked the bot keeps its video in the history, and it is not tried again
// T5   tests/workers/generate.test.ts  never repeats a submit whose answer was lost where repeating costs
// T8   tests/web/stripe.test.ts  unsigned, stale, tampered, foreign and future webhooks are refused, …
//      tests/flows/repeats.test.ts  takes nothing from whoever does not know its secret
// T9   tests/core/payments/stars.test.ts  the same charge three times is one credit
//      tests/core/payments/stars.test.ts  pre-checkout of a closed order is refused with a reason
//      tests/bots/telegram/payments.test.ts  answers a pre-checkout within ten seconds even while other work is slow
// T10  tests/workers/payments.test.ts  killed at any call, a pack is paid exactly when it is credited, and is both in the end
// T11  tests/chaos/killed.test.ts  kill -9 of the whole process in the middle of a generation: …
// T13  tests/workers/payments.test.ts  twenty checkouts in one minute are twenty credited packs, with webhooks off
//      tests/workers/reconcile.test.ts  twenty checkouts in a minute without any webhook end in twenty grants, …
// T14  tests/core/wallet/join.test.ts  a process that dies between out and in loses nothing, …
//      tests/core/wallet/join.test.ts  of two who join one account at the same moment one is refused, …
//      tests/core/credits/proof.test.ts  no history of crashes, races, repeats, expiry, refunds and moves breaks a rule
import { expect, onTestFinished, test, vi } from 'vitest';
import { type App, createApp, type Outside } from '../../core/app.ts';
import { probe } from '../../core/media/probe.ts';
import { SubmitRejected, SubmitUnknown, Transient, type VideoProvider } from '../../core/providers/provider.ts';
import * as deliver from '../../workers/deliver.ts';
import * as generate from '../../workers/generate.ts';
import { sampleVideo } from '../core/media/sample.ts';
import { onDiscord } from '../flows/platforms.ts';
import { openApp, silence } from '../support/app.ts';
import { openOwnProduct } from '../support/product.ts';
import { createScriptedProvider, type ScriptedProvider } from '../support/provider.ts';
import { ask, creditsOf } from '../support/requests.ts';
import { recordSends } from '../support/sends.ts';
import { testServers } from '../support/servers.ts';
import { balanceOf } from '../support/shop.ts';

const MINUTE = 60_000;

/** An app whose clock is moved by the test, and somebody in it. */
async function open(provider: ScriptedProvider, settings: Record<string, string> = {}, outside: Outside = {}) {
  const clock = { at: Date.now() };
  const app = await openApp({ provider, now: () => clock.at, ...outside }, settings);
  const recorded = recordSends();
  return {
    app,
    provider,
    clock,
    ...recorded,
    say: (words: string) => ask(app, { words, at: clock.at }),
    step: (id: string) => generate.run(app, recorded.sends, id),
    bring: (id: string) => deliver.run(app, recorded.sends, id),
  };
}

type Stage = Awaited<ReturnType<typeof open>>;

/** Steps further apart than the lease of a submit lasts, until the generation has ended. */
async function stepToEnd({ app, clock, step }: Stage, id: string): Promise<void> {
  for (let times = 0; times < 25; times++) {
    await step(id);
    const { state } = (await app.models.generations.findById(id).lean()) ?? {};
    if (state !== 'queued' && state !== 'submitting' && state !== 'submitted') return;
    clock.at += 45_000;
  }
}

/** What was done to the credits for this generation, oldest first. */
async function entriesOf({ models }: App, id: string): Promise<string[]> {
  const entries = await models.ledgerEntries
    .find({ op: { $in: [`reserve:${id}`, `capture:${id}`, `release:${id}`] } })
    .sort({ seq: 1 })
    .lean();
  return entries.map(({ type }) => type);
}

/** The balance of the only person; fails when the ledger breaks a rule. */
async function onlyBalance(app: App) {
  const account = await app.models.creditAccounts.findOne().lean();
  return balanceOf(app, account?._id ?? '');
}

const outage: Partial<VideoProvider> = {
  poll: async () => {
    throw new Transient(1_000);
  },
};

test.each<[string, Partial<ScriptedProvider>]>([
  ['was refused', { refusals: [new SubmitRejected('content_policy')] }],
  ['was thrown at', { refusals: [new Error('socket hang up')] }],
  ['got no answer', { refusals: [new SubmitUnknown()] }],
  ['timed out', { answer: { state: 'running' } }],
  ['met an outage that did not end', outage],
  ['was lost by the provider', { answer: { state: 'failed', reason: 'expired' } }],
  ['brought no video', { download: async () => Buffer.from('no video') }],
])('a request that %s names the entry that gave its credits back, and that entry exists (T1)', async (_, script) => {
  const stage = await open(Object.assign(await createScriptedProvider(), script));
  const { follows: id = '' } = await stage.say('a fox');
  await stepToEnd(stage, id);
  await stage.bring(id);
  const words = stage.sendings.at(-1)?.words ?? '';
  expect(words).toMatch(/^No video this time: .* 12 credits are back, you have 50\. Nothing was charged\. Entry \S+\.$/);
  const named = / Entry (\S+)\.$/.exec(words)?.[1];
  expect(await stage.app.models.ledgerEntries.findById(named).lean()).toMatchObject({
    op: `release:${id}`,
    result: { captured: 0, returned: 12 },
  });
  expect(await onlyBalance(stage.app)).toEqual({ available: 50, held: 0, debt: 0 });
});

test('a video that cannot be stored is late: its credits are back by an entry that exists, and it still comes, free (T1)', async () => {
  const stage = await open(await createScriptedProvider());
  const { app, clock, step, sendings } = stage;
  const { follows: id = '' } = await stage.say('a fox');
  const { put } = app.storage;
  app.storage.put = async () => {
    throw new Error('the store is away');
  };
  await step(id);
  for (let minutes = 0; minutes < 5; minutes++) {
    await expect(step(id)).rejects.toThrow('the store is away');
    clock.at += MINUTE;
  }
  expect(await entriesOf(app, id)).toEqual(['reserve', 'release']);
  expect(sendings.at(-1)?.words).toContain('It is late, so it is free: 12 credits are back, and your video still comes.');
  app.storage.put = put;
  await step(id);
  await stage.bring(id);
  expect(sendings.at(-1)?.words).toContain('It was late, so it is free: 12 credits went back, 50 left.');
  expect(await onlyBalance(app)).toEqual({ available: 50, held: 0, debt: 0 });
});

const TOLD_WHY = /^This video costs \d+ credits.* Nothing was charged\.$/;

/** Fifty requests of one person at the same moment; each is either accepted or told why not. */
async function burst(welcome: string) {
  const { app, say } = await open(await createScriptedProvider(), { WELCOME_CREDITS: welcome });
  const replies = await Promise.all(Array.from({ length: 50 }, () => say('a fox')));
  const accepted = replies.filter(({ follows }) => follows !== undefined);
  const refused = replies.filter(({ words }) => TOLD_WHY.test(words));
  const reserved = await app.models.ledgerEntries.countDocuments({ type: 'reserve' });
  return { accepted: accepted.length, refused: refused.length, reserved, balance: await onlyBalance(app) };
}

test('fifty requests at once never spend one credit twice: one runs, 49 are told why (T2)', async () => {
  expect(await burst('12')).toEqual({ accepted: 1, refused: 49, reserved: 1, balance: { available: 0, held: 12, debt: 0 } });
});

test('a burst of fifty starts exactly as many videos as the credits allow (T16)', async () => {
  expect(await burst('90')).toEqual({ accepted: 7, refused: 43, reserved: 7, balance: { available: 6, held: 84, debt: 0 } });
});

test('what fails before the reservation leaves no entry at all (T3)', async () => {
  const { app, say, provider } = await open(await createScriptedProvider(), { WELCOME_CREDITS: '3' });
  for (const words of ['', 'a fox style=cubist', 'a fox seconds=99', 'again=tg-1', 'confirm=tg-1', 'a fox']) {
    expect((await say(words)).words).toContain('Nothing was charged');
  }
  expect((await app.models.ledgerEntries.find().lean()).map(({ op }) => op)).toEqual(['grant:promo:welcome']);
  expect(provider.submitted).toEqual([]);
});

test.each<[string, Partial<ScriptedProvider>, string]>([
  ['is made', {}, 'capture'],
  ['fails', { answer: { state: 'failed', reason: 'provider_error' } }, 'release'],
  ['takes too long', { answer: { state: 'running' } }, 'release'],
])('a video that %s has one reserve and one end, however often its steps are repeated (T3)', async (_, script, end) => {
  const stage = await open(Object.assign(await createScriptedProvider(), script));
  const { follows: id = '' } = await stage.say('a fox');
  await stepToEnd(stage, id);
  await Promise.all([stage.step(id), stage.step(id), stage.bring(id), stage.bring(id)]);
  await ask(stage.app, { command: 'cancel', words: `id=${id}`, at: stage.clock.at });
  await stage.step(id);
  expect(await entriesOf(stage.app, id)).toEqual(['reserve', end]);
  await onlyBalance(stage.app);
});

test('no provider is called before the reservation is committed (T4)', async () => {
  const trace: string[] = [];
  const atSubmit: string[][] = [];
  const provider = await createScriptedProvider({
    async submit({ reference }) {
      trace.push('submit');
      atSubmit.push(await entriesOf(app, reference));
      return { id: `job-${reference}` };
    },
  });
  const { app, say, step } = await open(provider, { WELCOME_CREDITS: '20' }, { monitorCommands: true });
  await ask(app, { command: 'balance' });
  app.connection.getClient().on('commandSucceeded', ({ commandName }) => {
    if (commandName === 'commitTransaction') trace.push('committed');
  });
  const { follows: id = '' } = await say('a fox');
  expect(trace).toEqual(['committed']);
  await step(id);
  expect(trace.filter((event) => event === 'submit')).toHaveLength(1);
  expect(atSubmit).toEqual([['reserve']]);

  const refused = await say('a fox');
  expect(refused.follows).toBeUndefined();
  for (const { _id } of await app.models.generations.find().lean()) if (_id !== id) await step(_id);
  expect(atSubmit).toHaveLength(1);
});

test.each([
  ['finds its job again', { find: async (reference: string) => ({ id: `job-${reference}` }) }, ['reserve', 'capture'], 38],
  ['gives up and gives the credits back where it cannot ask', {}, ['reserve', 'release'], 50],
])('a process killed after the POST is followed by one that %s: one paid task (T5)', async (_, options, entries, available) => {
  const paid: string[] = [];
  const provider = await createScriptedProvider({
    submit({ reference }) {
      paid.push(reference);
      // The process that waits for the first answer is gone before it comes.
      return paid.length === 1 ? new Promise(() => {}) : Promise.resolve({ id: 'a second task' });
    },
    ...options,
  });
  const first = await open(provider);
  const { follows: id = '' } = await first.say('a fox');
  void first.step(id);
  await vi.waitUntil(() => paid.length === 1, { timeout: 5_000 });
  await first.app.close();

  const app = await createApp(first.app.config, { provider, log: silence, now: () => first.clock.at });
  onTestFinished(() => app.close());
  const { sends } = recordSends();
  await stepToEnd({ ...first, app, step: (generation) => generate.run(app, sends, generation) }, id);
  expect(paid).toEqual([id]);
  expect(await entriesOf(app, id)).toEqual(entries);
  expect(await creditsOf(app)).toEqual({ available, held: 0 });
});

test('a video above the limit that the place announces arrives re-encoded under it (T15)', async () => {
  const large = await sampleVideo(testServers().ffmpeg, { size: '480x270', noisy: true });
  const limit = 150_000;
  expect(large.length).toBeGreaterThan(4 * limit);
  const product = await openOwnProduct({ provider: await createScriptedProvider({ download: async () => large }) });
  product.discord.attachmentLimit = limit;
  const guest = onDiscord(product);
  guest.wish('a fox');
  const [file] = (await guest.watches()).files;
  const arrived = Buffer.from(await (await fetch(file?.url ?? '')).arrayBuffer());
  expect(arrived.length).toBeLessThanOrEqual(limit);
  expect(await probe(arrived)).toMatchObject({ videoCodec: 'avc', audioCodec: 'aac', faststart: true });

  product.discord.attachmentLimit = 10 * large.length;
  guest.wish('a ship');
  const [whole] = (await guest.watches()).files;
  expect(whole?.size).toBe(large.length);
});
