import { expect, test } from 'vitest';
import type { App } from '../../../core/app.ts';
import { applyCredits } from '../../../core/credits/account.ts';
import { starsPaid } from '../../../core/payments/stars.ts';
import { refund } from '../../../operate/refund.ts';
import { balanceOf, handAll, openShop, order, type Shop, sessionOf } from '../../support/shop.ts';

async function buyPack(shop: Shop, used = 0) {
  const { app, stripe } = shop;
  const { account, order: made } = await order(app);
  stripe.pay(await sessionOf(app, made._id), 'card');
  await handAll(shop);
  if (used > 0) await spend(app, account.id, used);
  return { account: account.id, paymentId: made._id };
}

async function spend(app: App, accountId: string, amount: number): Promise<void> {
  const change = { connection: app.connection, accountId, at: app.now() };
  await applyCredits({ ...change, op: { key: 'reserve:g', type: 'reserve', holdId: 'g', amount, until: app.now() } });
  await applyCredits({ ...change, op: { key: 'capture:g', type: 'capture', holdId: 'g' } });
}

const refundsAt = ({ stripe }: Shop) =>
  stripe.requests.filter(
    ({ method, path, status, replayed }) => method === 'POST' && path === '/v1/refunds' && status === 200 && !replayed,
  );

/** An app whose database breaks at its call number `nth` on payments, before or after doing it. */
function breaking(app: App, nth: number, when: 'before' | 'after'): { app: App; broke: () => boolean } {
  let calls = 0;
  const payments = new Proxy(app.models.payments, {
    get(target, name, receiver) {
      const own: unknown = Reflect.get(target, name, receiver);
      if ((name !== 'findOneAndUpdate' && name !== 'findById') || typeof own !== 'function') return own;
      return (...words: unknown[]) => {
        calls += 1;
        if (calls !== nth) return own.apply(target, words);
        const lean = async () => {
          if (when === 'after') await own.apply(target, words).lean();
          throw new Error('the database broke');
        };
        return { lean };
      };
    },
  });
  return { app: { ...app, models: { ...app.models, payments } }, broke: () => calls >= nth };
}

test('the unused share goes back and leaves no debt; asking again changes nothing', async () => {
  const shop = await openShop();
  const { account, paymentId } = await buyPack(shop, 40);
  expect((await refund(shop.app, { paymentId, full: false }))[0]).toContain('$2.99');
  await handAll(shop);
  expect(await balanceOf(shop.app, account)).toEqual({ available: 0, held: 0, debt: 0 });
  expect((await refund(shop.app, { paymentId, full: false }))[0]).toContain('nothing to refund');
  expect(refundsAt(shop)).toHaveLength(1);
});

test('all of it goes back only when asked for in full, and what was used becomes debt', async () => {
  const shop = await openShop();
  const { account, paymentId } = await buyPack(shop, 40);
  await refund(shop.app, { paymentId, full: false });
  await refund(shop.app, { paymentId, full: true });
  await refund(shop.app, { paymentId, full: true });
  await handAll(shop);
  expect(await balanceOf(shop.app, account)).toEqual({ available: 0, held: 0, debt: 40 });
  expect(await shop.app.models.payments.findById(paymentId).lean()).toMatchObject({ status: 'reversed' });
  expect(refundsAt(shop)).toHaveLength(2);
});

test('a refund that is interrupted at any call, even for days, is finished by the next one and made once', async () => {
  const shop = await openShop();
  let interruptions = 0;
  for (const when of ['before', 'after'] as const) {
    for (let nth = 1; nth < 40; nth++) {
      const { account, paymentId } = await buyPack(shop, 40);
      const made = refundsAt(shop).length;
      const { app, broke } = breaking(shop.app, nth, when);
      const outcome = await refund(app, { paymentId, full: false }).catch(() => 'broke');
      if (!broke()) break;
      expect(outcome).toBe('broke');
      interruptions += 1;
      shop.clock.at += 3 * 86_400_000;
      await refund(shop.app, { paymentId, full: false });
      expect(refundsAt(shop)).toHaveLength(made + 1);
      expect(await balanceOf(shop.app, account)).toEqual({ available: 0, held: 0, debt: 0 });
      expect(await shop.app.models.payments.findById(paymentId).lean()).not.toHaveProperty('refundIntent');
    }
  }
  expect(interruptions).toBeGreaterThan(8);
});

test.each(['request', 'answer'] as const)('a refund whose %s was lost on the way to Stripe is made once', async (lose) => {
  const shop = await openShop();
  const { account, paymentId } = await buyPack(shop);
  const match = ({ path, method }: { path: string; method: string }) => method === 'POST' && path === '/v1/refunds';
  shop.stripe.forced.push({ match, lose }, { match, lose: 'request' }, { match, lose: 'request' });
  await expect(refund(shop.app, { paymentId, full: false })).rejects.toThrow();
  shop.clock.at += 2 * 86_400_000;
  expect((await refund(shop.app, { paymentId, full: false }))[0]).toContain('begun earlier');
  await handAll(shop);
  expect(await balanceOf(shop.app, account)).toEqual({ available: 0, held: 0, debt: 0 });
  const refunds = shop.stripe.events().filter(({ type }) => type === 'refund.created');
  expect(refunds).toHaveLength(1);
});

test('Stars go back as a whole, to whoever paid them, and once they are back nothing more happens', async () => {
  const { app } = await openShop();
  const asked: string[][] = [];
  app.rails.stars = {
    refund: async (...who) => void asked.push(who),
    transactions: async () => [],
    cancelSubscription: async () => undefined,
  };
  const { account, order: made } = await order(app, 'pack-s', 'telegram_stars');
  await starsPaid(app, { order: made._id, stars: 350, user: '4711', charge: 'stx1' });
  await spend(app, account.id, 10);
  const paymentId = made._id;
  await expect(refund(app, { paymentId, full: false })).rejects.toMatchObject({ code: 'all_or_nothing' });
  expect((await refund(app, { paymentId, full: true }))[0]).toContain('350 Stars');
  await refund(app, { paymentId, full: true });
  expect(asked).toEqual([['4711', 'stx1']]);
  expect(await balanceOf(app, account.id)).toEqual({ available: 0, held: 0, debt: 10 });
});

test('what cannot be refunded is said and nothing is called: unpaid, unknown, Discord’s, disputed', async () => {
  const shop = await openShop({}, { DISCORD_SKUS: 'pack-s=11' });
  const { app, stripe } = shop;
  const ask = (paymentId: string) => refund(app, { paymentId, full: true });
  await expect(ask('nobody')).rejects.toMatchObject({ code: 'unknown_payment' });
  await expect(ask((await order(app)).order._id)).rejects.toMatchObject({ code: 'not_paid' });
  await expect(ask((await order(app, 'pack-s', 'discord')).order._id)).rejects.toMatchObject({ code: 'discord_refunds' });
  const { paymentId } = await buyPack(shop);
  stripe.dispute((await app.models.payments.findById(paymentId).lean())?.ext ?? '');
  await handAll(shop);
  await expect(ask(paymentId)).rejects.toMatchObject({ code: 'disputed' });
  expect(refundsAt(shop)).toHaveLength(0);
});
