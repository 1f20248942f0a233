import { expect, test } from 'vitest';
import { keysOfPayment, payer, readPayment } from '../../../core/payments/payment.ts';
import { preCheckout, starsPaid, starsRefunded } from '../../../core/payments/stars.ts';
import { balanceOf, newPerson, openShop, order, paymentsOf } from '../../support/shop.ts';
import { commandsOf } from '../../support/wire.ts';

const DAY = 86_400_000;

async function ordered(item = 'pack-s', outside = {}) {
  const shop = await openShop(outside);
  const person = await newPerson(shop.app);
  const { order: made } = await order(shop.app, item, 'telegram_stars', person);
  const paid = { order: made._id, charge: 'stx-1', stars: made.amountMinor ?? 0, user: person.user };
  return { ...shop, ...person, made, paid };
}

test('an open order may be paid, at its price only', async () => {
  const { app, paid } = await ordered();
  expect(await preCheckout(app, paid)).toEqual({ ok: true });
  expect(await preCheckout(app, { ...paid, stars: 1 })).toMatchObject({ ok: false, reason: expect.stringContaining('price') });
  expect(await preCheckout(app, { ...paid, order: 'nobody’s' })).toMatchObject({ ok: false });
});

test('the answer to Telegram costs one read', async () => {
  const { app, paid } = await ordered('pack-s', { monitorCommands: true });
  const { database } = await commandsOf(app, () => preCheckout(app, paid));
  expect(database).toEqual(['aggregate']);
});

test('pre-checkout of a closed order is refused with a reason', async () => {
  const { app, paid, clock } = await ordered();
  await starsPaid(app, paid);
  expect(await preCheckout(app, paid)).toMatchObject({ ok: false, reason: expect.stringContaining('paid already') });
  const other = await order(app, 'pack-m', 'telegram_stars');
  clock.at += 8 * DAY;
  const late = { order: other.order._id, stars: other.order.amountMinor ?? 0, user: '1' };
  expect(await preCheckout(app, late)).toMatchObject({ ok: false, reason: expect.stringContaining('expired') });
});

test('an order of a restricted account is refused before any Stars move', async () => {
  const { app, paid, account } = await ordered();
  await starsPaid(app, {
    ...paid,
    order: (
      await order(app, 'pack-m', 'telegram_stars', {
        account,
        place: { platform: 'telegram', chat: '1', user: '1', group: false },
      })
    ).order._id,
    stars: 900,
  });
  await app.models.creditAccounts.updateOne({ _id: account.id }, { $set: { restrictions: ['dispute:du_1'] } });
  expect(await preCheckout(app, paid)).toMatchObject({ ok: false, reason: expect.stringContaining('disputed') });
});

test('the same charge three times is one credit', async () => {
  const { app, paid, account } = await ordered();
  await Promise.all([starsPaid(app, paid), starsPaid(app, paid)]);
  await starsPaid(app, paid);
  expect(await balanceOf(app, account.id)).toEqual({ available: 100, held: 0, debt: 0 });
});

test('an old invoice that is paid again is new money', async () => {
  const { app, paid, account, made } = await ordered();
  await starsPaid(app, paid);
  await starsPaid(app, { ...paid, charge: 'stx-2' });
  expect(await balanceOf(app, account.id)).toMatchObject({ available: 200 });
  const payments = await paymentsOf(app, account.id);
  expect(payments).toHaveLength(2);
  expect(payments).toContainEqual(expect.objectContaining({ _id: made._id, ext: 'stx-1' }));
  expect(payments).toContainEqual(expect.objectContaining({ orderId: made._id, ext: 'stx-2' }));
});

test('somebody else who pays an order pays for its owner, and is noted for a refund', async () => {
  const { app, paid, account, made } = await ordered();
  await starsPaid(app, { ...paid, user: '999000999' });
  expect(await balanceOf(app, account.id)).toMatchObject({ available: 100 });
  const stored = await readPayment(app, made._id);
  if (!stored?.payer) throw new Error('nobody is noted');
  expect(payer.open(await keysOfPayment(app, stored), stored._id, stored.payer)).toBe('999000999');
  expect(JSON.stringify(stored)).not.toContain('999000999');
});

test('each month of a plan is its own charge, and lasts until its end and three days more', async () => {
  const { app, paid, account, clock } = await ordered('plan-plus');
  const until = clock.at + 30 * DAY;
  await starsPaid(app, { ...paid, subscription: { first: true, until } });
  await starsPaid(app, { ...paid, charge: 'stx-2', subscription: { first: false, until: until + 30 * DAY } });
  await starsPaid(app, { ...paid, charge: 'stx-2', subscription: { first: false, until: until + 30 * DAY } });
  const stored = await app.models.creditAccounts.findById(account.id).lean();
  expect(stored?.lots.map(({ kind, granted, expiresAt }) => [kind, granted, expiresAt])).toEqual([
    ['allowance', 300, until + 3 * DAY],
    ['allowance', 300, until + 33 * DAY],
  ]);
  expect(await app.models.subscriptions.find({}).lean()).toMatchObject([
    { _id: 'stx-1', status: 'active', periodEnd: new Date(until + 30 * DAY), orderId: paid.order },
  ]);
});

test('a second plan is refused at pre-checkout, also when both invoices lay open', async () => {
  const { app, paid, account, clock } = await ordered('plan-plus');
  const place = { platform: 'telegram', chat: '1', user: '1', group: false } as const;
  const { order: pro } = await order(app, 'plan-pro', 'telegram_stars', { account, place });
  await starsPaid(app, { ...paid, subscription: { first: true, until: clock.at + 30 * DAY } });
  expect(await preCheckout(app, { order: pro._id, stars: pro.amountMinor ?? 0, user: '1' })).toMatchObject({
    ok: false,
    reason: expect.stringContaining('plan already'),
  });
});

test('refunded Stars take their credits back once', async () => {
  const { app, paid, account, made } = await ordered();
  await starsPaid(app, paid);
  await starsRefunded(app, paid);
  await starsRefunded(app, paid);
  expect(await balanceOf(app, account.id)).toEqual({ available: 0, held: 0, debt: 0 });
  expect(await readPayment(app, made._id)).toMatchObject({ status: 'reversed', tell: 'refunded' });
});

test('a refund that comes before its payment waits for it', async () => {
  const { app, paid, account } = await ordered();
  await expect(starsRefunded(app, paid)).rejects.toThrow('before they were seen');
  await starsPaid(app, paid);
  await starsRefunded(app, paid);
  expect(await balanceOf(app, account.id)).toMatchObject({ available: 0 });
});

test('Stars for no order of ours are reported and change nothing', async () => {
  const errors: string[] = [];
  const log = { info: () => {}, warn: () => {}, error: (event: string) => void errors.push(event) };
  const { app } = await openShop({ log });
  await starsPaid(app, { order: 'gone', charge: 'stx-9', stars: 5, user: '1' });
  await starsRefunded(app, { order: 'gone', charge: 'stx-9' });
  expect(errors).toEqual(['stars came for no order of ours', 'stars went back for no order of ours']);
  expect(await app.models.payments.countDocuments()).toBe(0);
});
