import { expect, test } from 'vitest';
import { starsPaid } from '../../core/payments/stars.ts';
import { keepSubscription } from '../../core/payments/subscriptions.ts';
import { ask, links, pressable } from '../support/requests.ts';
import { handAll, newPerson, openShop, order, sessionOf } from '../support/shop.ts';

const DAY_MS = 86_400_000;

test('without a plan it says so and leads to what there is', async () => {
  const { app } = await openShop();
  const reply = await ask(app, { command: 'billing' });
  expect(reply.private).toBe(true);
  expect(reply.words).toContain('You have no plan, so nothing renews.');
  expect(links(reply)).toEqual([]);
  expect(pressable(reply).map(({ command }) => command)).toEqual(['buy']);
});

test('a plan paid by card shows when it renews and opens Stripe’s page', async () => {
  const { app, stripe, clock } = await openShop();
  const person = await newPerson(app);
  const { order: plan } = await order(app, 'plan-plus', 'stripe', person);
  stripe.pay(await sessionOf(app, plan._id), 'card');
  await handAll({ app, stripe, clock });
  const reply = await ask(app, { command: 'billing', at: clock.at }, person.user);
  expect(reply.words).toContain('Plus: 300 credits each month, 150 s of video.\nIt renews ');
  expect(reply.words).toContain('open Stripe’s page with the button');
  const [link] = links(reply);
  expect(link?.label).toBe('Cards, invoices and plan');
  expect(link?.url.startsWith(stripe.url)).toBe(true);
});

test.each([
  ['telegram_stars', 'My Stars'],
  ['discord', 'User Settings → Subscriptions'],
] as const)('explains how a plan of %s is ended', async (provider, words) => {
  const { app, clock } = await openShop();
  const { account, user } = await newPerson(app);
  const plan = { _id: 'sub-1', accountId: account.id, provider, item: 'plan-pro', syncedAt: new Date(clock.at), rev: 0 };
  const periodEnd = new Date(clock.at + 9 * DAY_MS);
  await keepSubscription(app, { ...plan, status: 'active', periodEnd });
  const reply = await ask(app, { command: 'billing', at: clock.at }, user);
  expect(reply.words).toContain('Pro: 1000 credits each month');
  expect(reply.text).toContainEqual({ when: periodEnd });
  expect(reply.words).toContain(words);
  expect(links(reply)).toEqual([]);
  await keepSubscription(app, { ...plan, status: 'ending', periodEnd });
  expect((await ask(app, { command: 'billing', at: clock.at }, user)).words).toContain('does not renew');
  await keepSubscription(app, { ...plan, status: 'past_due', periodEnd });
  expect((await ask(app, { command: 'billing', at: clock.at }, user)).words).toContain('did not go through');
});

test('a Stars plan that was not renewed is none after its grace', async () => {
  const { app, clock } = await openShop();
  const person = await newPerson(app);
  const { order: plan } = await order(app, 'plan-plus', 'telegram_stars', person);
  const subscription = { first: true, until: clock.at + 30 * DAY_MS };
  await starsPaid(app, { order: plan._id, charge: 'charge-1', stars: 700, user: person.user, subscription });
  const at = (days: number) => ask(app, { command: 'billing', at: clock.at + days * DAY_MS }, person.user);
  expect((await at(1)).words).toContain('It renews');
  expect((await at(31)).words).toContain('the next one is awaited');
  expect((await at(34)).words).toContain('You have no plan');
});
