import { expect, test } from 'vitest';
import type { Send } from '../../core/chat.ts';
import { Undeliverable } from '../../core/errors.ts';
import { starsPaid, starsRefunded } from '../../core/payments/stars.ts';
import * as notify from '../../workers/notify.ts';
import { ask, discordPlace, links, pressable } from '../support/requests.ts';
import { recordSends } from '../support/sends.ts';
import { balanceOf, handAll, newPerson, openShop, order, sessionOf } from '../support/shop.ts';

async function open() {
  const shop = await openShop();
  const recorded = recordSends();
  const { app } = shop;
  const tellAll = async () => {
    const due = await app.models.payments.find({ tell: { $exists: true } }).lean();
    for (const { _id } of due) await notify.run(app, recorded.sends, _id);
  };
  const read = (id: string) => app.models.payments.findById(id).lean();
  return { ...shop, ...recorded, tellAll, read };
}

/** A pack paid with Stars that nobody was told of yet. */
async function paidPack() {
  const stage = await open();
  const { app } = stage;
  const ordered = await order(app, 'pack-m', 'telegram_stars');
  const { _id: id } = ordered.order;
  await starsPaid(app, { order: id, charge: 'charge-1', stars: 900, user: '77' });
  return { ...stage, ...ordered, id, step: () => notify.run(app, stage.sends, id) };
}

test('says what was bought and what the person has now, where it was ordered and to nobody else', async () => {
  const { id, place, step, sendings, read } = await paidPack();
  expect(await step()).toBeUndefined();
  expect(sendings.map(({ words }) => words)).toEqual([
    'Medium pack is paid, thank you. 300 credits are yours. You have 300 credits.',
  ]);
  expect(sendings[0]).toMatchObject({ place, reply: { private: true }, options: { kind: 'result' } });
  expect(pressable(sendings[0]?.reply ?? { text: [] })[0]).toEqual({ label: 'Receipt', command: `receipt id=${id}` });
  expect(await read(id)).not.toHaveProperty('tell');
  expect(await read(id)).not.toHaveProperty('dueAt');
});

test('says it once, however often it runs', async () => {
  const { step, sendings } = await paidPack();
  await step();
  expect(await step()).toBeUndefined();
  expect(sendings).toHaveLength(1);
});

test('repeats what failed with growing pauses, and stops after ten tries', async () => {
  const { clock, step, sendings, fail, read, id } = await paidPack();
  const pauses: number[] = [];
  for (let attempt = 0; attempt < 10; attempt++) {
    fail.push(new Error('502'));
    const pause = (await step())?.afterMs ?? 0;
    pauses.push(pause);
    clock.at += pause;
  }
  expect(pauses).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 120_000, 120_000, 120_000, 0]);
  expect(await step()).toBeUndefined();
  expect(sendings).toHaveLength(0);
  expect(await read(id)).not.toHaveProperty('tell');
});

test('a chat that blocked the bot is told once and keeps its credits', async () => {
  const { app, account, step, sendings, fail } = await paidPack();
  fail.push(new Undeliverable('blocked'));
  expect(await step()).toBeUndefined();
  expect(await step()).toBeUndefined();
  expect(sendings).toHaveLength(0);
  expect(await balanceOf(app, account.id)).toEqual({ available: 300, held: 0, debt: 0 });
});

test('news that overtakes what is being said is said next', async () => {
  const { app, id, step, sendings, sends } = await paidPack();
  const telegram: Send = async (place, reply, options) => {
    await starsRefunded(app, { charge: 'charge-1', order: id });
    return sends.telegram?.(place, reply, options) ?? {};
  };
  expect(await notify.run(app, { telegram }, id)).toEqual({ afterMs: 0 });
  expect(await step()).toBeUndefined();
  expect(sendings.map(({ words }) => words.split('.')[0])).toEqual(['Medium pack is paid, thank you', 'Refunded']);
  expect(new Set(sendings.map(({ options }) => options.key)).size).toBe(2);
});

test('a refund says how much went back, and what of it was used already', async () => {
  const { app, sendings, tellAll } = await open();
  const person = await newPerson(app);
  const { order: pack } = await order(app, 'pack-m', 'telegram_stars', person);
  await starsPaid(app, { order: pack._id, charge: 'charge-1', stars: 900, user: person.user });
  await tellAll();
  await ask(app, { words: 'a fox' }, person.user);
  await starsRefunded(app, { charge: 'charge-1', order: pack._id });
  await tellAll();
  expect(sendings[1]?.words).toBe(
    'Refunded. 900 Stars for Medium pack went back, and 300 credits with it. 12 credits of what went back were used already: the next ones you get pay for them.',
  );
  expect(sendings[1]?.options.key.length).toBeLessThanOrEqual(25);
  expect(await balanceOf(app, person.account.id)).toEqual({ available: 0, held: 12, debt: 12 });
});

