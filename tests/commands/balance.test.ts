import { expect, test } from 'vitest';
import { starsPaid, starsRefunded } from '../../core/payments/stars.ts';
import { ask, pressable } from '../support/requests.ts';
import { newPerson, openShop, order } from '../support/shop.ts';

const DAY_MS = 86_400_000;

test('says what is there, reserved and purchased, and what happened lately, in plain words', async () => {
  const { app, clock } = await openShop({}, { WELCOME_CREDITS: '50' });
  const person = await newPerson(app);
  const { order: pack } = await order(app, 'pack-m', 'telegram_stars', person);
  await starsPaid(app, { order: pack._id, charge: 'charge-1', stars: 900, user: person.user });
  const { follows } = await ask(app, { words: 'a fox', at: clock.at }, person.user);
  await ask(app, { command: 'cancel', words: `id=${follows}`, at: clock.at }, person.user);
  await ask(app, { words: 'a fox', at: clock.at }, person.user);
  const reply = await ask(app, { command: 'balance', at: clock.at }, person.user);
  expect(reply.private).toBe(true);
  expect(reply.words).toContain(
    'You have 338 credits. 12 more are reserved for videos that are being made.\nThat is 169 s of video',
  );
  expect(reply.words).toContain('Gifts: 38\nPurchased: 300, for as long as you like\n');
  const lately = reply.words
    .slice(reply.words.indexOf('Lately'))
    .split('\n')
    .map((line) => line.split(', ')[0]);
  expect(lately).toEqual([
    'Lately',
    'Video: 12 reserved',
    'Video: 12 returned',
    'Video: 12 reserved',
    'Medium pack: +300',
    'Welcome: +50',
    '',
  ]);
  expect(pressable(reply).map(({ command }) => command)).toEqual(['buy', 'receipt', 'videos']);
});

test('shows a plan’s credits with their end, and no longer once they have ended', async () => {
  const { app, clock } = await openShop();
  const person = await newPerson(app);
  const { order: plan } = await order(app, 'plan-plus', 'telegram_stars', person);
  const until = clock.at + 30 * DAY_MS;
  const subscription = { first: true, until };
  await starsPaid(app, { order: plan._id, charge: 'charge-1', stars: 700, user: person.user, subscription });
  const reply = await ask(app, { command: 'balance', at: clock.at }, person.user);
  expect(reply.words).toContain('Plan: 300, ends ');
  expect(reply.text).toContainEqual({ when: new Date(until + 3 * DAY_MS) });
  const later = await ask(app, { command: 'balance', at: clock.at + 34 * DAY_MS }, person.user);
  expect(later.words).toContain('You have 0 credits.');
  expect(later.words).not.toContain('Plan:');
});

test('says what is owed after a refund of credits that were used', async () => {
  const { app } = await openShop();
  const person = await newPerson(app);
  const { order: pack } = await order(app, 'pack-s', 'telegram_stars', person);
  await starsPaid(app, { order: pack._id, charge: 'charge-1', stars: 350, user: person.user });
  await ask(app, { words: 'a fox' }, person.user);
  await starsRefunded(app, { charge: 'charge-1', order: pack._id });
  const { words } = await ask(app, { command: 'balance' }, person.user);
  expect(words).toContain('You owe 12 credits after a refund');
  expect(words).toContain('Small pack was paid back: 100 credits taken back');
  expect((await ask(app, { words: 'a fox' }, person.user)).words).toContain('you owe them first');
});
