import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { createFlood } from '../../../bots/telegram/flood.ts';
import { tooManyRequests } from '../../../simulator/telegram/index.ts';
import { testServers } from '../../support/servers.ts';
import { buildLog, buildSend, buildTelegram, hide, NEWS, privately, RESULT } from './building.ts';

function buildFlood(redis?: { url: string; prefix: string }, log = buildLog()) {
  const flood = createFlood({ log, hide, redis });
  onTestFinished(() => flood.close());
  return flood;
}

test('drops news over the flood limit, never a result', async () => {
  const telegram = await buildTelegram();
  const person = telegram.person();
  person.say('hello');
  const send = buildSend(telegram);
  const { message: announced } = await send(privately(person), { text: ['Queued'] }, RESULT);
  const percents = Array.from({ length: 10 }, (_, at) => at * 10);
  const news = await Promise.all(
    percents.map((percent) => send(privately(person), { text: [`${percent} %`] }, { ...NEWS, announced })),
  );
  expect(news.filter(({ message }) => message === undefined).length).toBeGreaterThanOrEqual(8);
  const results = await Promise.all(['one', 'two', 'three'].map((text) => send(privately(person), { text: [text] }, RESULT)));
  expect(results.every(({ message }) => message !== undefined)).toBe(true);
  expect(person.messages().map(({ text }) => text)).toEqual(expect.arrayContaining(['one', 'two', 'three']));
});

test('leaves a place for a result in a chat full of news', async () => {
  const flood = buildFlood();
  const news = [await flood.pass('1', false, 'news'), await flood.pass('1', false, 'news'), await flood.pass('1', false, 'news')];
  expect(news).toEqual([true, true, false]);
  setImmediate(() => flood.close());
  expect(await flood.pass('1', false, 'result')).toBe(true);
});

test('counts each chat for itself', async () => {
  const flood = buildFlood();
  for (let sent = 0; sent < 4; sent += 1) await flood.pass('1', false, 'news');
  expect(await flood.pass('1', false, 'news')).toBe(false);
  expect(await flood.pass('2', false, 'news')).toBe(true);
});

test('allows a group no more news than its minute has room for', async () => {
  const flood = buildFlood();
  const passed = await Promise.all(Array.from({ length: 30 }, () => flood.pass('-1', true, 'news')));
  expect(passed.filter(Boolean).length).toBeLessThanOrEqual(15);
});

test('keeps all chats together under 30 messages a second', async () => {
  const flood = buildFlood();
  const times: number[] = [];
  await Promise.all(
    Array.from({ length: 40 }, async (_, chat) => {
      await flood.pass(String(chat), false, 'result');
      times.push(performance.now());
    }),
  );
  expect((times[30] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(900);
  expect(times).toHaveLength(40);
});

test('waits as long as Telegram asks, and makes everybody wait', async () => {
  const telegram = await buildTelegram();
  const [ada, ben] = [telegram.person(), telegram.person()];
  ada.say('hello');
  ben.say('hello');
  const send = buildSend(telegram);
  telegram.forced.push({ method: 'sendMessage', answer: tooManyRequests(1) });
  const first = send(privately(ada), { text: ['for Ada'] }, RESULT);
  while (telegram.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  const refusedAt = performance.now();
  await Promise.all([first, send(privately(ben), { text: ['for Ben'] }, RESULT)]);
  expect(performance.now() - refusedAt).toBeGreaterThan(900);
  expect(ada.messages().at(-1)?.text).toBe('for Ada');
  expect(ben.messages().at(-1)?.text).toBe('for Ben');
  const [refused, ...later] = telegram.calls.filter(({ method }) => method === 'sendMessage');
  expect(later).toHaveLength(2);
  expect(later.every(({ at }) => at - (refused?.at ?? 0) >= 900)).toBe(true);
});

test('gives a silence back as a failure that is longer than a send may wait', async () => {
  const flood = buildFlood();
  await flood.silence(600);
  await expect(flood.pass('1', false, 'result')).rejects.toMatchObject({ code: 'flood' });
  expect(await flood.pass('1', false, 'news')).toBe(false);
});

test('ends its waits when it closes', async () => {
  const flood = buildFlood();
  await flood.silence(60);
  const waiting = flood.pass('1', false, 'result');
  setImmediate(() => flood.close());
  await expect(waiting).rejects.toMatchObject({ code: 'closing' });
});

test('counts alone, and says so once, while Redis is away', async () => {
  const log = buildLog();
  const flood = buildFlood({ url: 'redis://127.0.0.1:1', prefix: 'test' }, log);
  await new Promise((resolve) => setImmediate(resolve));
  const news = [];
  for (let sent = 0; sent < 3; sent += 1) news.push(await flood.pass('1', false, 'news'));
  expect(news).toEqual([true, true, false]);
  await expect.poll(() => log.lines.length).toBe(1);
  expect(log.lines[0]).toContain('telegram.flood.redis_away');
});

test('shares the limits among all processes, under keys that tell no chat', async () => {
  const redis = { url: testServers().redis.url, prefix: randomUUID() };
  const client = new Redis(redis.url);
  onTestFinished(() => client.disconnect());
  const keys = async () => (await client.keys(`${redis.prefix}*`)).join(' ');
  const [one, other] = [buildFlood(redis), buildFlood(redis)];
  await expect.poll(async () => (await one.pass('probe one', false, 'news')) && keys()).toContain(hide('probe one'));
  await expect.poll(async () => (await other.pass('probe other', false, 'news')) && keys()).toContain(hide('probe other'));
  expect([await one.pass('4711', false, 'news'), await one.pass('4711', false, 'news')]).toEqual([true, true]);
  expect(await other.pass('4711', false, 'news')).toBe(false);
  expect(await keys()).toContain(hide('4711'));
  expect(await keys()).not.toContain('4711');
});

test('keeps all chats together under 30 messages in any second, wherever it begins', async () => {
  const redis = { url: testServers().redis.url, prefix: randomUUID() };
  const client = new Redis(redis.url);
  onTestFinished(() => client.disconnect());
  const flood = buildFlood(redis);
  await expect.poll(() => flood.act().then(() => client.keys(`${redis.prefix}*`))).not.toEqual([]);
  const begun = performance.now();
  await expect.poll(() => performance.now() - begun, { interval: 20 }).toBeGreaterThan(900);
  const times: number[] = [];
  await Promise.all(
    Array.from({ length: 59 }, async () => {
      await flood.pass(randomUUID(), false, 'result');
      times.push(performance.now());
    }),
  );
  const spans = times.slice(30).map((time, at) => time - (times[at] ?? 0));
  expect(Math.min(...spans)).toBeGreaterThan(900);
});

test('makes all processes wait when Telegram asks one of them', async () => {
  const redis = { url: testServers().redis.url, prefix: randomUUID() };
  const client = new Redis(redis.url);
  onTestFinished(() => client.disconnect());
  const [one, other] = [buildFlood(redis), buildFlood(redis)];
  await expect.poll(() => one.silence(600).then(() => client.keys(`${redis.prefix}*`))).toHaveLength(1);
  await expect.poll(() => other.pass(randomUUID(), false, 'news')).toBe(false);
  await expect(other.pass('4712', false, 'result')).rejects.toMatchObject({ code: 'flood' });
});
