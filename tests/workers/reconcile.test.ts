import { expect, test } from 'vitest';
import type { App } from '../../core/app.ts';
import type { Entitlement, PremiumRail, StarsRail, StarTransaction } from '../../core/payments/rail.ts';
import { reconciliations } from '../../models/reconciliation.ts';
import { run } from '../../workers/payments.ts';
import { type Report, reconcile } from '../../workers/reconcile.ts';
import { balanceOf, handAll, newPerson, openShop, order, paymentsOf, sessionOf } from '../support/shop.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

const found = (reports: Report[], kind: Report['kind']) => {
  const { seen, healed, drift } = reports.find((one) => one.kind === kind) ?? { seen: -1, healed: -1, drift: [] };
  return { seen, healed, drift: drift.map(({ code }) => code) };
};
const driftOf = (reports: Report[]) => reports.flatMap(({ kind, drift }) => drift.map(({ code }) => `${kind} ${code}`));
const healedOf = (reports: Report[]) => reports.reduce((sum, { healed }) => sum + healed, 0);

/** Acts on everything that was kept and not acted on, as the worker does. */
async function work(app: App): Promise<void> {
  for (const { _id } of await app.models.processedEvents.find({ status: 'received' }).lean()) await run(app, _id);
}

/** Everything that money moved. */
const stateOf = async (app: App) => ({
  payments: await app.models.payments.find().sort({ _id: 1 }).lean(),
  entries: await app.models.ledgerEntries.find().sort({ _id: 1 }).lean(),
});

const starsOf = (transactions: StarTransaction[]): StarsRail => ({
  refund: async () => undefined,
  transactions: async (offset) => transactions.slice(offset, offset + 100),
  cancelSubscription: async () => undefined,
});

test('twenty checkouts in a minute without any webhook end in twenty grants, and a second look finds nothing', async () => {
  const { app, stripe, clock } = await openShop();
  const people = [];
  for (let index = 0; index < 20; index++) {
    const { account, order: made } = await order(app);
    stripe.pay(await sessionOf(app, made._id), 'card');
    clock.at += 3_000;
    people.push(account.id);
  }
  clock.at += 10 * MINUTE;
  const first = await reconcile(app);
  expect(found(first, 'stripe_events').healed).toBeGreaterThanOrEqual(20);
  await work(app);
  for (const person of people) expect(await balanceOf(app, person)).toMatchObject({ available: 100 });
  const before = await stateOf(app);
  const again = await reconcile(app, { now: true });
  await work(app);
  expect([healedOf(again), driftOf(again)]).toEqual([0, []]);
  expect(await stateOf(app)).toEqual(before);
});

test('what Stripe never made an event for is found by its objects: a pack, a plan and its renewal', async () => {
  const { app, stripe, clock } = await openShop();
  stripe.neverGenerate = true;
  const pack = await order(app, 'pack-s');
  stripe.pay(await sessionOf(app, pack.order._id), 'card');
  const plan = await order(app, 'plan-plus');
  const session = await sessionOf(app, plan.order._id);
  stripe.pay(session, 'card');
  stripe.renew(String(stripe.sessions.get(session)?.subscription));
  clock.at += 20 * MINUTE;
  const reports = await reconcile(app);
  expect(found(reports, 'stripe_events')).toEqual({ seen: 0, healed: 0, drift: [] });
  expect(found(reports, 'stripe_sessions')).toMatchObject({ seen: 2, healed: 2, drift: [] });
  expect(found(reports, 'stripe_invoices')).toMatchObject({ healed: 2, drift: [] });
  expect(await balanceOf(app, pack.account.id)).toMatchObject({ available: 100 });
  expect(await balanceOf(app, plan.account.id)).toMatchObject({ available: 600 });
  const before = await stateOf(app);
  clock.at += DAY;
  const night = await reconcile(app);
  expect([night.length, healedOf(night), driftOf(night)]).toEqual([6, 0, []]);
  expect(await stateOf(app)).toEqual(before);
});

test('a refund that nobody told of is reported every night and taken back only when a person says so', async () => {
  const shop = await openShop();
  const { app, stripe, clock } = shop;
  const { account, order: made } = await order(app);
  const session = await sessionOf(app, made._id);
  stripe.pay(session, 'card');
  await handAll(shop);
  stripe.neverGenerate = true;
  stripe.refund(session);
  clock.at += 20 * MINUTE;
  const expected = ['stripe_refunds refund_not_taken_back', 'stripe_refunds I11_day_differs'];
  expect(driftOf(await reconcile(app, { now: true }))).toEqual(expected);
  expect(driftOf(await reconcile(app, { now: true }))).toEqual(expected);
  expect(await balanceOf(app, account.id)).toMatchObject({ available: 100 });
  const decided = await reconcile(app, { now: true, takesBack: true });
  expect([healedOf(decided), driftOf(decided)]).toEqual([1, []]);
  expect(await balanceOf(app, account.id)).toMatchObject({ available: 0 });
});

test('a dispute that was won gives the credits back although no event said so', async () => {
  const shop = await openShop();
  const { app, stripe, clock } = shop;
  const { account, order: made } = await order(app);
  const session = await sessionOf(app, made._id);
  stripe.pay(session, 'card');
  const dispute = stripe.dispute(session);
  await handAll(shop);
  expect(await balanceOf(app, account.id)).toMatchObject({ available: 0 });
  stripe.neverGenerate = true;
  dispute.win();
  clock.at += 20 * MINUTE;
  const reports = await reconcile(app);
  expect(found(reports, 'stripe_disputes')).toMatchObject({ healed: 1, drift: [] });
  expect(await balanceOf(app, account.id)).toMatchObject({ available: 100 });
});

