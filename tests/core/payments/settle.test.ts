import { expect, test } from 'vitest';
import { applyCredits } from '../../../core/credits/account.ts';
import { readPayment, told } from '../../../core/payments/payment.ts';
import { actOnStripe } from '../../../core/payments/stripe-events.ts';
import {
  balanceOf,
  eventsOf,
  hand,
  handAll,
  newPerson,
  openShop,
  order,
  paymentsOf,
  type Shop,
  sessionOf,
} from '../../support/shop.ts';

/** A new person's paid pack. */
async function paidPack(shop: Shop, item = 'pack-s') {
  const { order: made, account } = await order(shop.app, item);
  const session = await sessionOf(shop.app, made._id);
  shop.stripe.pay(session, 'card');
  await handAll(shop);
  return { made, account, session };
}

const spend = (shop: Shop, accountId: string, amount: number, id: string) =>
  applyCredits({
    connection: shop.app.connection,
    accountId,
    op: { key: `reserve:${id}`, type: 'reserve', holdId: id, amount, until: shop.clock.at + 1_000 },
    at: shop.clock.at,
  });

test('a paid pack is credited once, whatever arrives at the same moment', async () => {
  const { app, stripe } = await openShop();
  const { order: made, account } = await order(app);
  const session = await sessionOf(app, made._id);
  stripe.pay(session, 'card');
  await Promise.all([1, 2, 3, 4, 5, 6].map(() => actOnStripe(app, 'checkout.session.completed', session)));
  expect(await balanceOf(app, account.id)).toEqual({ available: 100, held: 0, debt: 0 });
  expect(await app.models.ledgerEntries.countDocuments({ accountId: account.id })).toBe(1);
  expect(await readPayment(app, made._id)).toMatchObject({ status: 'paid', ext: session, amountMinor: 499, tell: 'paid' });
});

test('a pack that a coupon pays in full is credited all the same', async () => {
  const shop = await openShop();
  const { order: made, account } = await order(shop.app);
  shop.stripe.pay(await sessionOf(shop.app, made._id), 'card', 'FREE');
  await handAll(shop);
  expect(await balanceOf(shop.app, account.id)).toMatchObject({ available: 100 });
  expect(await readPayment(shop.app, made._id)).toMatchObject({ status: 'paid', amountMinor: 0 });
});

test('a discount changes the price and not the credits, and a refund takes the share of what was paid', async () => {
  const shop = await openShop();
  const { order: made, account } = await order(shop.app);
  const session = await sessionOf(shop.app, made._id);
  shop.stripe.pay(session, 'card', 'HALF');
  await handAll(shop);
  expect(await balanceOf(shop.app, account.id)).toMatchObject({ available: 100 });
  shop.stripe.refund(session, 125);
  await handAll(shop);
  // ceil(100 × 125 / 249): half of 499, rounded by Stripe's rules, was charged.
  const charged = (await readPayment(shop.app, made._id))?.amountMinor ?? 0;
  expect(await balanceOf(shop.app, account.id)).toMatchObject({ available: 100 - Math.ceil(12_500 / charged) });
});

test('a refund of credits that are spent becomes debt, and the next pack repays it first', async () => {
  const shop = await openShop();
  const { app, stripe, clock } = shop;
  const { account, session, made } = await paidPack(shop);
  await spend(shop, account.id, 60, 'g1');
  await applyCredits({
    connection: app.connection,
    accountId: account.id,
    op: { key: 'capture:g1', type: 'capture', holdId: 'g1' },
    at: clock.at,
  });
  stripe.refund(session);
  await handAll(shop);
  expect(await balanceOf(app, account.id)).toEqual({ available: 0, held: 0, debt: 60 });
  expect(await readPayment(app, made._id)).toMatchObject({ status: 'reversed', tell: 'refunded' });
  const person = await newPerson(app);
  const next = await order(app, 'pack-s', 'stripe', { account: { ...person.account, id: account.id }, place: person.place });
  stripe.pay(await sessionOf(app, next.order._id), 'card');
  await handAll(shop);
  expect(await balanceOf(app, account.id)).toEqual({ available: 40, held: 0, debt: 0 });
});

