import type { App } from '../app.ts';
import type { Payment } from './payment.ts';
import { checkDays, count, type Days } from './reconcile-days.ts';
import { heal, inPages, type Run } from './reconcile-run.ts';
import { mergeReversals, reversedOf } from './reversals.ts';
import type { Component } from './reverse.ts';
import { idOf, type Stripe, type StripeDoor } from './stripe.ts';
import { actOnStripe } from './stripe-events.ts';
import { disputeComponent, refundComponent } from './stripe-facts.ts';

type Reversing = Pick<Stripe.Refund, 'id' | 'created' | 'currency' | 'payment_intent' | 'charge'>;

/** The refunds of the window, each on its payment. */
export async function walkRefunds(app: App, door: StripeDoor, run: Run): Promise<undefined> {
  const days: Days = new Map();
  for await (const refunds of inPages(door.refundsSince(run.since))) {
    await comparePage(app, run, days, refunds, 'refund.updated', refundComponent);
  }
  run.drift.push(...checkDays(days));
  return undefined;
}

/** The disputes of the window, each on its payment. */
export async function walkDisputes(app: App, door: StripeDoor, run: Run): Promise<undefined> {
  const days: Days = new Map();
  for await (const disputes of inPages(door.disputesSince(run.since))) {
    const read = (dispute: Stripe.Dispute, isCounted: boolean) => disputeComponent(dispute, isCounted).component;
    await comparePage(app, run, days, disputes, 'charge.dispute.updated', read);
  }
  run.drift.push(...checkDays(days));
  return undefined;
}

async function comparePage<Item extends Reversing>(
  app: App,
  run: Run,
  days: Days,
  page: readonly Item[],
  type: string,
  read: (item: Item, isCounted: boolean) => Component | undefined,
): Promise<void> {
  const payments = await paymentsBehind(app, page);
  for (const item of page) {
    const payment = payments.find((one) => isBehind(one, item));
    const isCounted = payment?.reversals.some(({ id, counts }) => id === item.id && counts) ?? false;
    const component = read(item, isCounted);
    if (!payment || !component || item.created * 1000 > run.settledBy) continue;
    const isKnown = await compareOne(app, run, payment, component, type);
    const theirs = component.counts ? -component.amountMinor : 0;
    count(days, item.created * 1000, item.currency, { theirs, ours: isKnown ? theirs : isCounted ? -component.amountMinor : 0 });
  }
  run.seen += page.length;
  await run.rest();
}

/**
 * What gives credits back, or moves none, is brought in. What would take credits away is reported: a person decides. True: the books
 * agree (now).
 */
async function compareOne(app: App, run: Run, payment: Payment, component: Component, type: string): Promise<boolean> {
  const known = payment.reversals.find(({ id }) => id === component.id);
  if (known ? known.rank >= component.rank : !component.counts && !component.isOpen) return true;
  const paid = payment.amountMinor ?? 0;
  const before = reversedOf(paid, payment.reversals);
  const { isOpen: _, ...reversal } = component;
  const after = reversedOf(paid, mergeReversals(payment.reversals, [reversal]));
  if (after > before && !run.takesBack && !payment.forgottenAt) {
    run.drift.push({ code: `${component.kind}_not_taken_back`, reference: payment._id, count: after - before });
    return false;
  }
  return heal(app, run, payment._id, async () => (await actOnStripe(app, type, component.id)) === 'done');
}

async function paymentsBehind(app: App, page: readonly Reversing[]): Promise<Payment[]> {
  const intents = page.flatMap(({ payment_intent }) => idOf(payment_intent) ?? []);
  const charges = page.flatMap(({ charge }) => idOf(charge) ?? []);
  const either = [{ 'stripe.paymentIntentId': { $in: intents } }, { 'stripe.chargeId': { $in: charges } }];
  return app.models.payments.find({ grantedAt: { $exists: true }, $or: either }).lean();
}

const isBehind = ({ stripe }: Payment, { payment_intent, charge }: Reversing): boolean =>
  (stripe?.paymentIntentId !== undefined && stripe.paymentIntentId === idOf(payment_intent)) ||
  (stripe?.chargeId !== undefined && stripe.chargeId === idOf(charge));
