import { ACCOUNTS } from '../../models/account.ts';
import { CREDIT_ACCOUNTS } from '../../models/credit-account.ts';
import { SUBSCRIPTIONS } from '../../models/subscription.ts';
import type { App } from '../app.ts';
import { type AccountKeys, KeyDestroyed } from '../keys.ts';
import { itemOf } from './catalog.ts';
import { keysOfPayment, ORDER_LIFE_MS, type Payment, payer as payerField, paymentOf, readPayment } from './payment.ts';
import { applyReversals } from './reverse.ts';
import { closePlanOrder, landPack, landPeriod } from './settle.ts';
import { GRACE_MS, keepSubscription, type Subscription } from './subscriptions.ts';

export interface StarsQuery {
  order: string;
  stars: number;
  /** Telegram's id of who is about to pay. */
  user: string;
}

export interface StarsPaid extends StarsQuery {
  /** Telegram's charge id: unique for this money, which an order is not. */
  charge: string;
  /** A month of a plan; `until` is in milliseconds since the epoch. */
  subscription?: { first: boolean; until: number };
}

type Answer = { ok: true } | { ok: false; reason: string };

const no = (reason: string): Answer => ({ ok: false, reason });
/** Subscriptions that still run. */
const RUNNING = ['active', 'past_due', 'ending'];

interface Checked extends Payment {
  accounts: { status: string }[];
  wallets: { restrictions: string[] }[];
  plans: Pick<Subscription, 'provider' | 'periodEnd'>[];
}

/** May this order be paid now? One read, because Telegram waits 10 s at most. */
export async function preCheckout(app: App, { order: id, stars }: StarsQuery): Promise<Answer> {
  const [order] = await app.models.payments.aggregate<Checked>([
    { $match: { _id: id, provider: 'telegram_stars' } },
    { $lookup: { from: ACCOUNTS, localField: 'accountId', foreignField: '_id', as: 'accounts' } },
    // Not '$accounts.wallet': behind a $lookup a server of 8.2 was seen to find nothing there.
    { $set: { walletIds: { $concatArrays: [['$accountId'], { $map: { input: '$accounts', in: '$$this.wallet' } }] } } },
    { $lookup: { from: CREDIT_ACCOUNTS, localField: 'walletIds', foreignField: '_id', as: 'wallets' } },
    {
      $lookup: {
        from: SUBSCRIPTIONS,
        localField: 'accountId',
        foreignField: 'accountId',
        pipeline: [{ $match: { status: { $in: RUNNING } } }],
        as: 'plans',
      },
    },
  ]);
  if (!order) return no('This order is not known here. Please ask /buy for a new one.');
  if (order.status === 'paid') return no('This order is paid already. Please ask /buy for a new one.');
  if (order.status !== 'open' || order.createdAt.getTime() + ORDER_LIFE_MS <= app.now()) {
    return no('This order has expired. Please ask /buy for a new one.');
  }
  if (order.amountMinor !== stars || !itemOf(app.catalog, order.item)?.stars) {
    return no('The price has changed. Please ask /buy for a new order.');
  }
  if (order.accounts.some(({ status }) => status !== 'active')) {
    return no('Your account is about to be deleted. Nothing was charged.');
  }
  if (order.wallets.some(({ restrictions }) => restrictions.length > 0)) {
    return no('A payment of yours is being disputed. /paysupport helps.');
  }
  const lapsed = app.now() - GRACE_MS;
  const hasPlan = order.plans.some(({ provider, periodEnd }) => provider === 'stripe' || (periodEnd?.getTime() ?? 0) > lapsed);
  if (order.kind === 'plan_order' && hasPlan) return no('You have a plan already. /billing shows it.');
  return { ok: true };
}

/**
 * Stars have arrived. The charge is the money: the same charge again changes nothing, and an old invoice that is paid again is new
 * money. The order decides whose account is credited; who paid is noted for a refund.
 */
