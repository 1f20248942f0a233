import { expect, test } from 'vitest';
import type { Account } from '../../../core/accounts.ts';
import type { Place } from '../../../core/chat.ts';
import { obstacleOf, openCheckout } from '../../../core/payments/checkout.ts';
import type { StarsRail } from '../../../core/payments/rail.ts';
import { preCheckout, starsPaid, starsRefunded } from '../../../core/payments/stars.ts';
import { actOnStripe } from '../../../core/payments/stripe-events.ts';
import { type Erasure, readErasure } from '../../../core/privacy/erase/erasure.ts';
import { takeStep } from '../../../core/privacy/erase/steps.ts';
import { confirmErasure, doubtErasure, offerErasure } from '../../../core/privacy/erasures.ts';
import * as erase from '../../../workers/erase.ts';
import * as notify from '../../../workers/notify.ts';
import { reconcile } from '../../../workers/reconcile.ts';
import type { Line } from '../../support/product.ts';
import { recordSends } from '../../support/sends.ts';
import { eventsOf, handAll, newPerson, openShop, order, type Shop, sessionOf } from '../../support/shop.ts';

interface Buyer {
  account: Account;
  place: Place;
}

async function open() {
  const lines: Line[] = [];
  const note = (level: Line['level']) => (event: string, fields?: object) => void lines.push({ level, event, ...fields });
  const shop = await openShop({ log: { info: note('info'), warn: note('warn'), error: note('error') } });
  const { app, clock } = shop;
  const refunds: string[] = [];
  const ended: string[] = [];
  const stars: StarsRail = {
    refund: async (_, charge) => void refunds.push(charge),
    transactions: async () => [],
    cancelSubscription: async (_, charge) => void ended.push(charge),
  };
  app.rails.stars = stars;
  const { sends, sendings } = recordSends();

  const ask = async ({ account, place }: Buyer, when: 'later' | 'now') => {
    const { erasure } = await offerErasure(app, { account, place, scope: 'account', at: clock.at });
    await doubtErasure(app, account, erasure._id, clock.at);
    return confirmErasure(app, { account, place, id: erasure._id, when, at: clock.at });
  };
  const run = async (id: string, until: (step: string | undefined) => boolean = () => false) => {
    for (let turn = 0; turn < 60; turn++) {
      const now = await app.models.erasures.findById(id).lean();
      if (now?.state !== 'running' || until(now.step)) return now;
      const again = await erase.run(app, sends, {}, id);
      clock.at += again?.afterMs ?? 0;
    }
    throw new Error('the erasure does not end');
  };
  const leave = async (buyer: Buyer) => run((await ask(buyer, 'now'))._id);
  const errors = () => lines.filter(({ level }) => level === 'error');
  return { ...shop, refunds, ended, sends, sendings, ask, run, leave, errors, lines };
}

async function paidPack(shop: Shop) {
  const person = await newPerson(shop.app);
  const { order: made } = await order(shop.app, 'pack-m', 'stripe', person);
  const session = await sessionOf(shop.app, made._id);
  shop.stripe.pay(session, 'card');
  await handAll(shop);
  return { person, made, session };
}

test('a payment stays for the tax office under a pseudonym, with nothing that leads to the person', async () => {
  const shop = await open();
  const { app, stripe } = shop;
  const { person, made, session } = await paidPack(shop);
  const before = await app.models.payments.findById(made._id).lean();
  const end = await shop.leave(person);
  const after = await app.models.payments.findById(made._id).lean();
  expect(after?.accountId).toMatch(/^gone-/);
  expect(after?.keyId).toBe(after?.accountId);
  expect(after).toMatchObject({
    amountMinor: before?.amountMinor,
    ext: session,
    status: 'paid',
    retainUntil: before?.retainUntil,
  });
  expect(after?.forgottenAt).toBeInstanceOf(Date);
  for (const path of ['place', 'payer', 'tell', 'dueAt', 'wallet']) expect(after).not.toHaveProperty(path);
  expect(after?.stripe).not.toHaveProperty('customerId');
  expect(JSON.stringify(after)).not.toContain(person.account.id);
  expect(end?.kept).toMatchObject([{ what: '1 payments, under a pseudonym', until: before?.retainUntil }, {}, {}]);
  const customers = stripe.events().filter(({ type }) => type === 'customer.deleted');
  expect(customers).toHaveLength(1);
  expect(end?.answers).toEqual([{ processor: 'Stripe', answer: 'customer deleted' }]);
  await handAll(shop);
  const reports = await reconcile(app, { now: true });
  expect(reports.flatMap(({ drift }) => drift)).toEqual([]);
  expect(shop.errors()).toEqual([]);
});

