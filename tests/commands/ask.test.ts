import { expect, test } from 'vitest';
import type { App } from '../../core/app.ts';
import { getMedia } from '../../core/generations/objects.ts';
import { keysOf } from '../../core/generations/read.ts';
import { place as placeField, prompt as promptField } from '../../core/generations/sealed.ts';
import { ObjectMissing } from '../../core/storage.ts';
import * as generate from '../../workers/generate.ts';
import { tidy } from '../../workers/tidy.ts';
import { openApp } from '../support/app.ts';
import { createScriptedProvider } from '../support/provider.ts';
import { ask, buildRequest, creditsOf, pressable } from '../support/requests.ts';
import { recordSends } from '../support/sends.ts';

const HOUR_MS = 3_600_000;

async function open(settings: Record<string, string> = {}) {
  const clock = { at: Date.now() };
  const provider = await createScriptedProvider();
  const app = await openApp({ provider, now: () => clock.at }, settings);
  const speak = (words: string, user?: string) => ask(app, { words, at: clock.at }, user);
  return { app, clock, provider, speak };
}

/** Somebody who wants to be asked above ten credits, and a question about twelve. */
async function asked(settings: Record<string, string> = {}) {
  const stage = await open(settings);
  await ask(stage.app, { command: 'settings', words: 'ask=10' });
  const question = await stage.speak('a fox');
  const id = pressable(question)[0]?.command.replace('generate confirm=', '') ?? '';
  const stored = () => stage.app.models.generations.findById(id).lean();
  return { ...stage, question, id, stored, yes: (user?: string) => stage.speak(`confirm=${id}`, user) };
}

/** A real picture of 64 × 64. */
const picture = async () => {
  const { default: sharp } = await import('sharp');
  return sharp({ create: { width: 64, height: 64, channels: 3, background: 'teal' } })
    .jpeg()
    .toBuffer();
};
const upload = (bytes: Buffer) => ({ size: bytes.length, read: async () => bytes });

test('asks first above the limit that the person has set, and reserves nothing', async () => {
  const { app, question, stored, id } = await asked();
  expect(question.words).toContain('This video costs 12 credits. You have 50. Cinematic · Wide 16:9 · 6 s\nNothing is reserved');
  expect(pressable(question)).toEqual([{ label: 'Make it for 12 credits', command: `generate confirm=${id}`, tone: 'primary' }]);
  expect(Buffer.byteLength(`generate confirm=${'x'.repeat(40)}`)).toBeLessThanOrEqual(64);
  expect((await stored())?.state).toBe('asked');
  expect(await creditsOf(app)).toEqual({ available: 50, held: 0 });
  expect(await app.models.ledgerEntries.countDocuments({ type: 'reserve' })).toBe(0);
});

test('makes exactly what was asked about, once, however often the person says yes', async () => {
  const { app, id, yes, stored, provider } = await asked();
  const replies = await Promise.all([yes(), yes(), yes()]);
  expect(replies.map(({ follows }) => follows)).toEqual([id, id, id]);
  expect((await yes()).follows).toBe(id);
  expect(await creditsOf(app)).toEqual({ available: 38, held: 12 });
  expect(await app.models.generations.countDocuments()).toBe(1);
  const generation = await stored();
  if (!generation) throw new Error('the generation is gone');
  expect(promptField.open(await keysOf(app, generation), id, generation.prompt)).toBe('a fox');
  await generate.run(app, recordSends().sends, id);
  await generate.run(app, recordSends().sends, id);
  expect(provider.submitted).toHaveLength(1);
  expect(await creditsOf(app)).toEqual({ available: 38, held: 0 });
});

