import type { Component } from './reverse.ts';
import { idOf, type Stripe } from './stripe.ts';
import type { Subscription } from './subscriptions.ts';

/**
 * What Stripe's objects mean to us. Pure. Every status of Stripe's is an open list: what nobody here has heard of yet moves no
 * credits, and the caller is told to alert a person.
 */

/** `unknown` means: change nothing and alert. */
export type SessionState = 'open' | 'expired' | 'paid' | 'processing' | 'failed' | 'unknown';

/** A session without payment intent is paid in full by a coupon, or by the first invoice of its subscription. */
export function sessionState({ status, payment_status, payment_intent }: Stripe.Checkout.Session): SessionState {
  if (status === 'open') return 'open';
  if (status === 'expired') return 'expired';
  if (status !== 'complete') return 'unknown';
  if (payment_status === 'paid' || payment_status === 'no_payment_required') return 'paid';
  if (payment_status !== 'unpaid') return 'unknown';
  const intent = typeof payment_intent === 'object' ? payment_intent?.status : undefined;
  // A delayed payment that fell through waits for another method, which nobody can give: the session is over.
  return intent === 'requires_payment_method' || intent === 'canceled' ? 'failed' : 'processing';
}

/** Ids on a session that a payment is found again by. */
export function sessionIds(session: Stripe.Checkout.Session) {
  const intent = session.payment_intent;
  return withoutUndefined({
    sessionId: session.id,
    paymentIntentId: idOf(intent),
    chargeId: typeof intent === 'object' ? idOf(intent?.latest_charge) : undefined,
    invoiceId: idOf(session.invoice),
    subscriptionId: idOf(session.subscription),
    customerId: idOf(session.customer),
  });
}

/** Ids on an invoice, with those of the payment that settled it. Needs `payments` expanded. */
export function invoiceIds(invoice: Stripe.Invoice) {
  const payment = invoice.payments?.data.find(({ status }) => status === 'paid')?.payment;
  return withoutUndefined({
    invoiceId: invoice.id,
    paymentIntentId: idOf(payment?.payment_intent),
    chargeId: idOf(payment?.charge),
    subscriptionId: idOf(invoice.parent?.subscription_details?.subscription),
    customerId: idOf(invoice.customer),
  });
}

export interface PaidLine {
  id: string;
  priceId: string;
  quantity: number;
  /** Milliseconds since the epoch. */
  periodEnd: number;
}

/**
 * Lines of a paid invoice that bring a month of a plan: of a subscription, no proration, more than nothing. The line's amount is
 * before discounts, so a full coupon brings it and a trial does not.
 */
export function planLines(lines: readonly Stripe.InvoiceLineItem[]): PaidLine[] {
  return lines.flatMap(({ id, parent, amount, pricing, quantity, period }) => {
    const item = parent?.type === 'subscription_item_details' ? parent.subscription_item_details : undefined;
    const priceId = idOf(pricing?.price_details?.price);
    if (!item || item.proration || amount <= 0 || !priceId) return [];
    return [{ id, priceId, quantity: quantity ?? 1, periodEnd: period.end * 1000 }];
  });
}

/** How a subscription gives access; undefined for a first payment that is still open, `unknown`: keep what is known and alert. */
export function planStatus({
  status,
  cancel_at_period_end,
  cancel_at,
}: Stripe.Subscription): Subscription['status'] | 'unknown' | undefined {
  switch (status) {
    case 'active':
    case 'trialing':
      return cancel_at_period_end || cancel_at ? 'ending' : 'active';
    case 'past_due':
      return 'past_due';
    case 'unpaid':
    case 'canceled':
    case 'incomplete_expired':
    case 'paused':
      return 'ended';
    case 'incomplete':
      return undefined;
    default:
      return 'unknown';
  }
}

const REFUND_STATES: Record<string, { rank: number; counts: boolean }> = {
  pending: { rank: 1, counts: true },
  requires_action: { rank: 1, counts: true },
  succeeded: { rank: 2, counts: true },
  failed: { rank: 3, counts: false },
  canceled: { rank: 3, counts: false },
};

/** Undefined: a status nobody has heard of. */
export function refundComponent({ id, amount, status }: Stripe.Refund): Component | undefined {
  const state = REFUND_STATES[status ?? ''];
  return state && { id, kind: 'refund', amountMinor: amount, state: status ?? '', ...state };
}

const DISPUTE_STATES: Record<string, { rank: number; counts: boolean; isOpen?: boolean }> = {
  warning_needs_response: { rank: 1, counts: false },
  warning_under_review: { rank: 2, counts: false },
  warning_closed: { rank: 3, counts: false },
  needs_response: { rank: 4, counts: true, isOpen: true },
  under_review: { rank: 5, counts: true, isOpen: true },
  lost: { rank: 6, counts: true },
  appeal_needs_response: { rank: 7, counts: true, isOpen: true },
  appeal_under_review: { rank: 8, counts: true, isOpen: true },
  won: { rank: 9, counts: false },
  prevented: { rank: 9, counts: false },
};
/** Each movement of money outranks every status: the account's money went, came back or went again. */
const RANKS_A_MOVEMENT = 16;

/** A status nobody has heard of freezes: the account is restricted, and credits stay as they are. */
export function disputeComponent(
  { id, amount, status, balance_transactions }: Stripe.Dispute,
  known: boolean,
): { component: Component; isUnknown: boolean } {
  const state = DISPUTE_STATES[status] ?? { rank: 0, counts: known, isOpen: true };
  const moved = balance_transactions.reduce((sum, movement) => sum + movement.amount, 0);
  const isReinstated = balance_transactions.length > 1 && moved >= 0;
  return {
    component: {
      id,
      kind: 'dispute',
      amountMinor: amount,
      state: status,
      rank: balance_transactions.length * RANKS_A_MOVEMENT + state.rank,
      counts: state.counts && !isReinstated,
      isOpen: state.isOpen ?? false,
    },
    isUnknown: !(status in DISPUTE_STATES),
  };
}

const withoutUndefined = <Ids extends Record<string, string | undefined>>(ids: Ids): { [Name in keyof Ids]?: string } => {
  const found: { [Name in keyof Ids]?: string } = {};
  for (const name in ids) if (ids[name] !== undefined) found[name] = ids[name];
  return found;
};
