import type Stripe from 'stripe';
import { idOf, type World } from '../world.ts';

export interface Billed {
  customer: string | null;
  reason: 'subscription_create' | 'subscription_cycle' | 'subscription_update' | 'manual';
  lines: Stripe.InvoiceLineItem[];
  currency: string;
  subscription?: Stripe.Subscription;
  metadata?: Stripe.Metadata;
  /** Percent off. */
  percentOff?: number;
  /** Percent of tax on top. */
  taxPercent?: number;
}

/** A draft with these lines. What is negative in total is a credit that nobody has to pay. */
export function createInvoice(world: World, billed: Billed): Stripe.Invoice {
  const id = world.id('in');
  const subtotal = billed.lines.reduce((sum, line) => sum + line.amount, 0);
  const discount = subtotal > 0 ? Math.round((subtotal * (billed.percentOff ?? 0)) / 100) : 0;
  const tax = Math.round(((subtotal - discount) * (billed.taxPercent ?? 0)) / 100);
  const total = subtotal - discount + tax;
  const due = Math.max(0, total);
  const customer = billed.customer === null ? undefined : world.customers.get(billed.customer);
  const person = customer && !customer.deleted ? customer : undefined;
  for (const line of billed.lines) line.invoice = id;
  world.invoiceLines.set(id, billed.lines);
  const invoice: Stripe.Invoice = {
    id,
    object: 'invoice',
    account_country: 'DE',
    account_name: 'LPM AI',
    account_tax_ids: null,
    amount_due: due,
    amount_overpaid: 0,
    amount_paid: 0,
    amount_remaining: due,
    amount_shipping: 0,
    application: null,
    attempt_count: 0,
    attempted: false,
    auto_advance: true,
    automatic_tax: {
      disabled_reason: null,
      enabled: billed.taxPercent !== undefined,
      liability: null,
      provider: billed.taxPercent === undefined ? null : 'stripe',
      status: billed.taxPercent === undefined ? null : 'complete',
    },
    automatically_finalizes_at: null,
    billing_reason: billed.reason,
    collection_method: 'charge_automatically',
    created: world.now(),
    currency: billed.currency,
    custom_fields: null,
    customer: billed.customer,
    customer_account: null,
    customer_address: null,
    customer_email: person?.email ?? null,
    customer_name: person?.name ?? null,
    customer_phone: null,
    customer_shipping: null,
    customer_tax_exempt: 'none',
    customer_tax_ids: [],
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    due_date: null,
    effective_at: null,
    ending_balance: null,
    footer: null,
    from_invoice: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    issuer: { type: 'self' },
    last_finalization_error: null,
    latest_revision: null,
    lines: embedded(world, id, billed.lines),
    livemode: false,
    metadata: { ...billed.metadata },
    next_payment_attempt: null,
    number: null,
    on_behalf_of: null,
    parent: billed.subscription ? parent(billed.subscription) : null,
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    period_end: world.now(),
    period_start: world.now(),
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: 0,
    statement_descriptor: null,
    status: 'draft',
    status_transitions: { finalized_at: null, marked_uncollectible_at: null, paid_at: null, voided_at: null },
    subtotal,
    subtotal_excluding_tax: subtotal,
    test_clock: null,
    total,
    total_discount_amounts: discount > 0 ? [{ amount: discount, discount: world.id('di') }] : [],
    total_excluding_tax: total - tax,
    total_pretax_credit_amounts: [],
    total_taxes: [],
    webhooks_delivered_at: null,
  };
  world.invoices.set(id, invoice);
  if (billed.subscription) billed.subscription.latest_invoice = id;
  world.emit('invoice.created', invoice);
  return invoice;
}

const parent = (subscription: Stripe.Subscription): Stripe.Invoice.Parent => ({
  type: 'subscription_details',
  quote_details: null,
  subscription_details: { metadata: { ...subscription.metadata }, subscription: subscription.id },
});

const embedded = (world: World, invoice: string, lines: Stripe.InvoiceLineItem[]): Stripe.Invoice['lines'] => ({
  object: 'list',
  data: lines.slice(0, world.knobs.embeddedLines),
  has_more: lines.length > world.knobs.embeddedLines,
  url: `/v1/invoices/${invoice}/lines`,
});

/** From draft to open: it gets a number and a page where it can be paid. */
export function finalize(world: World, invoice: Stripe.Invoice): void {
  const customer = world.customers.get(idOf(invoice.customer) ?? '');
  const sequence = customer && !customer.deleted ? (customer.next_invoice_sequence ?? 1) : 1;
  const prefix = customer && !customer.deleted ? (customer.invoice_prefix ?? 'LPM') : 'LPM';
  if (customer && !customer.deleted) customer.next_invoice_sequence = sequence + 1;
  invoice.number = `${prefix}-${String(sequence).padStart(4, '0')}`;
  invoice.status = 'open';
  invoice.status_transitions.finalized_at = world.now();
  invoice.effective_at = world.now();
  invoice.hosted_invoice_url = `${world.address()}/i/${invoice.id}`;
  invoice.invoice_pdf = `${world.address()}/i/${invoice.id}`;
  world.emit('invoice.finalized', invoice);
}

/** Ties an invoice to what pays it. */
export function createInvoicePayment(world: World, invoice: Stripe.Invoice, intent: string): Stripe.InvoicePayment {
  const payment: Stripe.InvoicePayment = {
    id: world.id('inpay'),
    object: 'invoice_payment',
    amount_paid: null,
    amount_requested: invoice.amount_due,
    created: world.now(),
    currency: invoice.currency,
    invoice: invoice.id,
    is_default: true,
    livemode: false,
    payment: { type: 'payment_intent', payment_intent: intent },
    status: 'open',
    status_transitions: { canceled_at: null, paid_at: null },
  };
  world.invoicePayments.set(payment.id, payment);
  return payment;
}
