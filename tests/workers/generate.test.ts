import { expect, test } from 'vitest';
import type { App } from '../../core/app.ts';
import { SubmitRejected, SubmitUnknown, Transient } from '../../core/providers/provider.ts';
import * as deliver from '../../workers/deliver.ts';
import * as generate from '../../workers/generate.ts';
import { openApp } from '../support/app.ts';
import { createScriptedProvider } from '../support/provider.ts';
import { ask, creditsOf } from '../support/requests.ts';
import { recordSends } from '../support/sends.ts';

/** An app whose clock stands still until it is moved, with one accepted request. */
async function accepted(options = {}, words = 'a fox') {
  const clock = { at: Date.now() };
  const provider = await createScriptedProvider(options);
  const app = await openApp({ provider, now: () => clock.at });
  const { follows = '' } = await ask(app, { words, at: clock.at });
  const recorded = recordSends();
  return { app, provider, clock, id: follows, ...recorded, step: () => generate.run(app, recorded.sends, follows) };
}

const stateOf = async (app: App, id: string) => (await app.models.generations.findById(id).lean())?.state;

test('submits once, stores the video, takes the credits and delivers', async () => {
  const { app, provider, id, step, sends, sendings } = await accepted();
  expect(await step()).toEqual({ afterMs: 20 });
  expect(await stateOf(app, id)).toBe('submitted');
  expect(await step()).toBeUndefined();
  expect(await stateOf(app, id)).toBe('done');
  expect(await creditsOf(app)).toEqual({ available: 38, held: 0 });
  await deliver.run(app, sends, id);
  expect(await stateOf(app, id)).toBe('delivered');
  expect(sendings.map(({ words }) => words)).toEqual([expect.stringContaining('12 credits used, 38 left.')]);
  const files = await sendings[0]?.reply.video?.read();
  expect(files?.video.equals(await provider.download({ id: '' }))).toBe(true);
  expect(files?.poster.subarray(0, 2).toString('hex')).toBe('ffd8');
  expect(provider.submitted).toEqual([
    expect.objectContaining({ reference: id, prompt: 'a fox', style: 'cinematic', seconds: 6 }),
  ]);
});

test('steps that run twice or beside each other pay the provider and the person once', async () => {
  const { app, provider, id, step, sends, sendings } = await accepted();
  await Promise.all([step(), step(), step()]);
  await Promise.all([step(), step(), step()]);
  await Promise.all([step(), step()]);
  await Promise.all([deliver.run(app, sends, id), deliver.run(app, sends, id)]);
  await deliver.run(app, sends, id);
  expect(provider.submitted).toHaveLength(1);
  expect(sendings).toHaveLength(1);
  expect(await creditsOf(app)).toEqual({ available: 38, held: 0 });
});

test.each(['content_policy', 'invalid_input', 'provider_error', 'expired'] as const)(
  'gives the credits back and says why when the provider fails with %s',
  async (reason) => {
    const { app, provider, id, step, sends, sendings } = await accepted();
    provider.answer = { state: 'failed', reason };
    await step();
    await step();
    expect(await creditsOf(app)).toEqual({ available: 50, held: 0 });
    await deliver.run(app, sends, id);
    expect(await stateOf(app, id)).toBe('told');
    expect(sendings[0]?.words).toMatch(
      /^No video this time: the video model .* 12 credits are back, you have 50\. Nothing was charged\. Entry \S+#3\.$/,
    );
    // Peers' defect T1: the entry that is named exists, and gave these credits back.
    const named = / Entry (\S+)\.$/.exec(sendings[0]?.words ?? '')?.[1];
    expect(await app.models.ledgerEntries.findById(named).lean()).toMatchObject({
      op: `release:${id}`,
      result: { captured: 0, returned: 12 },
    });
  },
);

test('a submit that the provider refuses ends at once', async () => {
  const { app, provider, id, step } = await accepted();
  provider.refusals.push(new SubmitRejected('content_policy'));
  await step();
  expect(await stateOf(app, id)).toBe('failed');
  expect(await creditsOf(app)).toEqual({ available: 50, held: 0 });
});

test('never repeats a submit whose answer was lost where repeating costs', async () => {
  const { app, provider, clock, id, step } = await accepted();
  provider.refusals.push(new SubmitUnknown());
  await step();
  for (let minutes = 0; minutes < 20; minutes++) {
    clock.at += 60_000;
    await step();
  }
  expect(provider.submitted).toHaveLength(0);
  expect(await stateOf(app, id)).toBe('failed');
  expect(await creditsOf(app)).toEqual({ available: 50, held: 0 });
});