test('brings the video to where the person said yes, and it waits in the line from then on', async () => {
  const { app, clock, id, stored } = await asked();
  clock.at += HOUR_MS / 2;
  const place = { platform: 'telegram', chat: '78', user: '77', group: false } as const;
  await ask(app, { words: `confirm=${id}`, at: clock.at, place });
  const generation = await stored();
  if (!generation) throw new Error('the generation is gone');
  expect(placeField.open(await keysOf(app, generation), id, generation.place)).toMatchObject({ chat: '78' });
  expect(generation.createdAt.getTime()).toBe(clock.at);
});

test('a yes without the credits is refused, and holds once there are some', async () => {
  const { app, id, yes, stored, speak } = await asked({ WELCOME_CREDITS: '20' });
  await speak('a cat seconds=5');
  expect((await yes()).words).toContain('10 are set aside for videos that are still being made');
  expect((await stored())?.state).toBe('asked');
  await ask(app, { command: 'cancel' });
  expect((await yes()).follows).toBe(id);
});

test('somebody else’s yes is as good as none', async () => {
  const { yes, stored } = await asked();
  expect((await yes('66')).words).toContain('That question is more than an hour old.');
  expect((await stored())?.state).toBe('asked');
});

test('the same request arriving again asks the same question', async () => {
  const { app, clock } = await open();
  await ask(app, { command: 'settings', words: 'ask=10' });
  const request = buildRequest({ words: 'a fox', at: clock.at });
  const replies = [await ask(app, request), await ask(app, request)];
  expect(pressable(replies[0] ?? { text: [] })).toEqual(pressable(replies[1] ?? { text: [] }));
  expect(await app.models.generations.countDocuments()).toBe(1);
});

test('asks by default only above twenty credits, and never when the person does not want it', async () => {
  const { app, speak, clock } = await open({ WELCOME_CREDITS: '200' });
  expect((await speak('a fox seconds=10')).follows).toBeDefined();
  const animated = async () =>
    ask(app, { command: 'animate', words: 'waves seconds=10', image: upload(await picture()), at: clock.at });
  expect(pressable(await animated())[0]?.label).toBe('Make it for 22 credits');
  const reply = await ask(app, { command: 'settings', words: 'ask=0' });
  expect(reply.words).toContain('Saved.');
  expect(reply.words).toContain('I never ask before a video');
  expect((await animated()).words).toContain('22 credits reserved');
});

test('a question is no video yet: it stands in no history, holds no place in the line and cannot be cancelled', async () => {
  const { app } = await asked();
  expect((await ask(app, { command: 'videos' })).words).toContain('No videos yet');
  expect((await ask(app, { command: 'cancel' })).words).toContain('nothing to cancel');
  expect((await ask(app, { words: 'a cat seconds=2' }, '66')).words).toContain('Starting now');
});

test('nobody said yes for an hour: the question goes, with its words and its picture', async () => {
  const { app, clock } = await open();
  await ask(app, { command: 'settings', words: 'ask=10' });
  const question = await ask(app, { command: 'animate', words: 'waves', image: upload(await picture()), at: clock.at });
  const id = pressable(question)[0]?.command.replace('generate confirm=', '') ?? '';
  const generation = await app.models.generations.findById(id).lean();
  if (!generation) throw new Error('nothing was asked');
  const keys = await keysOf(app, generation);
  const { sends } = recordSends();
  expect(await generate.run(app, sends, id)).toEqual({ afterMs: HOUR_MS });
  expect((await getMedia(app, keys, 'image', id)).length).toBeGreaterThan(100);
  clock.at += HOUR_MS;
  const late = await ask(app, { words: `confirm=${id}`, at: clock.at });
  expect(late.words).toContain('That question is more than an hour old.');
  expect(await tidy(app)).toBe(1);
  await generate.run(app, sends, id);
  expect(await app.models.generations.countDocuments()).toBe(0);
  await expect(getMedia(app, keys, 'image', id)).rejects.toThrow(ObjectMissing);
  expect(await holds(app)).toBe(0);
});

const holds = async (app: App) => (await app.models.creditAccounts.findOne().lean())?.holds.length;
