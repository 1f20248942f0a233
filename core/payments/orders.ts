import { randomUUID } from 'node:crypto';
import type { Account } from '../accounts.ts';
import type { App } from '../app.ts';
import type { Place } from '../chat.ts';
import { UserError } from '../errors.ts';
import { isDuplicateKey } from '../transaction.ts';
import { accountsTogether } from '../wallet/wallet.ts';
import { type Item, itemOf } from './catalog.ts';
import {
  changePayment,
  nextLook,
  ORDER_LIFE_MS,
  type Payment,
  type PaymentProvider,
  paymentOf,
  place as placeField,
} from './payment.ts';
import { activePlanOf } from './subscriptions.ts';

/** Rails on which a person orders before paying. */
export type Rail = Exclude<PaymentProvider, 'manual'>;

export interface Wanted {
  account: Account;
  /** Where the person is told what became of it. */
  place: Place;
  /** Id of the catalogue's item. */
  item: string;
  provider: Rail;
  /** Milliseconds since the epoch. */
  at: number;
}

const ATTEMPTS = 10;

/** The one open order of an account for an item on a rail holds this place among the rail's unique names. */
const slotOf = (accountId: string, item: string): string => `order:${accountId}:${item}`;

/** Whether an order does not stand for any money yet. */
export const isUnpaid = ({ status }: Payment): boolean => UNPAID.some((one) => one === status);
const UNPAID = ['created', 'open', 'failed', 'expired'] as const satisfies readonly Payment['status'][];

/** What an item costs on a rail: smallest unit of its currency, or Stars. Undefined: it is not sold there. */
export function priceOn(item: Item, provider: Rail): { amountMinor: number; currency: string } | undefined {
  if (provider === 'telegram_stars') return item.stars ? { amountMinor: item.stars, currency: 'XTR' } : undefined;
  if (provider === 'stripe') return item.stripe;
  return item.discord ? { amountMinor: item.discord.amountMinor, currency: 'usd' } : undefined;
}

/**
 * Orders an item, or gives back the order for it that is open already. Throws UserError: unknown_item, not_sold_here,
 * account_restricted, plan_active.
 */
export async function openOrder(app: App, wanted: Wanted): Promise<Payment> {
  const { account, provider, at } = wanted;
  const item = itemOf(app.catalog, wanted.item);
  if (!item) throw new UserError('unknown_item', 'I do not sell that any more. /buy shows what there is.');
  const price = priceOn(item, provider);
  if (!price) throw new UserError('not_sold_here', 'This cannot be bought here. /buy shows what can.');
  if (account.credits.restrictions.length > 0) {
    throw new UserError(
      'account_restricted',
      'A payment of yours is being disputed, so nothing can be bought now. /paysupport helps.',
    );
  }
  if (item.kind === 'plan' && (await activePlanOf(app, account.id, at))) {
    throw new UserError('plan_active', 'You have a plan already. /billing changes or ends it. Nothing was charged.');
  }
  const order = newOrder(app, wanted, item, price);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const open = await paymentOf(app, provider, slotOf(account.id, item.id));
    if (open) {
      const kept = await (isSame(open, order) ? moveTo(app, open, wanted) : expireOrder(app, open));
      if (kept && kept.status !== 'expired') return kept;
      continue;
    }
    try {
      await app.models.payments.insertOne(order);
      return order;
    } catch (error) {
      // The other of two taps was faster: its order is this one's too.
      if (!isDuplicateKey(error)) throw error;
    }
  }
  throw new Error('an order changed faster than it could be opened');
}

const isSame = (open: Payment, order: Payment): boolean =>
  open.catalogVersion === order.catalogVersion &&
  open.amountMinor === order.amountMinor &&
  open.createdAt.getTime() > order.createdAt.getTime() - ORDER_LIFE_MS / 2;

/** The person asked again somewhere: that is where they are told. */
const moveTo = (app: App, order: Payment, { account, place }: Wanted) =>
  changePayment(app, order, { set: { place: placeField.seal(account.keys, order._id, place) } });

/** Nobody can start to pay it any more. Money that still comes in for it is credited all the same. */
export const expireOrder = (app: App, order: Payment): Promise<Payment | undefined> =>
  changePayment(app, order, { set: { status: 'expired' }, unset: ['ext', 'dueAt'] });

function newOrder(
  app: App,
  { account, place, provider, at }: Wanted,
  item: Item,
  { amountMinor, currency }: { amountMinor: number; currency: string },
): Payment {
  const id = randomUUID();
  const order: Payment = {
    _id: id,
    accountId: account.id,
    keyId: account.keyId,
    provider,
    kind: item.kind === 'plan' ? 'plan_order' : 'pack',
    ext: slotOf(account.id, item.id),
    item: item.id,
    catalogVersion: app.catalog.version,
    credits: item.credits,
    // On Stripe a session opens it; elsewhere the invoice or button that is about to be shown does.
    status: provider === 'stripe' ? 'created' : 'open',
    amountMinor,
    currency,
    lots: [],
    reversals: [],
    rev: 0,
    place: placeField.seal(account.keys, id, place),
    createdAt: new Date(at),
  };
  const dueAt = nextLook(app, order);
  return { ...order, ...(dueAt && { dueAt }) };
}

/** Orders and payments of an account and the one that shares its wallet, newest first. */
export async function ordersOf(app: App, accountId: string, limit = 20): Promise<Payment[]> {
  return app.models.payments
    .find({ accountId: { $in: await accountsTogether(app, accountId) } })
    .sort({ createdAt: -1 })
    .limit(limit)
    .lean();
}

/** The page that leads to the payment; undefined while nothing of ours is reached by a URL. */
export const payUrl = (app: App, orderId: string): string | undefined =>
  app.address.url && new URL(`/pay/${orderId}`, app.address.url).href;