test('a month of a plan is told where the plan was ordered, with the end of its credits', async () => {
  const { app, clock, sendings, tellAll } = await open();
  const { order: plan, place } = await order(app, 'plan-plus', 'telegram_stars');
  const until = clock.at + 30 * 86_400_000;
  await starsPaid(app, { order: plan._id, charge: 'charge-1', stars: 700, user: '77', subscription: { first: true, until } });
  await tellAll();
  expect(sendings).toHaveLength(1);
  expect(sendings[0]?.place).toEqual(place);
  expect(sendings[0]?.words).toMatch(/^Plus is paid for a month\. 300 credits are yours, which end .+\. You have 300 credits\.$/);
  expect(sendings[0]?.reply.text).toContainEqual({ when: new Date(until + 3 * 86_400_000) });
});

test('a delayed payment is on its way first, and then paid or fallen through', async () => {
  const { app, stripe, sendings, tellAll, ...shop } = await open();
  const [good, bad] = [await order(app, 'pack-s'), await order(app, 'pack-m')];
  const [goodSession, badSession] = [await sessionOf(app, good.order._id), await sessionOf(app, bad.order._id)];
  for (const session of [goodSession, badSession]) stripe.pay(session, 'delayed');
  await handAll({ app, stripe, ...shop });
  await tellAll();
  stripe.completeDelayed(goodSession);
  stripe.failDelayed(badSession);
  await handAll({ app, stripe, ...shop });
  await tellAll();
  expect(sendings.map(({ words }) => words.split('.')[0]).sort()).toEqual([
    'A payment did not go through',
    'Small pack is paid, thank you',
    'Your payment is on its way',
    'Your payment is on its way',
  ]);
  const failed = sendings.find(({ words }) => words.startsWith('A payment'));
  expect(failed?.words).toContain('It was for Medium pack. Nothing was charged');
  expect(pressable(failed?.reply ?? { text: [] })).toMatchObject([{ command: 'buy item=pack-m' }]);
});

test('a dispute says that nothing new can start, and its end that the credits are back', async () => {
  const { app, stripe, sendings, tellAll, ...shop } = await open();
  const { order: pack } = await order(app, 'pack-m');
  const session = await sessionOf(app, pack._id);
  stripe.pay(session, 'card');
  await handAll({ app, stripe, ...shop });
  await tellAll();
  const dispute = stripe.dispute(session);
  await handAll({ app, stripe, ...shop });
  await tellAll();
  dispute.win();
  await handAll({ app, stripe, ...shop });
  await tellAll();
  expect(sendings.map(({ words }) => words)).toEqual([
    'Medium pack is paid, thank you. 300 credits are yours. You have 300 credits.',
    'A payment is disputed. $12.99 for Medium pack went back, and 300 credits with it. You have 0 credits. No new video can start until it is settled. If this was not you, /paysupport helps.',
    'The dispute is settled. Your payment for Medium pack stands, and its credits are back. You have 300 credits.',
  ]);
});

test.each([
  ['failed', 'A payment did not go through. It was for the next month of Plus.', 'Pay or change the card'],
  ['action_needed', 'Your bank asks you to confirm a payment. It is for Plus.', 'Confirm it'],
])('a renewal that is %s leads to where the person can act', async (tell, words, label) => {
  const { app, sendings, sends } = await open();
  const { order: plan } = await order(app, 'plan-plus');
  const url = 'https://invoice.stripe.com/i/1';
  await app.models.payments.updateOne({ _id: plan._id }, { $set: { status: 'paid', tell, stripe: { url } } });
  await notify.run(app, sends, plan._id);
  expect(sendings[0]?.words).toContain(words);
  expect(links(sendings[0]?.reply ?? { text: [] })).toEqual([{ label, url }]);
});

test('what was bought without ever asking here, or by somebody who left, is told to nobody and ends', async () => {
  const { app, sendings, sends, read } = await open();
  const { order: pack } = await order(app, 'pack-s', 'telegram_stars', { ...(await newPerson(app)), place: discordPlace() });
  await starsPaid(app, { order: pack._id, charge: 'charge-1', stars: 350, user: '77' });
  await app.models.keys.updateOne({ _id: pack.keyId }, { $set: { state: 'destroyed' }, $unset: { wrapped: 1 } });
  expect(await notify.run(app, sends, pack._id)).toBeUndefined();
  expect(sendings).toHaveLength(0);
  expect(await read(pack._id)).not.toHaveProperty('tell');
});