test('payments that the rail does not know, grants of nothing and lost holds are reported and left alone', async () => {
  const shop = await openShop();
  const { app, stripe, clock } = shop;
  const { account, order: made } = await order(app);
  stripe.pay(await sessionOf(app, made._id), 'card');
  await handAll(shop);
  await app.models.payments.updateOne({ _id: made._id }, { $set: { ext: 'cs_test_forgotten' } });
  const { account: other } = await order(app);
  const lost = { id: 'gone', amount: 1, parts: [], until: clock.at };
  const books = { rev: 1, seq: 0, available: 0, held: 1, debt: 0, lots: [], restrictions: [], closed: false };
  await app.models.creditAccounts.create({ _id: other.id, ...books, holds: [lost], nextHoldDueAt: new Date(clock.at) });
  await app.models.ledgerEntries.updateOne({ type: 'grant', accountId: account.id }, { $set: { paymentId: 'nobody' } });
  const before = await stateOf(app);
  clock.at += 20 * MINUTE;
  const drift = driftOf(await reconcile(app));
  expect(drift).toContain('stripe_sessions rail_does_not_know_it');
  expect(drift).toContain('books I8_paid_not_granted');
  expect(drift).toContain('books I8_grant_without_payment');
  expect(drift).toContain('books I10_hold_without_generation');
  expect((await stateOf(app)).entries).toEqual(before.entries);
});

test('Stars whose update was lost are credited, a renewal too; an app store’s chargeback is reported', async () => {
  const { app, clock } = await openShop();
  const pack = await order(app, 'pack-s', 'telegram_stars');
  const plan = await order(app, 'plan-plus', 'telegram_stars');
  const { user } = await newPerson(app);
  const paid = (charge: string, made: { _id: string }, stars: number): StarTransaction => ({
    ...{ charge, kind: 'payment', stars, order: made._id, user, at: clock.at },
  });
  const rows = [paid('c1', pack.order, 350), paid('c2', plan.order, 700)];
  app.rails.stars = starsOf(rows);
  clock.at += 20 * MINUTE;
  expect(found(await reconcile(app, { now: true }), 'stars')).toEqual({ seen: 2, healed: 2, drift: [] });
  clock.at += 30 * DAY;
  rows.push(paid('c3', plan.order, 700), { charge: 'c1', kind: 'refund', stars: 350, at: clock.at }, paid('c4', { _id: 'x' }, 9));
  clock.at += 20 * MINUTE;
  expect(found(await reconcile(app, { now: true }), 'stars')).toEqual({
    ...{ seen: 5, healed: 1 },
    drift: ['refund_not_taken_back', 'order_unknown', 'I11_day_differs'],
  });
  expect((await balanceOf(app, pack.account.id)).available).toBe(100);
  expect(await paymentsOf(app, plan.account.id)).toHaveLength(3);
});

test('entitlements are granted and consumed; one that is not listed any more is no refund, one that is deleted is reported', async () => {
  const { app, clock } = await openShop({}, { DISCORD_SKUS: 'pack-s=11' });
  const person = await newPerson(app);
  const listed = new Map<string, Entitlement>();
  const bought = (id: string): Entitlement => ({
    ...{ id, sku: '11', user: person.user, kind: 'consumable', consumed: false, deleted: false, isTest: false },
  });
  const rail: PremiumRail = {
    entitlement: async (id) => listed.get(id),
    entitlements: async (after = '0') => [...listed.values()].filter(({ id }) => BigInt(id) > BigInt(after)).slice(0, 2),
    consume: async (id) => void listed.set(id, { ...bought(id), consumed: true }),
    subscriptions: async () => [],
  };
  app.rails.premium = rail;
  for (const id of ['1', '2', '3']) listed.set(id, bought(id));
  clock.at += 20 * MINUTE;
  expect(found(await reconcile(app, { now: true }), 'discord')).toEqual({ seen: 3, healed: 3, drift: [] });
  expect([...listed.values()].every(({ consumed }) => consumed)).toBe(true);
  listed.delete('1');
  listed.set('2', { ...bought('2'), deleted: true });
  expect(found(await reconcile(app, { now: true }), 'discord')).toMatchObject({ healed: 0, drift: ['refund_not_taken_back'] });
  const payments = await app.models.payments.find({ provider: 'discord' }).lean();
  expect(payments.map(({ status }) => status)).toEqual(['paid', 'paid', 'paid']);
});

test('a night that died goes on where its last page ended, and two processes do not run it at once', async () => {
  const { app, clock } = await openShop({}, { DISCORD_SKUS: 'pack-s=11' });
  const asked: string[] = [];
  let isAway = true;
  app.rails.premium = {
    entitlement: async () => undefined,
    async entitlements(after = '0') {
      asked.push(after);
      if (after === '0') {
        await expect(reconcile(app, { now: true })).resolves.not.toContainEqual(expect.objectContaining({ kind: 'discord' }));
        return [{ id: '7', sku: '11', user: '1', kind: 'other', consumed: false, deleted: false, isTest: false }];
      }
      if (isAway) throw new Error('Discord is away');
      return [];
    },
    consume: async () => undefined,
    subscriptions: async () => [],
  };
  expect(found(await reconcile(app), 'discord').seen).toBe(-1);
  isAway = false;
  expect(found(await reconcile(app), 'discord').seen).toBe(0);
  expect(asked).toEqual(['0', '7', '7']);
  clock.at += 10 * MINUTE;
  expect(found(await reconcile(app), 'discord').seen).toBe(-1);
  const [stored] = await reconciliations(app.connection).find({ _id: 'discord' }).lean();
  expect(stored).not.toHaveProperty('lease');
  expect(stored).not.toHaveProperty('cursor');
});
