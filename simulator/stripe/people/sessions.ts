import type Stripe from 'stripe';
import { createCustomer } from '../objects/customer.ts';
import { createInvoice } from '../objects/invoice.ts';
import { newLine } from '../objects/line.ts';
import { createIntent } from '../objects/payment.ts';
import { createSubscription, periodLines } from '../objects/subscription.ts';
import { idOf, type Plans, type World } from '../world.ts';
import { collect, markPaid } from './invoices.ts';
import { decline, demandAction, succeed, waitForBank } from './payments.ts';

/** `3ds`: a card whose bank asks first and then agrees. */
export type Payment = 'card' | 'delayed' | 'declined' | '3ds';

export interface Open {
  session: Stripe.Checkout.Session;
  plans: Plans;
  percentOff: number;
}

/**
 * The person pays a session, with a promotion code where they have one; a declined card leaves it open for another try.
 * Throws for a session that is not open (any more) and for a code that does not exist.
 */
export function pay(world: World, sessionId: string, how: Payment, promotionCode?: string): void {
  const { session, plans } = openSession(world, sessionId);
  const percentOff = promotionCode ? world.knobs.promotionCodes[promotionCode.toUpperCase()] : 0;
  if (percentOff === undefined || (promotionCode && !session.allow_promotion_codes)) throw new Error('This code is invalid.');
  total(world, session, percentOff);
  if (how === 'declined' && (session.amount_total ?? 0) > 0) {
    decline(world, intentOf(world, session, plans, 'card'));
    return;
  }
  complete(world, session);
  const open = { session, plans, percentOff };
  if (session.mode === 'subscription') paySubscription(world, open, how);
  else paySale(world, open, how);
  world.emit('checkout.session.completed', session);
}

function paySale(world: World, open: Open, how: Payment): void {
  const { session, plans } = open;
  if (session.amount_total === 0) {
    session.payment_status = 'no_payment_required';
    invoiceSale(world, open);
    return;
  }
  const intent = intentOf(world, session, plans, how === 'delayed' ? 'sepa_debit' : 'card');
  if (how === 'delayed') {
    waitForBank(world, intent);
    return;
  }
  if (how === '3ds') demandAction(world, intent);
  succeed(world, intent);
  session.payment_status = 'paid';
  invoiceSale(world, open, intent);
}

function paySubscription(world: World, { session, plans, percentOff }: Open, how: Payment): void {
  const { items, subscriptionMetadata: metadata, trialDays } = plans;
  const automaticTax = session.automatic_tax.enabled;
  const customer = idOf(session.customer) ?? '';
  const subscription = createSubscription(world, { customer, items, metadata, trialDays, automaticTax });
  session.subscription = subscription.id;
  world.emit('customer.subscription.created', subscription);
  const invoice = createInvoice(world, {
    customer,
    reason: 'subscription_create',
    lines: periodLines(world, subscription),
    currency: subscription.currency,
    subscription,
    percentOff,
    ...(automaticTax && { taxPercent: world.knobs.taxPercent }),
  });
  session.invoice = invoice.id;
  collect(world, invoice, how === 'delayed' ? 'processing' : 'paid');
  subscription.status = trialDays > 0 ? 'trialing' : 'active';
  session.payment_status = invoice.amount_due === 0 ? 'no_payment_required' : how === 'delayed' ? 'unpaid' : 'paid';
  world.emit('customer.subscription.updated', subscription, { status: 'incomplete' });
}

export function expire(world: World, sessionId: string): void {
  const { session } = openSession(world, sessionId);
  session.status = 'expired';
  session.url = null;
  world.emit('checkout.session.expired', session);
}

/** Expires what is open past its time. */
export function expireDue(world: World): void {
  for (const { id, status, expires_at } of world.sessions.values())
    if (status === 'open' && expires_at <= world.now()) expire(world, id);
}

function openSession(world: World, id: string): { session: Stripe.Checkout.Session; plans: Plans } {
  const session = world.sessions.get(id);
  if (!session) throw new Error(`there is no session ${id}`);
  if (session.status !== 'open') throw new Error(`session ${id} is ${session.status}`);
  return { session, plans: plansOf(world, session) };
}

export function plansOf(world: World, { id }: Stripe.Checkout.Session): Plans {
  const plans = world.plans.get(id);
  if (!plans) throw new Error(`there is no session ${id}`);
  return plans;
}

function total(world: World, session: Stripe.Checkout.Session, percent: number): void {
  const subtotal = session.amount_subtotal ?? 0;
  const discount = Math.round((subtotal * percent) / 100);
  const tax = session.automatic_tax.enabled ? Math.round(((subtotal - discount) * world.knobs.taxPercent) / 100) : 0;
  session.amount_total = subtotal - discount + tax;
  session.total_details = { amount_discount: discount, amount_shipping: 0, amount_tax: tax };
}

function complete(world: World, session: Stripe.Checkout.Session): void {
  if (session.mode === 'subscription') session.customer ??= createCustomer(world, {}).id;
  const customer = world.customers.get(idOf(session.customer) ?? '');
  const person = customer && !customer.deleted ? customer : undefined;
  session.status = 'complete';
  session.url = null;
  if (session.automatic_tax.enabled) session.automatic_tax.status = 'complete';
  if (session.consent_collection) session.consent = { promotions: null, terms_of_service: 'accepted' };
  session.customer_details = {
    address: null,
    business_name: null,
    email: session.customer_email ?? person?.email ?? 'payer@example.com',
    individual_name: null,
    name: person?.name ?? null,
    phone: null,
    tax_exempt: 'none',
    tax_ids: [],
  };
}

function intentOf(
  world: World,
  session: Stripe.Checkout.Session,
  plans: Plans,
  method: 'card' | 'sepa_debit',
): Stripe.PaymentIntent {
  const tried = world.intents.get(idOf(session.payment_intent) ?? '');
  const amount = session.amount_total ?? 0;
  if (tried) return Object.assign(tried, { amount, payment_method_types: [method] });
  const intent = createIntent(world, {
    amount,
    currency: session.currency ?? 'usd',
    customer: idOf(session.customer) ?? null,
    metadata: plans.intentMetadata,
    description: null,
    method,
  });
  if (session.mode === 'payment') session.payment_intent = intent.id;
  return intent;
}

/** The receipt of a sale, where the session asked for one. */
export function invoiceSale(world: World, { session, plans, percentOff: percent }: Open, intent?: Stripe.PaymentIntent): void {
  if (!session.invoice_creation?.enabled) return;
  const at = world.now();
  const lines = plans.items.map(({ price, quantity }) =>
    newLine(world, { price, quantity, amount: (price.unit_amount ?? 0) * quantity, period: { start: at, end: at } }),
  );
  const invoice = createInvoice(world, {
    customer: idOf(session.customer) ?? null,
    reason: 'manual',
    lines,
    currency: session.currency ?? 'usd',
    metadata: session.invoice_creation.invoice_data.metadata ?? {},
    percentOff: percent,
    ...(session.automatic_tax.enabled && { taxPercent: world.knobs.taxPercent }),
  });
  session.invoice = invoice.id;
  markPaid(world, invoice, intent);
}
