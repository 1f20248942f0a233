import { expect, test } from 'vitest';
import { dispatch } from '../../commands/dispatch.ts';
import { commands } from '../../commands/index.ts';
import { openApp } from '../support/app.ts';
import { createScriptedProvider } from '../support/provider.ts';
import { ask, buildRequest, creditsOf, pressable } from '../support/requests.ts';

const open = async (settings = {}) => openApp({ provider: await createScriptedProvider() }, settings);

test('gives a new person the welcome credits once, however many first messages arrive together', async () => {
  const app = await open();
  await Promise.all(Array.from({ length: 8 }, () => ask(app, { command: 'balance' })));
  expect(await app.models.accounts.countDocuments()).toBe(1);
  expect(await creditsOf(app)).toEqual({ available: 50, held: 0 });
});

test('reserves the price and says the place in the line', async () => {
  const app = await open();
  const first = await ask(app, { words: 'a fox' });
  expect(first.words).toBe('Starting now, about 10 s. 12 credits reserved, 38 left.\nCinematic · Wide 16:9 · 6 s');
  expect(pressable(first).map(({ label }) => label)).toEqual(['Cancel']);
  const fifth = await Promise.all(['88', '89', '90', '91'].map((user) => ask(app, { words: 'a fox' }, user)));
  expect(fifth).toHaveLength(4);
  const next = await ask(app, { words: 'a fox' }, '92');
  expect(next.words).toContain('Queued, 6th in line, about 20 s.');
});

test('does not make a second generation of one request, however often it arrives', async () => {
  const app = await open();
  const request = buildRequest({ words: 'a fox' });
  const replies = await Promise.all(Array.from({ length: 6 }, () => dispatch(app, commands, request)));
  expect(new Set(replies.map(({ follows }) => follows))).toEqual(new Set([request.id]));
  expect(await app.models.generations.countDocuments()).toBe(1);
  expect(await creditsOf(app)).toEqual({ available: 38, held: 12 });
});

test('never spends the same credits twice when requests meet', async () => {
  const app = await open();
  const replies = await Promise.all(Array.from({ length: 12 }, () => ask(app, { words: 'a fox seconds=10' })));
  expect(replies.filter(({ follows }) => follows)).toHaveLength(2);
  expect(await creditsOf(app)).toEqual({ available: 10, held: 40 });
});

test('tells too few credits from credits that are tied up, and what to do', async () => {
  const app = await open({ WELCOME_CREDITS: '20' });
  expect((await ask(app, { words: 'a fox seconds=10' })).follows).toBeDefined();
  expect((await ask(app, { words: 'a fox' })).words).toContain('20 are set aside for videos that are still being made');
  const poor = await open({ WELCOME_CREDITS: '3' });
  expect((await ask(poor, { words: 'a fox' })).words).toBe(
    'This video costs 12 credits and you have 3. A shorter one costs less: two credits a second. /buy has more. Nothing was charged.',
  );
  expect(await creditsOf(poor)).toEqual({ available: 3, held: 0 });
});

test('a request that was refused for credits stays refused when it arrives again after a top-up', async () => {
  const app = await open({ WELCOME_CREDITS: '3' });
  const request = buildRequest({ words: 'a fox' });
  await dispatch(app, commands, request);
  await app.models.creditAccounts.updateOne({}, { $set: { available: 500, 'lots.0.remaining': 500, 'lots.0.granted': 500 } });
  await dispatch(app, commands, request);
  expect(await creditsOf(app)).toEqual({ available: 500, held: 0 });
});

test.each([
  ['an empty prompt', '', 'Tell me what the video should show'],
  ['a prompt of blanks', '   ', 'Tell me what the video should show'],
  ['a prompt of 5,000 letters', 'x'.repeat(5_000), 'Your prompt has 5000 letters, and I can read 1000'],
  ['an unknown style', 'a fox style=cubist', 'I do not know that style. Choose one of: cinematic, neon, noir, retro, natural'],
  ['an unknown shape', 'a fox ratio=2:1', 'I do not know that ratio'],
  ['a length out of range', 'a fox seconds=99', 'seconds is a whole number from 2 to 10'],
  ['a length that is no whole number', 'a fox seconds=1.5', 'seconds is a whole number from 2 to 10'],
  ['a video that is not there', 'again=tg-12345', 'I cannot find that video among yours'],
])('answers %s kindly and charges nothing', async (_, words, answer) => {
  const app = await open();
  const reply = await ask(app, { words });
  expect(reply.words).toContain(answer);
  expect(reply.words).toContain('Nothing was charged');
  expect(await creditsOf(app)).toEqual({ available: 50, held: 0 });
  expect(await app.models.generations.countDocuments()).toBe(0);
});

test('makes a video again for its owner only', async () => {
  const app = await open();
  const { follows } = await ask(app, { words: 'a fox seconds=2' }, '77');
  expect((await ask(app, { words: `again=${follows}` }, '77')).words).toContain('4 credits reserved');
  expect((await ask(app, { words: `again=${follows}` }, '66')).words).toContain('I cannot find that video among yours');
});

test('cancels only what is one’s own and still unfinished, and gives the credits back', async () => {
  const app = await open();
  const { follows } = await ask(app, { words: 'a fox' }, '77');
  expect((await ask(app, { command: 'cancel', words: `id=${follows}` }, '66')).words).toContain('nothing to cancel');
  expect((await ask(app, { command: 'cancel', words: `id=${follows}` }, '77')).words).toBe(
    'Cancelled. 12 credits are back, you have 50.',
  );
  expect((await ask(app, { command: 'cancel', words: `id=${follows}` }, '77')).words).toContain('nothing to cancel');
});

test('settings choose how a video looks when the person does not say', async () => {
  const app = await open();
  await ask(app, { command: 'settings', words: 'style=noir ratio=9:16 seconds=4' });
  expect((await ask(app, { words: 'a fox' })).words).toContain('8 credits reserved, 42 left.\nNoir · Tall 9:16 · 4 s');
  expect((await ask(app, { words: 'a fox style=neon' })).words).toContain('Neon · Tall 9:16 · 4 s');
});

test('an outage becomes one neutral sentence with a reference', async () => {
  const app = await open();
  await ask(app, { command: 'balance' });
  await app.models.keys.collection.updateMany({}, { $set: { wrapped: 'damaged' } });
  const reply = await ask(app, { words: 'a fox' });
  expect(reply.words).toMatch(/^Something broke on our side, and nothing was charged\..* reference: [0-9a-f]{8}$/);
});

test('settings tick what holds now', async () => {
  const app = await open();
  const reply = await ask(app, { command: 'settings', words: 'style=noir' });
  expect(reply.words).toContain('Saved. Unless you say otherwise: Noir · Wide 16:9 · 6 s.');
  const ticked = pressable(reply).filter(({ label }) => label.startsWith('✓'));
  expect(ticked.map(({ label }) => label)).toEqual(['✓ Noir', '✓ Wide 16:9', '✓ 6 s']);
});
