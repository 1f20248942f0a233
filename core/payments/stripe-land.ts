import type { App } from '../app.ts';
import { itemOf } from './catalog.ts';
import { expireOrder, isUnpaid } from './orders.ts';
import { changePayment, nextLook, type Payment, readPayment, telling } from './payment.ts';
import { type Bringing, closePlanOrder, landPack, landPeriod } from './settle.ts';
import type { Stripe, StripeDoor } from './stripe.ts';
import { idOf } from './stripe.ts';
import { invoiceIds, planLines, sessionIds, sessionState } from './stripe-facts.ts';
import { GRACE_MS } from './subscriptions.ts';

/** What became of what we have made: `ignored` is not ours. */
export type Acted = 'done' | 'ignored';

/** The door to Stripe; throws while none is configured, so that what came meanwhile waits. */
export function stripeOf(app: App): StripeDoor {
  if (!app.stripe) throw new Error('an event of Stripe came and Stripe is not configured');
  return app.stripe;
}

/** Brings an order to where its session is now. */
export async function landSession(app: App, sessionId: string): Promise<Acted> {
  const session = await stripeOf(app).session(sessionId);
  const order = await orderOf(app, session.client_reference_id ?? session.metadata?.orderId);
  if (!order) return 'ignored';
  const state = sessionState(session);
  // Who has left is told nothing and waits for nothing; what they have paid stands in the books.
  if (order.forgottenAt && state !== 'paid') return 'done';
  switch (state) {
    case 'paid':
      await landPaid(app, order, session);
      return 'done';
    case 'processing':
    case 'failed':
      await wait(app, order, session, state);
      return 'done';
    case 'expired':
      await forgetSession(app, order, session.id);
      return 'done';
    case 'open':
      return 'done';
    default:
      app.log.error('stripe says something new of a session', { reference: order._id, state: String(session.status) });
      return 'done';
  }
}

async function orderOf(app: App, id: string | null | undefined): Promise<Payment | undefined> {
  const order = id ? await readPayment(app, id) : undefined;
  return order?.provider === 'stripe' ? order : undefined;
}

async function landPaid(app: App, order: Payment, session: Stripe.Checkout.Session): Promise<void> {
  const stripe = sessionIds(session);
  if (order.kind === 'plan_order') return closePlanOrder(app, order, { ext: session.id, stripe });
  const money = {
    ext: session.id,
    amountMinor: session.amount_total ?? 0,
    currency: session.currency ?? order.currency ?? '',
    stripe,
    at: app.now(),
  };
  await landPack(app, order, money, `stripe:cs:${session.id}`);
}

const ATTEMPTS = 20;

/** A delayed payment is on its way, or fell through. Credits do not move; what was paid meanwhile stays paid. */
async function wait(app: App, order: Payment, session: Stripe.Checkout.Session, status: 'processing' | 'failed'): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const current = await readPayment(app, order._id);
    if (!current || !canWait(current, session.id, status)) return;
    const stripe = { ...current.stripe, ...sessionIds(session) };
    const ext = status === 'processing' ? { set: { ext: session.id }, unset: [] } : { set: {}, unset: ['ext'] as const };
    const set = { ...ext.set, status, stripe, ...telling(app, status) };
    if (!(await changePayment(app, current, { set, unset: ext.unset }))) continue;
    return app.queue.ring('notify', order._id);
  }
  throw new Error('an order changed faster than it could be noted');
}

/** An order waits for one session only: another one's news is not about it. */
function canWait({ status, ext, stripe }: Payment, sessionId: string, next: 'processing' | 'failed'): boolean {
  if (status === 'processing') return next === 'failed' && ext === sessionId;
  return (status === 'created' || status === 'open') && (stripe?.sessionId ?? sessionId) === sessionId;
}

/** The session has expired and the order has not: its page makes another one. */
async function forgetSession(app: App, order: Payment, sessionId: string): Promise<void> {
  if (!isUnpaid(order) || order.stripe?.sessionId !== sessionId) return;
  const { sessionId: _, url: __, urlExpiresAt: ___, ...stripe } = order.stripe;
  const left = { ...order, stripe };
  const dueAt = nextLook(app, left);
  await changePayment(app, order, { set: { stripe, ...(dueAt && !order.tell && { dueAt }) } });
}

/** Brings in every month of a plan that a paid invoice is for. */
export async function landInvoice(app: App, invoiceId: string): Promise<Acted> {
  const door = stripeOf(app);
  const invoice = await door.invoice(invoiceId);
  const order = await orderOfInvoice(app, invoice);
  if (!order) return 'ignored';
  if (invoice.status !== 'paid') return 'done';
  const { item, bringings } = await monthsOf(app, order, invoice);
  const stripe = invoiceIds(invoice);
  if (bringings.length > 0) {
    const money = { ext: invoiceId, amountMinor: invoice.amount_paid, currency: invoice.currency, stripe, at: app.now() };
    await landPeriod(app, order, money, item, bringings);
  }
  const { subscriptionId, customerId } = stripe;
  // A plan that outlived its person, because Stripe was away when it should have ended.
  if (order.forgottenAt && subscriptionId) await door.endSubscription(subscriptionId);
  await closePlanOrder(app, order, { stripe: { ...(subscriptionId && { subscriptionId }), ...(customerId && { customerId }) } });
  return 'done';
}

/** An invoice carries our order by its subscription; one without is of a single sale, or not ours. */
export async function orderOfInvoice(app: App, invoice: Stripe.Invoice): Promise<Payment | undefined> {
  const details = invoice.parent?.subscription_details;
  if (!details) return undefined;
  const subscription = idOf(details.subscription);
  const named = details.metadata?.orderId;
  if (named || !subscription) return orderOf(app, named);
  return orderOf(app, (await stripeOf(app).subscription(subscription)).metadata.orderId);
}

async function monthsOf(app: App, order: Payment, invoice: Stripe.Invoice): Promise<{ item: string; bringings: Bringing[] }> {
  const door = stripeOf(app);
  const bringings: Bringing[] = [];
  let { item } = order;
  for (const line of planLines(await door.linesOf(invoice.id))) {
    const sold = await door.prices.itemIdOf(line.priceId, app.catalog.items);
    // As ordered, while the plan is the one that was ordered.
    const credits = sold === order.item ? order.credits : sold && itemOf(app.catalog, sold)?.credits;
    if (!sold || !credits) {
      app.log.error('a paid plan is not in the catalogue', { reference: order._id, code: line.priceId });
      continue;
    }
    item = sold;
    bringings.push({
      cause: `stripe:in:${invoice.id}:${line.id}`,
      credits: credits * line.quantity,
      expiresAt: line.periodEnd + GRACE_MS,
    });
  }
  return { item, bringings };
}

/** What a session or invoice that is due has become; an order that nobody paid in its time expires. */
export async function recheckOrder(app: App, order: Payment): Promise<void> {
  if (order.provider === 'stripe' && order.stripe?.sessionId && app.stripe) await landSession(app, order.stripe.sessionId);
  const current = await readPayment(app, order._id);
  if (!current || (!isUnpaid(current) && current.status !== 'processing')) return;
  const dueAt = nextLook(app, current);
  if (dueAt && dueAt.getTime() > app.now()) await changePayment(app, current, { set: { dueAt } });
  else if (current.status !== 'processing') await expireOrder(app, current);
}