test('a plan ends before its person goes, at Stripe and for Stars', async () => {
  const shop = await open();
  const { app, stripe } = shop;
  const person = await newPerson(app);
  const { order: plan } = await order(app, 'plan-plus', 'stripe', person);
  stripe.pay(await sessionOf(app, plan._id), 'card');
  await handAll(shop);
  const fan = await newPerson(app);
  const { order: monthly } = await order(app, 'plan-plus', 'telegram_stars', fan);
  await starsPaid(app, {
    order: monthly._id,
    charge: 'c1',
    stars: 700,
    user: fan.user,
    subscription: { first: true, until: shop.clock.at + 30 * 86_400_000 },
  });
  expect((await shop.leave(person))?.answers).toEqual([{ processor: 'Stripe', answer: 'plan ended, customer deleted' }]);
  expect(stripe.events().some(({ type }) => type === 'customer.subscription.deleted')).toBe(true);
  expect((await shop.leave(fan))?.answers).toEqual([{ processor: 'Telegram Stars', answer: 'plan does not renew' }]);
  expect(shop.ended).toEqual(['c1']);
  await handAll(shop);
  expect(await app.models.subscriptions.countDocuments()).toBe(0);
});

test('a late refund of a deleted person’s payment moves the books and nobody’s credits', async () => {
  const shop = await open();
  const { app, stripe } = shop;
  const { person, made, session } = await paidPack(shop);
  await shop.leave(person);
  stripe.refund(session);
  await handAll(shop);
  stripe.dispute((await paidPack(shop)).session);
  expect(await app.models.payments.findById(made._id).lean()).toMatchObject({
    status: 'reversed',
    reversals: [{ kind: 'refund' }],
  });
  expect(await app.models.creditAccounts.findById(person.account.id).lean()).toBeNull();
  expect(await app.models.payments.findById(made._id).lean()).not.toHaveProperty('tell');
  expect(await notify.run(app, shop.sends, made._id)).toBeUndefined();
});

test.each([
  ['before the freeze', 0],
  ['while it is deleted', 1],
] as const)('money that arrives %s is in the books, and an operator is told where it is not credited', async (moment, errors) => {
  const shop = await open();
  const { app, stripe } = shop;
  const person = await newPerson(app);
  const { order: made } = await order(app, 'pack-m', 'stripe', person);
  const session = await sessionOf(app, made._id);
  const { _id: id } = await shop.ask(person, 'now');
  if (moment === 'while it is deleted') await freezeOnly(shop, id);
  stripe.pay(session, 'card');
  await actOnStripe(app, 'checkout.session.completed', session);
  await shop.run(id);
  const payment = await app.models.payments.findById(made._id).lean();
  expect(payment).toMatchObject({ status: 'paid', amountMinor: made.amountMinor });
  expect(payment?.accountId).toMatch(/^gone-/);
  expect(await app.models.creditAccounts.countDocuments()).toBe(0);
  expect(shop.errors()).toHaveLength(errors);
});

test('a delayed payment that comes through when its person is gone brings no credits and nobody back', async () => {
  const shop = await open();
  const { app, stripe } = shop;
  const person = await newPerson(app);
  const { order: made } = await order(app, 'pack-m', 'stripe', person);
  const session = await sessionOf(app, made._id);
  stripe.pay(session, 'delayed');
  await handAll(shop);
  await shop.leave(person);
  stripe.completeDelayed(session);
  await handAll(shop);
  const payment = await app.models.payments.findById(made._id).lean();
  expect(payment).toMatchObject({ status: 'paid', lots: [], ext: session });
  expect(payment).not.toHaveProperty('tell');
  expect(payment?.stripe).not.toHaveProperty('customerId');
  expect(await app.models.creditAccounts.countDocuments()).toBe(0);
  expect(shop.errors()).toMatchObject([{ reference: made._id, provider: 'stripe' }]);
  expect((await reconcile(app, { now: true })).flatMap(({ drift }) => drift)).toEqual([]);
});

