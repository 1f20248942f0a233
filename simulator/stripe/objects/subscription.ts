import type Stripe from 'stripe';
import { DAY, type Item, type World } from '../world.ts';
import { planOf } from './catalog.ts';
import { newLine } from './line.ts';

export interface Ordered {
  customer: string;
  items: Item[];
  metadata: Stripe.Metadata;
  trialDays: number;
  automaticTax: boolean;
}

export function createSubscription(
  world: World,
  { customer, items, metadata, trialDays, automaticTax }: Ordered,
): Stripe.Subscription {
  const id = world.id('sub');
  const now = world.now();
  const trialEnd = trialDays > 0 ? now + trialDays * DAY : null;
  const subscription: Stripe.Subscription = {
    id,
    object: 'subscription',
    application: null,
    application_fee_percent: null,
    automatic_tax: { disabled_reason: null, enabled: automaticTax, liability: automaticTax ? { type: 'self' } : null },
    billing_cycle_anchor: trialEnd ?? now,
    billing_cycle_anchor_config: null,
    billing_mode: { flexible: null, type: 'flexible' },
    billing_schedules: [],
    billing_thresholds: null,
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
    collection_method: 'charge_automatically',
    created: now,
    currency: items[0]?.price.currency ?? 'usd',
    customer,
    customer_account: null,
    days_until_due: null,
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    ended_at: null,
    invoice_settings: { account_tax_ids: null, custom_fields: null, description: null, footer: null, issuer: { type: 'self' } },
    items: { object: 'list', data: [], has_more: false, url: `/v1/subscription_items?subscription=${id}` },
    latest_invoice: null,
    livemode: false,
    managed_payments: null,
    metadata: { ...metadata },
    next_pending_invoice_item_invoice: null,
    on_behalf_of: null,
    pause_collection: null,
    payment_settings: { payment_method_options: null, payment_method_types: null, save_default_payment_method: 'off' },
    pending_invoice_item_interval: null,
    pending_setup_intent: null,
    pending_update: null,
    schedule: null,
    start_date: now,
    status: 'incomplete',
    test_clock: null,
    transfer_data: null,
    trial_end: trialEnd,
    trial_settings: { end_behavior: { billing_cycle_anchor: 'now', missing_payment_method: 'create_invoice' } },
    trial_start: trialEnd === null ? null : now,
  };
  subscription.items.data = items.map(({ price, quantity }) => newItem(world, subscription, price, quantity, trialEnd));
  world.subscriptions.set(id, subscription);
  return subscription;
}

function newItem(
  world: World,
  of: Stripe.Subscription,
  price: Stripe.Price,
  quantity: number,
  end: number | null,
): Stripe.SubscriptionItem {
  return {
    id: world.id('si'),
    object: 'subscription_item',
    billing_thresholds: null,
    created: world.now(),
    current_period_end: end ?? after(world.now(), price, 1),
    current_period_start: world.now(),
    current_trial: null,
    discounts: [],
    metadata: {},
    plan: planOf(price),
    price,
    quantity,
    subscription: of.id,
    tax_rates: [],
  };
}

/** `count` intervals of the price after `start`, on the same day of the month where that month has it. Seconds. */
export function after(start: number, price: Stripe.Price, count: number): number {
  const { interval, interval_count } = price.recurring ?? { interval: 'month', interval_count: 1 };
  const steps = interval_count * count;
  if (interval === 'day') return start + steps * DAY;
  if (interval === 'week') return start + steps * 7 * DAY;
  const from = new Date(start * 1000);
  const months = interval === 'year' ? steps * 12 : steps;
  const first = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + months, 1));
  const days = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  first.setUTCDate(Math.min(from.getUTCDate(), days));
  return first.getTime() / 1000 + (start % DAY);
}

/** The full lines for the period that the items are in now; nothing is due in a trial. */
export const periodLines = (world: World, subscription: Stripe.Subscription): Stripe.InvoiceLineItem[] =>
  subscription.items.data.map((item) => {
    const quantity = item.quantity ?? 1;
    const trial = subscription.trial_end !== null && item.current_period_start < subscription.trial_end;
    const amount = trial ? 0 : (item.price.unit_amount ?? 0) * quantity;
    const period = { start: item.current_period_start, end: item.current_period_end };
    return newLine(
      world,
      { price: item.price, quantity, amount, period },
      { subscription: subscription.id, item: item.id, proration: false },
    );
  });
