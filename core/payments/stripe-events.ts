import type { App } from '../app.ts';
import { changePayment, type Payment, readPayment, telling } from './payment.ts';
import { applyReversals, restrict } from './reverse.ts';
import { idOf, isUnknown, type Stripe } from './stripe.ts';
import { disputeComponent, planStatus, refundComponent } from './stripe-facts.ts';
import { type Acted, landInvoice, landSession, orderOfInvoice, stripeOf } from './stripe-land.ts';
import { keepSubscription } from './subscriptions.ts';

/**
 * An event says what to look at; what it means is read off the object as it is now. So events may come late, twice, in any order
 * or not at all. An object that is not ours is ignored.
 */
export async function actOnStripe(app: App, type: string, objectId: string): Promise<Acted> {
  try {
    return await act(app, type, objectId);
  } catch (error) {
    if (isUnknown(error)) return 'ignored';
    throw error;
  }
}

function act(app: App, type: string, id: string): Promise<Acted> {
  switch (type) {
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded':
    case 'checkout.session.async_payment_failed':
    case 'checkout.session.expired':
      return landSession(app, id);
    case 'invoice.paid':
      return landFirst(app, id);
    case 'invoice.payment_failed':
      return tellOfInvoice(app, id, 'failed');
    case 'invoice.payment_action_required':
      return tellOfInvoice(app, id, 'action_needed');
    case 'customer.subscription.created':
    case 'customer.subscription.updated':
    case 'customer.subscription.deleted':
    case 'customer.subscription.paused':
    case 'customer.subscription.resumed':
      return syncSubscription(app, id);
    case 'refund.created':
    case 'refund.updated':
    case 'refund.failed':
      return landRefund(app, id);
    case 'charge.dispute.created':
    case 'charge.dispute.updated':
    case 'charge.dispute.closed':
    case 'charge.dispute.funds_withdrawn':
    case 'charge.dispute.funds_reinstated':
      return landDispute(app, id);
    case 'radar.early_fraud_warning.created':
      return landWarning(app, id);
    default:
      return Promise.resolve('ignored');
  }
}

/** A paid invoice. When it began a second plan of the same person, that one is ended and its money given back. */
async function landFirst(app: App, invoiceId: string): Promise<Acted> {
  const acted = await landInvoice(app, invoiceId);
  if (acted === 'ignored') return acted;
  const door = stripeOf(app);
  const invoice = await door.invoice(invoiceId);
  const customer = idOf(invoice.customer);
  const subscription = idOf(invoice.parent?.subscription_details?.subscription);
  if (invoice.billing_reason !== 'subscription_create' || !customer || !subscription) return acted;
  const running = await door.runningSubscriptions(customer);
  const [oldest] = running.filter(({ metadata }) => metadata.orderId);
  if (!oldest || oldest.id === subscription || !running.some(({ id }) => id === subscription)) return acted;
  app.log.warn('a second plan was ended and refunded', { reference: invoiceId });
  const paid = invoice.payments?.data.map(({ payment }) => idOf(payment.payment_intent)) ?? [];
  for (const paymentIntent of paid) if (paymentIntent) await door.refund({ paymentIntent, key: `second-plan-${paymentIntent}` });
  await door.cancelSubscription(subscription);
  return acted;
}

/** A renewal that did not go through: the person is told where to act. Credits do not move. */
async function tellOfInvoice(app: App, invoiceId: string, tell: 'failed' | 'action_needed'): Promise<Acted> {
  const invoice = await stripeOf(app).invoice(invoiceId);
  const order = await orderOfInvoice(app, invoice);
  if (!order) return 'ignored';
  if (invoice.status !== 'open' || order.forgottenAt) return 'done';
  const url = invoice.hosted_invoice_url;
  const set = { ...telling(app, tell), ...(url && { stripe: { ...order.stripe, url } }) };
  if (!(await changePayment(app, order, { set }))) throw new Error('an order changed while its invoice was looked at');
  await app.queue.ring('notify', order._id);
  return 'done';
}

/** Access and tier, never credits. */
async function syncSubscription(app: App, id: string): Promise<Acted> {
  const syncedAt = new Date(app.now());
  const door = stripeOf(app);
  const subscription = await door.subscription(id);
  const order = await readPayment(app, subscription.metadata.orderId ?? '');
  if (!order) return 'ignored';
  if (order.forgottenAt) return 'done';
  const status = planStatus(subscription);
  if (status === 'unknown') {
    app.log.error('stripe says something new of a subscription', { reference: order._id, state: subscription.status });
    return 'done';
  }
  if (!status) return 'done';
  const [line] = subscription.items.data;
  const item = (line && (await door.prices.itemIdOf(line.price.id, app.catalog.items))) ?? order.item;
  await keepSubscription(app, {
    _id: id,
    accountId: order.accountId,
    provider: 'stripe',
    item,
    orderId: order._id,
    status,
    ...(line && {
      periodStart: new Date(line.current_period_start * 1000),
      periodEnd: new Date(line.current_period_end * 1000),
    }),
    syncedAt,
    rev: 0,
  });
  return 'done';
}

async function landRefund(app: App, id: string): Promise<Acted> {
  const refund = await stripeOf(app).refundOf(id);
  const payment = await paymentBehind(app, refund);
  if (!payment) return 'ignored';
  const component = refundComponent(refund);
  if (component) await applyReversals(app, payment._id, [component], app.now());
  else app.log.error('stripe says something new of a refund', { reference: payment._id, state: String(refund.status) });
  return 'done';
}

async function landDispute(app: App, id: string): Promise<Acted> {
  const dispute = await stripeOf(app).dispute(id);
  const payment = await paymentBehind(app, dispute);
  if (!payment) return 'ignored';
  const counted = payment.reversals.some((one) => one.id === id && one.counts);
  const { component, isUnknown: isNew } = disputeComponent(dispute, counted);
  if (isNew) app.log.error('stripe says something new of a dispute', { reference: payment._id, state: dispute.status });
  await applyReversals(app, payment._id, [component], app.now());
  return 'done';
}

async function landWarning(app: App, id: string): Promise<Acted> {
  const warning = await stripeOf(app).warning(id);
  const payment = await paymentBehind(app, { charge: warning.charge, payment_intent: warning.payment_intent ?? null });
  if (!payment) return 'ignored';
  if (!warning.actionable) return 'done';
  app.log.error('early fraud warning', { reference: payment._id, code: warning.fraud_type });
  await restrict(app, payment._id, `warning:${id}`, true, app.now());
  return 'done';
}

/** The credited payment that money went back from. Where its own news has not come yet, it is brought in first. */
async function paymentBehind(
  app: App,
  { payment_intent, charge }: { payment_intent: Stripe.Refund['payment_intent']; charge: Stripe.Refund['charge'] },
): Promise<Payment | undefined> {
  const intent = idOf(payment_intent);
  const known = await credited(app, intent, idOf(charge));
  if (known || !intent) return known;
  const door = stripeOf(app);
  const session = await door.sessionOfPayment(intent);
  if (session) await landSession(app, session);
  const invoice = await door.invoiceOfPayment(intent);
  if (invoice) await landInvoice(app, invoice);
  return credited(app, intent, idOf(charge));
}

async function credited(app: App, intent: string | undefined, charge: string | undefined): Promise<Payment | undefined> {
  const either = [...(intent ? [{ 'stripe.paymentIntentId': intent }] : []), ...(charge ? [{ 'stripe.chargeId': charge }] : [])];
  if (either.length === 0) return undefined;
  return (await app.models.payments.findOne({ grantedAt: { $exists: true }, $or: either }).lean()) ?? undefined;
}