/** As far as the accounts are closed, and no further. */
async function freezeOnly({ run, app }: Awaited<ReturnType<typeof open>>, id: string): Promise<void> {
  await app.models.creditAccounts.deleteMany({});
  let erasure: Erasure | undefined = await readErasure(app, id);
  while (erasure && erasure.step !== 'stop') ({ erasure } = await takeStep(app, erasure, { sends: {}, removes: {} }));
  await run(id, (step) => step === 'stop');
}

test('late Stars go back at once, since only this moment knows who paid, and once', async () => {
  const shop = await open();
  const { app } = shop;
  const fan = await newPerson(app);
  const { order: pack } = await order(app, 'pack-m', 'telegram_stars', fan);
  await shop.leave(fan);
  const paid = { order: pack._id, charge: 'late', stars: 900, user: fan.user };
  await starsPaid(app, paid);
  await starsPaid(app, paid);
  await starsRefunded(app, { charge: 'late', order: pack._id });
  expect(shop.refunds).toEqual(['late']);
  const payment = await app.models.payments.findOne({ provider: 'telegram_stars', ext: 'late' }).lean();
  expect(payment).toMatchObject({ status: 'reversed', lots: [] });
  expect(payment).not.toHaveProperty('payer');
  expect(await app.models.creditAccounts.countDocuments()).toBe(0);
  expect(shop.errors()).toMatchObject([{ reference: payment?._id, provider: 'telegram_stars' }]);
});

test('nobody can pay for an account that is about to go', async () => {
  const shop = await open();
  const { app } = shop;
  const person = await newPerson(app);
  const { order: card } = await order(app, 'pack-m', 'stripe', person);
  const { order: pack } = await order(app, 'pack-m', 'telegram_stars', person);
  const { _id: id } = await shop.ask(person, 'later');
  expect(await obstacleOf(app, card)).toBe('account_leaving');
  expect(await openCheckout(app, card._id)).toBeUndefined();
  expect(await preCheckout(app, { order: pack._id, stars: 900, user: person.user })).toMatchObject({ ok: false });
  shop.clock.at += 72 * 3_600_000;
  await erase.run(app, shop.sends, {}, id);
  await shop.run(id);
  expect(await preCheckout(app, { order: pack._id, stars: 900, user: person.user })).toMatchObject({ ok: false });
  expect(await openCheckout(app, card._id)).toBeUndefined();
});

test('an open payment page is closed, and its late event brings nothing', async () => {
  const shop = await open();
  const { app, stripe } = shop;
  const person = await newPerson(app);
  const { order: made } = await order(app, 'pack-m', 'stripe', person);
  await sessionOf(app, made._id);
  await shop.leave(person);
  expect(eventsOf(stripe).map(({ type }) => type)).toContain('checkout.session.expired');
  await handAll(shop);
  const left = await app.models.payments.findById(made._id).lean();
  expect(left).toMatchObject({ status: 'expired' });
  expect(JSON.stringify(left)).not.toContain(person.account.id);
});

test('a Stripe that is away is asked again, and after twelve hours an operator is told and the rest goes on', async () => {
  const shop = await open();
  const { app, stripe } = shop;
  const { person } = await paidPack(shop);
  await stripe.close();
  const { _id: id } = await shop.ask(person, 'now');
  let turns = 0;
  for (; (await app.models.erasures.findById(id).lean())?.state === 'running'; turns++) {
    const again = await erase.run(app, shop.sends, {}, id);
    shop.clock.at += Math.max(again?.afterMs ?? 0, 4 * 3_600_000);
  }
  const end = await app.models.erasures.findById(id).lean();
  expect(turns).toBeGreaterThanOrEqual(3);
  expect(end?.answers).toEqual([{ processor: 'Stripe', answer: 'did not answer, and will be asked again by hand' }]);
  expect(shop.errors()).toMatchObject([{ event: 'a processor did not answer an erasure', reference: id, provider: 'Stripe' }]);
}, 60_000);