export async function starsPaid(app: App, paid: StarsPaid): Promise<void> {
  const { charge, stars, user, subscription } = paid;
  const order = await readPayment(app, paid.order);
  if (order?.provider !== 'telegram_stars') {
    app.log.error('stars came for no order of ours', { code: 'order_unknown' });
    return;
  }
  const known = await paymentOf(app, 'telegram_stars', charge);
  if (known?.grantedAt) {
    await giveBackIfForgotten(app, known, paid);
    return;
  }
  const keys = await keysUnlessGone(app, order);
  const payer = keys && ((paymentId: string) => payerField.seal(keys, paymentId, user));
  const money = { ext: charge, amountMinor: stars, currency: 'XTR', ...(payer && { payer }), at: app.now() };
  if (order.kind === 'pack') {
    await giveBackIfForgotten(app, await landPack(app, order, money, `stars:${charge}`), paid);
    return;
  }
  const until = subscription?.until ?? order.createdAt.getTime() + MONTH_MS;
  const month = { cause: `stars:${charge}`, credits: order.credits, expiresAt: until + GRACE_MS };
  const landed = await landPeriod(app, order, money, order.item, [month]);
  if (await giveBackIfForgotten(app, landed, paid)) return;
  await closePlanOrder(app, order, {});
  await keepPlan(app, order, charge, until);
}

/** Undefined for somebody who has left: who paid is then noted nowhere. */
async function keysUnlessGone(app: App, order: Payment): Promise<AccountKeys | undefined> {
  try {
    return await keysOfPayment(app, order);
  } catch (error) {
    if (error instanceof KeyDestroyed) return undefined;
    throw error;
  }
}

/** Who paid for a deleted account is known at this moment only, so the Stars go back at once. What fails is left to an operator. */
async function giveBackIfForgotten(
  app: App,
  { _id }: Payment,
  { charge, user, order, subscription }: StarsPaid,
): Promise<boolean> {
  const landed = await readPayment(app, _id);
  // What brought credits before its person left was theirs, and stays paid.
  if (!landed?.forgottenAt || landed.lots.length > 0) return false;
  if (!app.rails.stars || landed.reversals.length > 0) return true;
  if (subscription) await app.rails.stars.cancelSubscription(user, charge, true).catch(() => undefined);
  await app.rails.stars.refund(user, charge);
  await starsRefunded(app, { charge, order });
  return true;
}

/** Telegram bills every 30 days. */
const MONTH_MS = 30 * 86_400_000;

/** The plan runs until then. Telegram knows it by its first charge. */
async function keepPlan(app: App, order: Payment, charge: string, until: number): Promise<void> {
  const plan = await app.models.subscriptions.findOne({ orderId: order._id, provider: 'telegram_stars' }).lean();
  if (plan?.periodEnd && plan.periodEnd.getTime() >= until) return;
  await keepSubscription(app, {
    _id: plan?._id ?? charge,
    accountId: order.accountId,
    provider: 'telegram_stars',
    item: order.item,
    orderId: order._id,
    status: 'active',
    periodStart: new Date(until - MONTH_MS),
    periodEnd: new Date(until),
    syncedAt: new Date(app.now()),
    rev: 0,
  });
}

/** Stars went back. Throws while their payment has not arrived here, so that it comes again; no such order is none of ours. */
export async function starsRefunded(app: App, { charge, order }: { charge: string; order: string }): Promise<void> {
  const payment = await paymentOf(app, 'telegram_stars', charge);
  if (!payment?.grantedAt) {
    if (await readPayment(app, order)) throw new Error('stars went back before they were seen to arrive');
    app.log.error('stars went back for no order of ours', { code: 'order_unknown' });
    return;
  }
  const whole = { id: `stars:${charge}`, kind: 'refund', state: 'succeeded', rank: 1, counts: true } as const;
  await applyReversals(app, payment._id, [{ ...whole, amountMinor: payment.amountMinor ?? 0 }], app.now());
}