test('finds the job of a lost submit where the provider can be asked', async () => {
  const find = async (reference: string) => ({ id: `job-${reference}` });
  const { app, provider, clock, id, step } = await accepted({ find });
  provider.refusals.push(new SubmitUnknown());
  await step();
  clock.at += 60_000;
  await step();
  await step();
  expect(await stateOf(app, id)).toBe('done');
});

test('repeats a submit that costs nothing, and a job that the provider forgot', async () => {
  const { app, provider, clock, id, step } = await accepted({ repeatable: true });
  provider.refusals.push(new SubmitUnknown());
  await step();
  clock.at += 6_000;
  await step();
  expect(await stateOf(app, id)).toBe('submitted');
  provider.answer = { state: 'unknown' };
  await step();
  expect(provider.submitted).toHaveLength(2);
});

test('an outage while polling says nothing about the job', async () => {
  const { app, provider, id, step } = await accepted();
  await step();
  const { poll } = provider;
  provider.poll = async () => {
    throw new Transient(777);
  };
  expect(await step()).toEqual({ afterMs: 777 });
  expect(await stateOf(app, id)).toBe('submitted');
  provider.poll = poll;
  await step();
  expect(await stateOf(app, id)).toBe('done');
});

test('gives up what takes too long, stops it at the provider and gives the credits back', async () => {
  const { app, provider, clock, id, step } = await accepted();
  provider.answer = { state: 'running', progress: 0.5 };
  await step();
  clock.at += 15 * 60_000;
  await step();
  await step();
  expect(await stateOf(app, id)).toBe('failed');
  expect(provider.cancelled).toEqual([{ id: `job-${id}` }]);
  expect(await creditsOf(app)).toEqual({ available: 50, held: 0 });
});

test('cancelling stops the work and gives the credits back, and the video that comes too late is not charged', async () => {
  const { app, provider, id, step, sends, sendings } = await accepted();
  provider.answer = { state: 'running' };
  await step();
  await ask(app, { command: 'cancel' });
  provider.answer = { state: 'succeeded' };
  await step();
  expect(provider.cancelled).toEqual([{ id: `job-${id}` }]);
  await deliver.run(app, sends, id);
  expect(sendings.map(({ options, words }) => [options.kind, words])).toEqual([
    ['news', expect.stringMatching(/^Cancelled\. 12 credits are back, you have 50\. Nothing was charged\. Entry \S+#3\.$/)],
  ]);
  expect(await creditsOf(app)).toEqual({ available: 50, held: 0 });
});

test('tells progress at most every three seconds', async () => {
  const { provider, clock, step, sendings } = await accepted();
  provider.answer = { state: 'running', progress: 0.5 };
  await step();
  for (let half = 0; half < 13; half++) {
    await step();
    clock.at += 500;
  }
  expect(sendings.map(({ options }) => options.kind)).toEqual(['news', 'news', 'news']);
  expect(sendings[0]?.words).toContain('▰▰▰▰▰▱▱▱▱▱ 50 %');
});

test('a video that cannot be read is a failure of the provider', async () => {
  const { app, id, step } = await accepted({ download: async () => Buffer.from('not a video') });
  await step();
  await step();
  expect(await stateOf(app, id)).toBe('failed');
  expect(await creditsOf(app)).toEqual({ available: 50, held: 0 });
});

test('ten requests of one person hold up nobody else', async () => {
  const provider = await createScriptedProvider({ slots: 2 });
  const app = await openApp({ provider }, { WELCOME_CREDITS: '500' });
  const { sends } = recordSends();
  provider.answer = { state: 'running' };
  const at = Date.now();
  const ids: string[] = [];
  for (let index = 0; index < 10; index++) ids.push((await ask(app, { words: 'many', at: at + index }, '77')).follows ?? '');
  await generate.run(app, sends, ids[0] ?? '');
  ids.push((await ask(app, { words: 'one', at: at + 100 }, '88')).follows ?? '');
  for (const id of ids) await generate.run(app, sends, id);
  expect(provider.submitted.map(({ prompt }) => prompt)).toEqual(['many', 'one']);
});

test('a video that cannot be stored until its deadline is given up, and its credits come back', async () => {
  const { app, clock, id, step } = await accepted();
  await step();
  app.storage.put = async () => {
    throw new Error('the storage is away');
  };
  await expect(step()).rejects.toThrow('the storage is away');
  expect(await stateOf(app, id)).toBe('submitted');
  clock.at += 15 * 60_000;
  await step();
  expect(await stateOf(app, id)).toBe('failed');
  expect(await creditsOf(app)).toEqual({ available: 50, held: 0 });
});
