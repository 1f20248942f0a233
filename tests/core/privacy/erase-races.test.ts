import { expect, test } from 'vitest';
import { openAccount } from '../../../core/accounts.ts';
import { accept } from '../../../core/generations/accept.ts';
import { DEFAULTS } from '../../../core/generations/options.ts';
import { KeyDestroyed } from '../../../core/keys.ts';
import { buildRequest } from '../../support/requests.ts';
import { dyingAt, heldOf, type Leaver, objectsOf, type Stage, shareLeaving } from './leaving.ts';

const shared = shareLeaving();
const SWEEP_MS = 10 * 60_000;

async function expectGone(stage: Stage, who: Leaver, erasure: string): Promise<void> {
  stage.clock.at += SWEEP_MS;
  await stage.look(erasure);
  stage.clock.at += SWEEP_MS;
  await stage.look(erasure);
  expect(Object.keys(await heldOf(stage.app, who))).toEqual(['keys']);
}

/** Brings somebody's generation to where the name says. */
const SITUATIONS: Record<string, (stage: Stage, who: Leaver) => Promise<string>> = {
  async asked(_, who) {
    await who.say('settings ask=1');
    const reply = await who.say('generate a fox');
    return /confirm=(\S+)/.exec(JSON.stringify(reply.buttons))?.[1]?.replace(/".*/, '') ?? '';
  },
  queued: async (_, who) => (await who.say('generate a fox')).follows ?? '',
  async submitting(stage, who) {
    stage.provider.refusals.push(new Error('lost'));
    const { follows: id = '' } = await who.say('generate a fox');
    await stage.step(id);
    return id;
  },
  async submitted(stage, who) {
    stage.provider.answer = { state: 'running', progress: 0.5 };
    const { follows: id = '' } = await who.say('generate a fox');
    await stage.step(id);
    await stage.step(id);
    return id;
  },
  async done(stage, who) {
    const { follows: id = '' } = await who.say('generate a fox');
    for (let steps = 0; steps < 3; steps++) await stage.step(id);
    return id;
  },
  async delivering(stage, who) {
    const id = (await SITUATIONS.done?.(stage, who)) ?? '';
    const leaseUntil = new Date(stage.clock.at + 15_000);
    await stage.app.models.generations.updateOne({ _id: id }, { $set: { state: 'delivering', leaseUntil }, $inc: { rev: 1 } });
    return id;
  },
  async failed(stage, who) {
    stage.provider.answer = { state: 'failed', reason: 'provider_error' };
    const { follows: id = '' } = await who.say('generate a fox');
    await stage.step(id);
    await stage.step(id);
    return id;
  },
};

test.each(Object.keys(SITUATIONS))('a generation that is %s goes with its account, and no step brings it back', async (state) => {
  const stage = shared();
  const who = await stage.person();
  const generation = (await SITUATIONS[state]?.(stage, who)) ?? '';
  expect((await stage.app.models.generations.findById(generation).lean())?.state).toBe(state);
  const erasure = await stage.leave(who);
  expect((await stage.drive(erasure))?.state).toBe('done');
  stage.provider.answer = { state: 'succeeded' };
  for (let steps = 0; steps < 3; steps++) await stage.step(generation);
  await stage.bring(generation);
  expect(stage.sendings.filter(({ reply }) => reply.video)).toEqual([]);
  if (state === 'submitted') expect(stage.provider.cancelled).toEqual([{ id: `job-${generation}` }]);
  expect((await objectsOf(stage.app)).filter((name) => name.includes(generation))).toEqual([]);
  await expectGone(stage, who, erasure);
});

test('a request that was read before the freeze is refused, and nothing of it is left', async () => {
  const stage = shared();
  const { app, clock } = stage;
  for (const price of ['reserved', 'asked', 'refused'] as const) {
    const who = await stage.person();
    const request = buildRequest({ at: clock.at }, who.user);
    const account = await openAccount(app, request);
    if (price === 'asked') account.settings.ask = 1;
    const erasure = await stage.leave(who);
    await stage.drive(erasure);
    const seconds = price === 'refused' ? 10 : 6;
    if (price === 'refused') account.credits.available = 0;
    const asked = { app, account, place: request.place, id: request.id, at: clock.at };
    const wish = { ...DEFAULTS, prompt: 'a ghost', seconds, image: Buffer.from('picture') };
    if (price === 'refused') expect(await accept(asked, wish)).toMatchObject({ kind: 'rejected', reason: 'insufficient' });
    else await expect(accept(asked, wish)).rejects.toThrow(KeyDestroyed);
    expect((await objectsOf(app, 'images/')).filter((name) => name.includes(request.id))).toEqual([]);
    await expectGone(stage, who, erasure);
  }
});

test('requests, questions and sign-ups that race with a deletion leave nothing and nobody half made', async () => {
  const stage = shared();
  const who = await stage.person();
  await stage.video(who);
  const erasure = await stage.leave(who);
  const words = ['generate a fox', 'balance', 'settings ask=1', 'generate a cat', 'videos', 'buy'];
  const [end] = await Promise.all([stage.drive(erasure), ...words.map((line) => who.say(line))]);
  expect(end?.state).toBe('done');
  await expectGone(stage, who, erasure);
  expect((await who.say('balance')).words).toContain('You have 0 credits');
});

test('a worker that finishes a video while its account is deleted leaves no video', async () => {
  const stage = shared();
  const who = await stage.person();
  const { follows: id = '' } = await who.say('generate a fox');
  await stage.step(id);
  const erasure = await stage.leave(who);
  await Promise.all([stage.step(id).catch(() => undefined), stage.drive(erasure)]);
  await stage.bring(id).catch(() => undefined);
  await expectGone(stage, who, erasure);
  expect(stage.sendings.filter(({ reply }) => reply.video)).toEqual([]);
});

/** Whole numbers that look like chance and are the same in every run. */
function chance(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state % most;
  };
}

test.each([1, 2, 3])('kill -9 anywhere, again and again (seed %i): the same end, the same counts', async (seed) => {
  const stage = shared();
  const who = await stage.person();
  await stage.video(who);
  await who.say('generate a whale');
  await who.say('link');
  const next = chance(seed);
  const erasure = await stage.leave(who);
  let deaths = 0;
  const end = await stage.drive(erasure, () => {
    deaths += 1;
    return dyingAt(stage.app, 1 + next(deaths < 12 ? 12 : 60));
  });
  expect(deaths).toBeGreaterThan(5);
  expect(end?.state).toBe('done');
  const counts = Object.fromEntries((end?.counts ?? []).map(({ name, count }) => [name, count]));
  expect(counts).toMatchObject({ videos: 1, prompts: 2, messages: 1, credits: 38, 'documents.generations': 2 });
  await expectGone(stage, who, erasure);
});

test('a press that a dead process left in the inbox brings nobody back, and another chat’s stays', async () => {
  const stage = shared();
  const { app, clock } = stage;
  const [who, other] = [await stage.person(), await stage.person()];
  const erasure = await stage.leave(who);
  const update = (id: string, chat: string) => ({ id, chat, body: { chat } });
  await app.inbox.keep([update('u1', who.user), update('u2', other.user)]);
  await stage.drive(erasure);
  clock.at += 30_000;
  expect((await app.inbox.waiting()).map(({ id }) => id)).toEqual(['u2']);
  await app.inbox.done('u2');
});