test('while a dispute is open nothing new is reserved; winning one of two does not unlock', async () => {
  const shop = await openShop();
  const { app, stripe } = shop;
  const { account, session } = await paidPack(shop, 'pack-l');
  const first = stripe.dispute(session, { amount: 400 });
  const second = stripe.dispute(session, { amount: 400 });
  await handAll(shop);
  expect(await spend(shop, account.id, 1, 'g1')).toMatchObject({ kind: 'rejected', reason: 'account_restricted' });
  first.win();
  await handAll(shop);
  expect(await spend(shop, account.id, 1, 'g2')).toMatchObject({ kind: 'rejected', reason: 'account_restricted' });
  second.win();
  await handAll(shop);
  expect(await spend(shop, account.id, 1, 'g3')).toMatchObject({ kind: 'applied' });
  expect(await balanceOf(app, account.id)).toEqual({ available: 999, held: 1, debt: 0 });
});

test('a dispute that was won and then refunded takes everything back once', async () => {
  const shop = await openShop();
  const { account, session } = await paidPack(shop);
  shop.stripe.dispute(session).win();
  await handAll(shop);
  expect(await balanceOf(shop.app, account.id)).toMatchObject({ available: 100 });
  shop.stripe.refund(session);
  await handAll(shop);
  expect(await balanceOf(shop.app, account.id)).toEqual({ available: 0, held: 0, debt: 0 });
});

test('a look at a dispute that is slower than a later look changes nothing any more', async () => {
  const shop = await openShop();
  const { app, stripe } = shop;
  const { account, session } = await paidPack(shop);
  const dispute = stripe.dispute(session);
  const door = app.stripe;
  if (!door) throw new Error('there is no Stripe');
  const earlier = await door.dispute(dispute.id);
  dispute.win();
  await handAll(shop);
  app.stripe = { ...door, dispute: async () => earlier };
  expect(await actOnStripe(app, 'charge.dispute.updated', dispute.id)).toBe('done');
  expect(await balanceOf(app, account.id)).toEqual({ available: 100, held: 0, debt: 0 });
  expect((await app.models.creditAccounts.findById(account.id).lean())?.restrictions).toEqual([]);
});

test('refunds that arrive at the same moment all count', async () => {
  const shop = await openShop();
  for (let round = 0; round < 5; round++) {
    const { account, session } = await paidPack(shop);
    const refunds = [1, 2, 3].map(() => shop.stripe.refund(session, 100));
    await Promise.all(refunds.map(({ id }) => actOnStripe(shop.app, 'refund.created', id)));
    // 100 - ceil(100 × 300 / 499)
    expect(await balanceOf(shop.app, account.id)).toEqual({ available: 39, held: 0, debt: 0 });
  }
});

test('a question of the bank moves no credits and restricts nobody', async () => {
  const shop = await openShop();
  const { account, session } = await paidPack(shop);
  shop.stripe.dispute(session, { inquiry: true });
  await handAll(shop);
  expect(await spend(shop, account.id, 10, 'g1')).toMatchObject({ kind: 'applied' });
});

test('an actionable fraud warning restricts, and takes nothing', async () => {
  const shop = await openShop();
  const { account, session } = await paidPack(shop);
  shop.stripe.fraudWarning(session, false);
  await handAll(shop);
  expect((await shop.app.models.creditAccounts.findById(account.id).lean())?.restrictions).toEqual([]);
  shop.stripe.fraudWarning(session);
  await handAll(shop);
  await handAll(shop);
  const stored = await shop.app.models.creditAccounts.findById(account.id).lean();
  expect(stored?.restrictions).toHaveLength(1);
  expect(stored?.available).toBe(100);
});

test('news of a refund that comes before the payment’s own brings the payment in first', async () => {
  const shop = await openShop();
  const { order: made, account } = await order(shop.app);
  const session = await sessionOf(shop.app, made._id);
  shop.stripe.pay(session, 'card');
  shop.stripe.refund(session, 100);
  for (const event of eventsOf(shop.stripe)) if (event.type === 'refund.created') await hand(shop.app, event);
  expect(await balanceOf(shop.app, account.id)).toMatchObject({ available: 79 });
});

test('an invoice of many lines is read to its last page, and each month on it is granted once', async () => {
  const shop = await openShop();
  shop.stripe.embeddedLines = 0;
  const { order: made, account } = await order(shop.app, 'plan-plus');
  shop.stripe.pay(await sessionOf(shop.app, made._id), 'card');
  await handAll(shop);
  expect(await balanceOf(shop.app, account.id)).toMatchObject({ available: 300 });
});

