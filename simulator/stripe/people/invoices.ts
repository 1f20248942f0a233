import type Stripe from 'stripe';
import { createInvoicePayment, finalize } from '../objects/invoice.ts';
import { createIntent } from '../objects/payment.ts';
import { DAY, idOf, type World } from '../world.ts';
import { decline, demandAction, succeed, waitForBank } from './payments.ts';

/** `draft`: the hour in which a renewal's invoice is not final yet. */
export type Outcome = 'paid' | 'payment_failed' | 'action_required' | 'processing' | 'draft';

/** Tries to have an invoice paid; can be repeated until it is. Throws for one that is paid or void. */
export function collect(world: World, invoice: Stripe.Invoice, outcome: Outcome): void {
  if (invoice.status !== 'draft' && invoice.status !== 'open') throw new Error(`invoice ${invoice.id} is ${invoice.status}`);
  if (outcome === 'draft') return;
  if (invoice.status === 'draft') finalize(world, invoice);
  if (invoice.amount_due === 0) {
    markPaid(world, invoice);
    return;
  }
  const intent = intentOf(world, invoice, outcome === 'processing' ? 'sepa_debit' : 'card');
  invoice.attempted = true;
  invoice.attempt_count += 1;
  if (outcome === 'paid') {
    succeed(world, intent);
    markPaid(world, invoice);
  } else if (outcome === 'processing') waitForBank(world, intent);
  else {
    if (outcome === 'action_required') demandAction(world, intent);
    else decline(world, intent);
    fail(world, invoice, outcome);
  }
}

/** Of an invoice whose money did not come: its subscription falls behind. */
export function fail(world: World, invoice: Stripe.Invoice, outcome: 'payment_failed' | 'action_required'): void {
  invoice.next_payment_attempt = world.now() + 3 * DAY;
  if (outcome === 'action_required') world.emit('invoice.payment_action_required', invoice);
  world.emit('invoice.payment_failed', invoice);
  moveSubscription(world, invoice, 'past_due');
}

/** The money is there, or none was due. `intent`: what paid, where that is not yet tied to the invoice. */
export function markPaid(world: World, invoice: Stripe.Invoice, intent?: Stripe.PaymentIntent): void {
  if (invoice.status === 'draft') finalize(world, invoice);
  const payment = intent ? createInvoicePayment(world, invoice, intent.id) : paymentOf(world, invoice);
  invoice.status = 'paid';
  invoice.attempted = true;
  invoice.amount_paid = invoice.amount_due;
  invoice.amount_remaining = 0;
  invoice.next_payment_attempt = null;
  invoice.status_transitions.paid_at = world.now();
  if (payment) {
    payment.status = 'paid';
    payment.amount_paid = payment.amount_requested;
    payment.status_transitions.paid_at = world.now();
    world.emit('invoice_payment.paid', payment);
  }
  moveSubscription(world, invoice, 'active');
  world.emit('invoice.paid', invoice);
  world.emit('invoice.payment_succeeded', invoice);
}

export const paymentOf = (world: World, invoice: Stripe.Invoice): Stripe.InvoicePayment | undefined =>
  [...world.invoicePayments.values()].find((payment) => idOf(payment.invoice) === invoice.id);

function intentOf(world: World, invoice: Stripe.Invoice, method: 'card' | 'sepa_debit'): Stripe.PaymentIntent {
  const known = world.intents.get(idOf(paymentOf(world, invoice)?.payment.payment_intent) ?? '');
  if (known) return known;
  const description = invoice.billing_reason === 'subscription_create' ? 'Subscription creation' : 'Subscription update';
  const { amount_due: amount, currency } = invoice;
  const customer = idOf(invoice.customer) ?? null;
  const intent = createIntent(world, { amount, currency, customer, metadata: {}, description, method });
  createInvoicePayment(world, invoice, intent.id);
  return intent;
}

function moveSubscription(world: World, invoice: Stripe.Invoice, status: 'active' | 'past_due'): void {
  const subscription = world.subscriptions.get(idOf(invoice.parent?.subscription_details?.subscription) ?? '');
  const before = subscription?.status;
  const moves = status === 'active' ? before === 'past_due' || before === 'unpaid' : before === 'active';
  if (!subscription || !before || !moves || (status === 'active' && subscription.latest_invoice !== invoice.id)) return;
  subscription.status = status;
  world.emit('customer.subscription.updated', subscription, { status: before });
}
