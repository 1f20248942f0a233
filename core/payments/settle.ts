import type { ClientSession } from 'mongoose';
import type { App } from '../app.ts';
import { applyCredits } from '../credits/account.ts';
import type { LotKind } from '../credits/types.ts';
import type { Sealed } from '../keys.ts';
import { inTransaction, isDuplicateKey } from '../transaction.ts';
import { isForgotten } from './forget.ts';
import { isUnpaid } from './orders.ts';
import {
  changePayment,
  isWalletOf,
  type Payment,
  paymentIdOf,
  paymentOf,
  paymentsOf,
  readPayment,
  telling,
  walletOf,
} from './payment.ts';

/** Money that has arrived at a rail. */
export interface Money {
  /** The rail's own object for it, which is credited once. */
  ext: string;
  /** As charged, with tax: smallest unit of the currency, or Stars. 0 is a gift of a coupon. */
  amountMinor: number;
  currency: string;
  stripe?: Payment['stripe'];
  /** Who paid, sealed for the document that the money ends up on. */
  payer?: (paymentId: string) => Sealed;
  /** Milliseconds since the epoch. */
  at: number;
}

/** What money brings. `cause` names the business object: `stripe:cs:<session>`. */
export interface Bringing {
  cause: string;
  credits: number;
  /** Milliseconds since the epoch; null never expires. */
  expiresAt: number | null;
}

/** The document that money belongs on, and whether it is still to be made. */
interface Found {
  payment: Payment;
  isNew?: boolean;
}

const ATTEMPTS = 20;
/** What the tax office may ask for, in milliseconds. */
const RETAIN_MS = 10 * 365 * 86_400_000;

/** A pack was paid: the payment and its credits, in one transaction. The same money again changes nothing. */
export async function landPack(app: App, order: Payment, money: Money, cause: string): Promise<Payment> {
  const bringing = { cause, credits: order.credits, expiresAt: null };
  return land(app, money, 'purchased', [bringing], async () => {
    // The order first: when somebody lands this money in between, the second look finds where.
    const current = await readPayment(app, order._id);
    const known = await paymentOf(app, order.provider, money.ext);
    if (known) return { payment: known };
    // An order that was paid before: this is new money, which is credited on a document of its own.
    return current && isUnpaid(current) ? { payment: current } : newPayment(order, money, { kind: 'pack' });
  });
}

/** A month of a plan was paid: its payment and its allowance. `bringings` are the paid lines, each granted once. */
export async function landPeriod(
  app: App,
  order: Payment,
  money: Money,
  item: string,
  bringings: readonly Bringing[],
): Promise<Payment> {
  const credits = bringings.reduce((sum, one) => sum + one.credits, 0);
  return land(app, money, 'allowance', bringings, async () => {
    const known = await paymentOf(app, order.provider, money.ext);
    return known ? { payment: known } : newPayment(order, money, { kind: 'plan_period', item, credits });
  });
}

/** Its rail has taken the order of a plan: it is closed, and what it brings comes with each paid month. */
export async function closePlanOrder(app: App, order: Payment, { ext, stripe }: Pick<Payment, 'ext' | 'stripe'>): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const current = await readPayment(app, order._id);
    if (!current || isClosed(current, ext, isForgotten(current) ? undefined : stripe)) return;
    const set: Partial<Payment> = {
      status: 'paid',
      paidAt: current.paidAt ?? new Date(app.now()),
      ...(ext && { ext }),
      // Who has left gets no customer again.
      ...(stripe && !isForgotten(current) && { stripe: withoutUrl({ ...current.stripe, ...stripe }) }),
    };
    const leavesSlot = !ext && isUnpaid(current);
    const unset = [...(leavesSlot ? (['ext'] as const) : []), ...(current.tell ? [] : (['dueAt'] as const))];
    if (await changePayment(app, current, { set, unset })) return;
  }
  throw new Error('an order changed faster than it could be closed');
}

const isClosed = (order: Payment, ext: string | undefined, stripe: Payment['stripe'] | undefined): boolean =>
  order.status === 'paid' &&
  (!ext || order.ext === ext) &&
  Object.entries(stripe ?? {}).every(([name, id]) => Object.entries(order.stripe ?? {}).some(([n, i]) => n === name && i === id));