test('a month of a plan lasts until its end and three days more', async () => {
  const shop = await openShop();
  const { order: made, account } = await order(shop.app, 'plan-plus');
  shop.stripe.pay(await sessionOf(shop.app, made._id), 'card');
  await handAll(shop);
  const [subscription] = [...shop.stripe.subscriptions.values()];
  const end = (subscription?.items.data[0]?.current_period_end ?? 0) * 1000;
  const stored = await shop.app.models.creditAccounts.findById(account.id).lean();
  expect(stored?.lots).toMatchObject([{ kind: 'allowance', granted: 300, expiresAt: end + 3 * 86_400_000 }]);
});

test('an upgrade that only prorates brings nothing before its own month', async () => {
  const shop = await openShop();
  const { order: made, account } = await order(shop.app, 'plan-plus');
  const session = await sessionOf(shop.app, made._id);
  shop.stripe.pay(session, 'card');
  const pro = shop.app.catalog.items.find(({ id }) => id === 'plan-pro');
  const price = pro && (await shop.app.stripe?.prices.priceOf(pro));
  const subscription = String(shop.stripe.sessions.get(session)?.subscription);
  shop.stripe.changePlan(subscription, String(price), { anchor: 'unchanged', proration: 'always_invoice' });
  await handAll(shop);
  expect(await balanceOf(shop.app, account.id)).toMatchObject({ available: 300 });
  shop.stripe.renew(subscription);
  await handAll(shop);
  expect(await balanceOf(shop.app, account.id)).toMatchObject({ available: 1_300 });
});

test('a payment that fell through, and a renewal that needs the person, are told with the place to act', async () => {
  const shop = await openShop();
  const { order: made } = await order(shop.app, 'plan-plus');
  const session = await sessionOf(shop.app, made._id);
  shop.stripe.pay(session, 'card');
  await handAll(shop);
  shop.stripe.renew(String(shop.stripe.sessions.get(session)?.subscription), 'action_required');
  await handAll(shop);
  const stored = await readPayment(shop.app, made._id);
  expect(stored?.tell).toMatch(/action_needed|failed/);
  expect(stored?.stripe?.url).toContain(shop.stripe.url);
});

test('a plan follows its subscription at Stripe, never its own news of credits', async () => {
  const shop = await openShop();
  const { order: made, account } = await order(shop.app, 'plan-plus');
  const session = await sessionOf(shop.app, made._id);
  shop.stripe.pay(session, 'card');
  for (const event of eventsOf(shop.stripe)) if (event.type.startsWith('customer.subscription')) await hand(shop.app, event);
  expect(await balanceOf(shop.app, account.id)).toMatchObject({ available: 0 });
  expect(await shop.app.models.subscriptions.find({}).lean()).toMatchObject([
    { status: 'active', item: 'plan-plus', accountId: account.id },
  ]);
  shop.stripe.cancel(String(shop.stripe.sessions.get(session)?.subscription), 'now');
  await handAll(shop);
  expect(await shop.app.models.subscriptions.find({}).lean()).toMatchObject([{ status: 'ended' }]);
  expect(await balanceOf(shop.app, account.id)).toMatchObject({ available: 300 });
});

test('what became known while the person was told stays to be told', async () => {
  const shop = await openShop();
  const { made, session } = await paidPack(shop);
  const before = await readPayment(shop.app, made._id);
  if (!before) throw new Error('the payment is gone');
  shop.stripe.refund(session);
  await handAll(shop);
  await told(shop.app, before);
  await told(shop.app, { ...before, tell: 'refunded' });
  const news = await readPayment(shop.app, made._id);
  expect(news).toMatchObject({ tell: 'refunded' });
  await told(shop.app, news ?? before);
  const after = await readPayment(shop.app, made._id);
  expect([after?.tell, after?.dueAt]).toEqual([undefined, undefined]);
});

test('money that is none of ours is left alone', async () => {
  const shop = await openShop();
  const { account } = await paidPack(shop);
  for (const type of ['checkout.session.completed', 'invoice.paid', 'refund.created', 'charge.dispute.created']) {
    expect(await actOnStripe(shop.app, type, 'xx_of_somebody_else')).toBe('ignored');
  }
  expect(await paymentsOf(shop.app, account.id)).toHaveLength(1);
});
