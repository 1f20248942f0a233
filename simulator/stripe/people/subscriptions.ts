import type Stripe from 'stripe';
import { planOf } from '../objects/catalog.ts';
import { createInvoice } from '../objects/invoice.ts';
import { newLine } from '../objects/line.ts';
import { after, periodLines } from '../objects/subscription.ts';
import { idOf, type World } from '../world.ts';
import { collect, type Outcome } from './invoices.ts';

const ENDED = ['canceled', 'incomplete_expired'];

export function livingSubscription(world: World, id: string): Stripe.Subscription {
  const subscription = world.subscriptions.get(id);
  if (!subscription) throw new Error(`there is no subscription ${id}`);
  if (ENDED.includes(subscription.status)) throw new Error(`subscription ${id} is ${subscription.status}`);
  return subscription;
}

/** The period is over: the next one begins with its invoice, or the subscription ends where that was asked for. */
export function renew(world: World, id: string, outcome: Outcome = 'paid'): Stripe.Invoice | undefined {
  const subscription = livingSubscription(world, id);
  if (subscription.cancel_at_period_end) {
    end(world, subscription);
    return undefined;
  }
  const before = beforeItems(subscription);
  for (const item of subscription.items.data) {
    item.current_period_start = item.current_period_end;
    item.current_period_end = nextEnd(subscription.billing_cycle_anchor, item);
  }
  if (subscription.status === 'trialing') subscription.status = 'active';
  world.emit('customer.subscription.updated', subscription, before);
  const waiting = world.pending.get(id) ?? [];
  world.pending.delete(id);
  return bill(world, subscription, [...waiting, ...periodLines(world, subscription)], 'subscription_cycle', outcome);
}

/** The months are counted from the anchor, so that the 31st comes back after February. */
function nextEnd(anchor: number, { price, current_period_start }: Stripe.SubscriptionItem): number {
  let count = 1;
  while (after(anchor, price, count) <= current_period_start) count += 1;
  return after(anchor, price, count);
}

export interface PlanChange {
  /** `now` begins a new period with a full line; `unchanged` keeps the period and makes prorations only. */
  anchor?: 'now' | 'unchanged';
  /** Prorations wait for the next invoice, are billed at once, or are not made. */
  proration?: 'create_prorations' | 'always_invoice' | 'none';
  outcome?: Outcome;
}

/** Another price for the only item of a subscription. */
export function changePlan(world: World, id: string, price: Stripe.Price, change: PlanChange = {}): Stripe.Invoice | undefined {
  const subscription = livingSubscription(world, id);
  const item = subscription.items.data[0];
  if (!item || item.price.id === price.id) return undefined;
  const { proration = 'create_prorations', outcome = 'paid' } = change;
  const sameInterval = item.price.recurring?.interval === price.recurring?.interval;
  const anew = change.anchor === 'now' || !sameInterval;
  const before = beforeItems(subscription);
  const left = proration === 'none' ? [] : prorations(world, subscription, item, price, anew);
  item.price = price;
  item.plan = planOf(price);
  if (anew) {
    subscription.billing_cycle_anchor = world.now();
    item.current_period_start = world.now();
    item.current_period_end = after(world.now(), price, 1);
  }
  world.emit('customer.subscription.updated', subscription, before);
  if (anew) return bill(world, subscription, [...left, ...periodLines(world, subscription)], 'subscription_update', outcome);
  if (proration === 'always_invoice') return bill(world, subscription, left, 'subscription_update', outcome);
  world.pending.set(id, [...(world.pending.get(id) ?? []), ...left]);
  return undefined;
}

/** A credit for what is left of the old price and, while the period goes on, the same time at the new one. */
function prorations(world: World, of: Stripe.Subscription, item: Stripe.SubscriptionItem, next: Stripe.Price, anew: boolean) {
  const { current_period_start: start, current_period_end: end, quantity = 1 } = item;
  const share = of.status === 'trialing' ? 0 : Math.max(0, Math.min(1, (end - world.now()) / (end - start)));
  const line = (price: Stripe.Price, sign: number) =>
    newLine(
      world,
      {
        price,
        quantity,
        amount: sign * Math.round((price.unit_amount ?? 0) * quantity * share),
        period: { start: world.now(), end },
      },
      { subscription: of.id, item: item.id, proration: true },
    );
  return anew ? [line(item.price, -1)] : [line(item.price, -1), line(next, 1)];
}

/** With or without an end at the end of its period. */
export function cancelAtPeriodEnd(world: World, id: string, isCancelled: boolean): void {
  const subscription = livingSubscription(world, id);
  if (subscription.cancel_at_period_end === isCancelled) return;
  const { cancel_at_period_end, cancel_at, canceled_at } = subscription;
  subscription.cancel_at_period_end = isCancelled;
  subscription.cancel_at = isCancelled ? (subscription.items.data[0]?.current_period_end ?? null) : null;
  subscription.canceled_at = isCancelled ? world.now() : null;
  subscription.cancellation_details = {
    comment: null,
    feedback: null,
    feedback_option: null,
    reason: isCancelled ? 'cancellation_requested' : null,
  };
  world.emit('customer.subscription.updated', subscription, { cancel_at_period_end, cancel_at, canceled_at });
}

/** It ends now. */
export function end(world: World, subscription: Stripe.Subscription): void {
  subscription.status = 'canceled';
  subscription.ended_at = world.now();
  subscription.canceled_at ??= world.now();
  world.pending.delete(subscription.id);
  world.emit('customer.subscription.deleted', subscription);
}

const beforeItems = ({ items, latest_invoice }: Stripe.Subscription): Partial<Stripe.Subscription> => ({
  items: structuredClone(items),
  latest_invoice,
});

function bill(
  world: World,
  subscription: Stripe.Subscription,
  lines: Stripe.InvoiceLineItem[],
  reason: 'subscription_cycle' | 'subscription_update',
  outcome: Outcome,
): Stripe.Invoice {
  const invoice = createInvoice(world, {
    customer: idOf(subscription.customer) ?? null,
    reason,
    lines,
    currency: subscription.currency,
    subscription,
    ...(subscription.automatic_tax.enabled && { taxPercent: world.knobs.taxPercent }),
  });
  collect(world, invoice, outcome);
  return invoice;
}