/** Grants what is not granted yet, line by line; the last line makes the payment paid and tells the person. */
async function land(
  app: App,
  money: Money,
  kind: LotKind,
  bringings: readonly Bringing[],
  find: () => Promise<Found>,
): Promise<Payment> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { payment, isNew = false } = await find();
    if (isForgotten(payment)) {
      if (payment.grantedAt) return payment;
      if (await landForNobody(app, payment, isNew, money)) return payment;
      continue;
    }
    const missing = bringings.filter(({ cause }) => !payment.lots.some(({ id }) => id === cause));
    const [next] = missing;
    if (!next) return payment;
    // Credits never arrive at an account that has just handed its own over: looked up here, and checked again in the transaction.
    const owner = payment.wallet ?? payment.accountId;
    const wallet = await walletOf(app, owner);
    const lots = [...payment.lots, { id: next.cause, credits: next.credits }];
    const landed: Partial<Payment> = { ...factsOf(payment, money), wallet, lots, ...(missing.length === 1 && paid(app, money)) };
    const op = {
      key: `grant:${next.cause}`,
      type: 'grant',
      lotId: next.cause,
      kind,
      amount: next.credits,
      expiresAt: next.expiresAt,
      paymentId: payment._id,
    } as const;
    try {
      const alongside = async (session: ClientSession) =>
        (await isWalletOf(app, owner, wallet, session)) && put(app, payment, isNew, landed, session);
      const outcome = await applyCredits({ connection: app.connection, accountId: wallet, op, at: money.at, alongside });
      if (outcome.kind === 'rejected' && outcome.reason === 'account_closed') {
        // The account is being deleted at this moment.
        if (await landForNobody(app, payment, isNew, money)) return payment;
        continue;
      }
      if (outcome.kind === 'rejected') throw new Error(`the grant for a payment was refused: ${outcome.reason}`);
      if (outcome.kind === 'applied' && missing.length === 1) {
        app.log.info('payment landed', { reference: payment._id, provider: payment.provider, count: payment.credits });
        await app.queue.ring('notify', payment._id);
      }
    } catch (error) {
      // Somebody else lands the same money at this moment.
      if (!isDuplicateKey(error)) throw error;
    }
  }
  throw new Error('a payment changed faster than it could be landed');
}

/**
 * Money for somebody who has left, or is leaving: it stands in the books, brings no credits, and an operator gives it back. False: the
 * payment was changed meanwhile.
 */
async function landForNobody(
  app: App,
  payment: Payment,
  isNew: boolean,
  { payer: _, stripe, ...money }: Money,
): Promise<boolean> {
  const facts = factsOf(payment, { ...money, ...(stripe && { stripe: withoutCustomer(stripe) }) });
  const landed = { ...facts, ...settled(app, money), forgottenAt: payment.forgottenAt ?? new Date(app.now()) };
  const isLanded = await inTransaction(app.connection, (session) => put(app, payment, isNew, landed, session));
  if (isLanded) {
    app.log.error('money came for an account that is deleted: refund it', {
      reference: payment._id,
      provider: payment.provider,
    });
  }
  return isLanded;
}

const withoutCustomer = ({ customerId: _, ...stripe }: NonNullable<Payment['stripe']>) => stripe;

const factsOf = (payment: Payment, { ext, amountMinor, currency, stripe, payer }: Money): Partial<Payment> => ({
  ext,
  amountMinor,
  currency,
  ...(stripe && { stripe: withoutUrl({ ...payment.stripe, ...stripe }) }),
  ...(payer && { payer: payer(payment._id) }),
});

const withoutUrl = ({ url: _, urlExpiresAt: __, ...stripe }: NonNullable<Payment['stripe']>) => stripe;

const settled = (app: App, { at }: Pick<Money, 'at'>) => ({
  status: 'paid' as const,
  paidAt: new Date(at),
  grantedAt: new Date(app.now()),
  retainUntil: new Date(at + RETAIN_MS),
});

const paid = (app: App, money: Money) => ({ ...settled(app, money), ...telling(app, 'paid') });

/** Writes what landed, on the order or as a new document. False: it was changed meanwhile. */
async function put(
  app: App,
  payment: Payment,
  isNew: boolean,
  landed: Partial<Payment>,
  session: ClientSession,
): Promise<boolean> {
  if (!isNew) return (await changePayment(app, payment, { set: landed }, session)) !== undefined;
  await paymentsOf(app).insertOne({ ...payment, ...landed }, { session });
  return true;
}

function newPayment(order: Payment, money: Money, changes: Partial<Payment>): Found {
  const { accountId, keyId, provider, item, catalogVersion, credits, forgottenAt } = order;
  const payment: Payment = {
    _id: paymentIdOf(provider, money.ext),
    ...{ accountId, keyId, provider, item, catalogVersion, credits },
    kind: 'pack',
    status: 'processing',
    ...(order._id && { orderId: order._id }),
    lots: [],
    reversals: [],
    rev: 0,
    createdAt: new Date(money.at),
    ...(forgottenAt && { forgottenAt }),
    ...changes,
  };
  return { payment, isNew: true };
}
