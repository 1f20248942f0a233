import { expect, test } from 'vitest';
import { openCheckout } from '../../../core/payments/checkout.ts';
import { ordersOf, payUrl } from '../../../core/payments/orders.ts';
import { ORDER_LIFE_MS } from '../../../core/payments/payment.ts';
import { run } from '../../../workers/payments.ts';
import { balanceOf, handAll, newPerson, openShop, order, sessionOf } from '../../support/shop.ts';

test('a double tap makes one order, and one payable session', async () => {
  const { app, stripe } = await openShop();
  const person = await newPerson(app);
  const made = await Promise.all([1, 2, 3, 4].map(() => order(app, 'pack-s', 'stripe', person)));
  expect(new Set(made.map((one) => one.order._id)).size).toBe(1);
  const id = made[0]?.order._id ?? '';
  const urls = await Promise.all([1, 2, 3].map(() => openCheckout(app, id)));
  expect(new Set(urls).size).toBe(1);
  expect(stripe.sessions.size).toBe(1);
});

test('each item and each rail has an order of its own', async () => {
  const { app } = await openShop();
  const person = await newPerson(app);
  await order(app, 'pack-s', 'stripe', person);
  await order(app, 'pack-m', 'stripe', person);
  await order(app, 'pack-s', 'telegram_stars', person);
  expect(await ordersOf(app, person.account.id)).toHaveLength(3);
  expect(await ordersOf(app, (await newPerson(app)).account.id)).toEqual([]);
});

test('asking again moves the news to where it was asked', async () => {
  const { app } = await openShop();
  const person = await newPerson(app);
  const first = await order(app, 'pack-s', 'stripe', person);
  const again = await order(app, 'pack-s', 'stripe', person);
  expect(again.order._id).toBe(first.order._id);
  expect(again.order.place).not.toBe(first.order.place);
});

test('does not sell what is not for sale', async () => {
  const { app } = await openShop();
  await expect(order(app, 'pack-xl')).rejects.toMatchObject({ code: 'unknown_item' });
  await expect(order(app, 'pack-s', 'discord')).rejects.toMatchObject({ code: 'not_sold_here' });
});

test('a second plan is refused before anything is paid', async () => {
  const shop = await openShop();
  const { app, stripe } = shop;
  const person = await newPerson(app);
  stripe.pay(await sessionOf(app, (await order(app, 'plan-plus', 'stripe', person)).order._id), 'card');
  await handAll(shop);
  await expect(order(app, 'plan-pro', 'stripe', person)).rejects.toMatchObject({ code: 'plan_active' });
  await expect(order(app, 'plan-pro', 'telegram_stars', person)).rejects.toMatchObject({ code: 'plan_active' });
  await expect(order(app, 'pack-s', 'stripe', person)).resolves.toBeDefined();
});

test('a second plan that was paid all the same is ended and its money given back', async () => {
  const shop = await openShop();
  const { app, stripe } = shop;
  const person = await newPerson(app);
  const plus = await sessionOf(app, (await order(app, 'plan-plus', 'stripe', person)).order._id);
  const pro = await sessionOf(app, (await order(app, 'plan-pro', 'stripe', person)).order._id);
  stripe.pay(plus, 'card');
  shop.clock.at += 1_000;
  stripe.pay(pro, 'card');
  await handAll(shop);
  await handAll(shop);
  const states = [...stripe.subscriptions.values()].map(({ status }) => status);
  expect(states).toEqual(['active', 'canceled']);
  expect(await balanceOf(app, person.account.id)).toEqual({ available: 300, held: 0, debt: 0 });
});

test('an expired session is followed by another one of the same order', async () => {
  const { app, stripe, clock } = await openShop();
  const made = (await order(app)).order;
  const first = await sessionOf(app, made._id);
  clock.at += 3 * 3_600_000;
  const second = await sessionOf(app, made._id);
  expect(second).not.toBe(first);
  expect(stripe.sessions.get(first)?.status).toBe('expired');
  expect(stripe.sessions.get(second)?.status).toBe('open');
});

test('a lost answer and a crash after asking still make one session', async () => {
  const { app, stripe } = await openShop();
  const made = (await order(app)).order;
  const isSession = ({ method, path }: { method: string; path: string }) => method === 'POST' && path === '/v1/checkout/sessions';
  stripe.forced.push({ match: isSession, lose: 'answer' });
  const session = await sessionOf(app, made._id);
  // As if the process had died before it could store which session it got.
  await app.models.payments.updateOne({ _id: made._id }, { $unset: { 'stripe.sessionId': 1, 'stripe.url': 1 } });
  expect(await sessionOf(app, made._id)).toBe(session);
  expect(stripe.sessions.size).toBe(1);
});

test('an order that nobody pays expires by itself, and then leads nowhere', async () => {
  const { app, clock } = await openShop();
  const { order: made, account } = await order(app);
  clock.at += ORDER_LIFE_MS + 1;
  await run(app, made._id);
  expect(await ordersOf(app, account.id)).toMatchObject([{ status: 'expired' }]);
  expect(await openCheckout(app, made._id)).toBeUndefined();
});

test('what was paid and never told is found when the order is looked after', async () => {
  const { app, stripe } = await openShop();
  const { order: made, account } = await order(app);
  stripe.pay(await sessionOf(app, made._id), 'card');
  await run(app, made._id);
  expect(await balanceOf(app, account.id)).toMatchObject({ available: 100 });
});

test('the link is short enough for a Discord button and names nobody', async () => {
  const { app } = await openShop();
  const { order: made, user } = { ...(await order(app)), user: '1001' };
  const url = payUrl(app, made._id) ?? '';
  expect(url).toBe(`http://localhost:8080/pay/${made._id}`);
  expect(url.length).toBeLessThan(512);
  expect(url).not.toContain(user);
});

test('nothing that names a person at a chat platform reaches Stripe', async () => {
  const { app, stripe } = await openShop();
  const person = await newPerson(app, '424242424242');
  await sessionOf(app, (await order(app, 'pack-s', 'stripe', person)).order._id);
  expect(stripe.requests.length).toBeGreaterThan(2);
  expect(JSON.stringify(stripe.requests)).not.toContain('424242424242');
});
