import { expect, test } from 'vitest';
import { Undeliverable } from '../../core/errors.ts';
import { keysOf } from '../../core/generations/read.ts';
import { message as messageField } from '../../core/generations/sealed.ts';
import * as deliver from '../../workers/deliver.ts';
import * as generate from '../../workers/generate.ts';
import { openApp } from '../support/app.ts';
import { createScriptedProvider } from '../support/provider.ts';
import { ask, creditsOf, pressable } from '../support/requests.ts';
import { recordSends } from '../support/sends.ts';

/** A generation whose video is stored and not delivered. */
async function finished(sent = {}) {
  const clock = { at: Date.now() };
  const app = await openApp({ provider: await createScriptedProvider(), now: () => clock.at });
  const { follows: id = '' } = await ask(app, { words: 'a fox', at: clock.at });
  const recorded = recordSends(sent);
  await generate.run(app, recorded.sends, id);
  await generate.run(app, recorded.sends, id);
  const read = () => app.models.generations.findById(id).lean();
  return { app, id, clock, read, ...recorded, step: () => deliver.run(app, recorded.sends, id) };
}

test('a chat that blocked the bot keeps its video in the history, and it is not tried again', async () => {
  const { app, id, read, fail, step, sendings } = await finished();
  fail.push(new Undeliverable('blocked'));
  expect(await step()).toBeUndefined();
  expect((await read())?.state).toBe('undelivered');
  expect(await step()).toBeUndefined();
  expect(sendings).toHaveLength(0);
  const history = await ask(app, { command: 'videos' });
  expect(pressable(history).map(({ command }) => command)).toContain(`videos show=${id}`);
});

test('a delivery that failed is repeated with growing pauses, without another video or charge', async () => {
  const { app, clock, read, fail, step, sendings } = await finished();
  fail.push(new Error('502'), new Error('502'));
  const pauses: number[] = [];
  for (let attempt = 0; attempt < 3; attempt++) {
    const again = await step();
    pauses.push(again?.afterMs ?? 0);
    clock.at += again?.afterMs ?? 0;
  }
  expect(pauses).toEqual([2_000, 4_000, 0]);
  expect(sendings).toHaveLength(1);
  expect((await read())?.state).toBe('delivered');
  expect(await creditsOf(app)).toEqual({ available: 38, held: 0 });
});

test('gives up sending after ten tries and keeps the video', async () => {
  const { clock, read, fail, step } = await finished();
  for (let attempt = 0; attempt < 10; attempt++) {
    fail.push(new Error('502'));
    clock.at += (await step())?.afterMs ?? 0;
  }
  expect((await read())?.state).toBe('undelivered');
});

test('a delivery whose process died goes on when its lease has run out, not before', async () => {
  const { app, clock, read, step, sendings, id } = await finished();
  await app.models.generations.updateOne(
    { _id: id },
    { $set: { state: 'delivering', leaseUntil: new Date(clock.at + 20_000) }, $inc: { rev: 1 } },
  );
  expect(await step()).toEqual({ afterMs: 20_000 });
  expect(sendings).toHaveLength(0);
  clock.at += 20_000;
  await step();
  expect(sendings).toHaveLength(1);
  expect((await read())?.state).toBe('delivered');
});

test('remembers the platform’s handle of the upload, sealed, and shows the video again with it', async () => {
  const { app, id, read, step } = await finished({ message: '5', uploadedAs: 'file-handle-123' });
  await step();
  expect(JSON.stringify(await read())).not.toContain('file-handle-123');
  const again = await ask(app, { command: 'videos', words: `show=${id}` });
  expect(again.video?.uploadedAs).toBe('file-handle-123');
});

test('remembers the message in which the video stands, sealed, with the delivery and not before', async () => {
  const { app, read, fail, clock, step } = await finished({ message: '5-the-message' });
  fail.push(new Error('502'));
  clock.at += (await step())?.afterMs ?? 0;
  expect(await read()).not.toHaveProperty('message');
  await step();
  const generation = await read();
  if (!generation?.message) throw new Error('no message is kept');
  expect(JSON.stringify(generation)).not.toContain('5-the-message');
  expect(messageField.open(await keysOf(app, generation), generation._id, generation.message)).toBe('5-the-message');
});

test('remembers no message where the platform names none', async () => {
  const { read, step } = await finished({ uploadedAs: 'file-handle-123' });
  await step();
  expect(await read()).toMatchObject({ state: 'delivered', uploadedAs: expect.any(String) });
  expect(await read()).not.toHaveProperty('message');
});

test('shows a video to its owner only', async () => {
  const { app, id, step } = await finished();
  await step();
  expect((await ask(app, { command: 'videos', words: `show=${id}` }, '77')).video).toBeDefined();
  const stranger = await ask(app, { command: 'videos', words: `show=${id}` }, '66');
  expect(stranger.video).toBeUndefined();
  expect(stranger.words).toContain('I cannot find that video among yours');
});
