import Stripe from 'stripe';
import type { Item } from './catalog.ts';
import { createPrices } from './stripe-prices.ts';

export type { Stripe };

/** A webhook's event: which object to fetch. What else it says is not believed. */
export interface StripeHint {
  id: string;
  type: string;
  objectId: string;
}

export interface StripeCheckout {
  orderId: string;
  /** How many sessions the order has had, this one included: a second one under the first one's key would be the first one again. */
  nth: number;
  item: Item;
  customer: string;
  /** Seconds since the epoch, 30 minutes to 24 hours ahead. */
  expiresAt: number;
  /** Addresses of ours. */
  successUrl: string;
  cancelUrl: string;
  tax: boolean;
}

/** Seconds that a signature may be old, or ahead of our clock. */
const TOLERANCE = 300;
/** Events that we act on; the webhook endpoint is created with these and no others. */
export const STRIPE_EVENTS = [
  'checkout.session.completed',
  'checkout.session.async_payment_succeeded',
  'checkout.session.async_payment_failed',
  'checkout.session.expired',
  'invoice.paid',
  'invoice.payment_failed',
  'invoice.payment_action_required',
  'customer.subscription.created',
  'customer.subscription.updated',
  'customer.subscription.deleted',
  'customer.subscription.paused',
  'customer.subscription.resumed',
  'refund.created',
  'refund.updated',
  'refund.failed',
  'charge.dispute.created',
  'charge.dispute.updated',
  'charge.dispute.closed',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.funds_reinstated',
  'radar.early_fraud_warning.created',
] as const satisfies Stripe.EventListParams['types'];

/** Stripe lists no more types at once. */
const MOST_TYPES = 20;

export type StripeDoor = ReturnType<typeof createStripe>;

/** The only door to Stripe, in the API version that the pinned library was made for. `address` is for proxies and the simulator. */
export function createStripe({
  apiKey,
  webhookSecret,
  address,
}: {
  apiKey: string;
  webhookSecret: string;
  address?: string | undefined;
}) {
  const client = new Stripe(apiKey, {
    apiVersion: Stripe.API_VERSION,
    maxNetworkRetries: 2,
    timeout: 20_000,
    telemetry: false,
    ...(address && at(address)),
  });
  const since = (created: number) => ({ created: { gte: Math.floor(created / 1000) }, limit: 100 });

  return {
    prices: createPrices(client, apiKey.includes('_test_')),

    /** Reads a webhook's raw body. Throws for one that is unsigned, changed, signed for somebody else, stale or from the future. */
    verify(raw: Buffer, header: string, now: number): StripeHint {
      const stamp = Number(/(?:^|,)t=(\d+)/.exec(header)?.[1]);
      // The library lets stamps of the future pass.
      if (!(stamp <= now / 1000 + TOLERANCE)) throw new Error('a signature from the future');
      if (isThin(raw)) {
        const { id, type } = client.parseEventNotification(raw, header, webhookSecret, TOLERANCE, undefined, now);
        return { id, type, objectId: id };
      }
      const event = client.webhooks.constructEvent(raw, header, webhookSecret, TOLERANCE, undefined, now);
      return hintOf(event);
    },

    /** One customer for each account and cause: a repeat within a day gives the same one. */
    async createCustomer(accountId: string, cause = accountId): Promise<string> {
      const customer = await client.customers.create({ metadata: { accountId } }, { idempotencyKey: `cus-${cause}` });
      return customer.id;
    },

    async checkout({ orderId, nth, item, customer, expiresAt, successUrl, cancelUrl, tax }: StripeCheckout) {
      const metadata = { orderId, item: item.id };
      const price = await this.prices.priceOf(item);
      return client.checkout.sessions.create(
        {
          mode: item.kind === 'plan' ? 'subscription' : 'payment',
          customer,
          client_reference_id: orderId,
          metadata,
          line_items: [{ price, quantity: 1 }],
          allow_promotion_codes: true,
          expires_at: expiresAt,
          success_url: successUrl,
          cancel_url: cancelUrl,
          ...(tax && { automatic_tax: { enabled: true }, customer_update: { address: 'auto' as const } }),
          ...(item.kind === 'plan'
            ? { subscription_data: { metadata } }
            : { payment_intent_data: { metadata }, invoice_creation: { enabled: true, invoice_data: { metadata } } }),
        },
        { idempotencyKey: `checkout-${orderId}-${nth}` },
      );
    },

    /** With its payment intent, which says whether a delayed payment is still on its way. */
    session: (id: string) => client.checkout.sessions.retrieve(id, { expand: ['payment_intent'] }),
    invoice: (id: string) => client.invoices.retrieve(id, { expand: ['payments'] }),

    /** All of an invoice's lines, however many pages they fill. */
    async linesOf(invoiceId: string): Promise<Stripe.InvoiceLineItem[]> {
      const lines: Stripe.InvoiceLineItem[] = [];
      for await (const line of client.invoices.listLineItems(invoiceId, { limit: 100 })) lines.push(line);
      return lines;
    },

    subscription: (id: string) => client.subscriptions.retrieve(id),
    refundOf: (id: string) => client.refunds.retrieve(id),
    dispute: (id: string) => client.disputes.retrieve(id),
    warning: (id: string) => client.radar.earlyFraudWarnings.retrieve(id),

    /** The session that this payment was made in. */
    async sessionOfPayment(paymentIntent: string): Promise<string | undefined> {
      const { data } = await client.checkout.sessions.list({ payment_intent: paymentIntent, limit: 1 });
      return data[0]?.id;
    },

    /** The invoice that this payment paid. */
    async invoiceOfPayment(paymentIntent: string): Promise<string | undefined> {
      const payment = { type: 'payment_intent', payment_intent: paymentIntent } as const;
      const { data } = await client.invoicePayments.list({ payment, limit: 1 });
      return idOf(data[0]?.invoice);
    },

    /** The customer's running subscriptions, oldest first. */
    async runningSubscriptions(customer: string): Promise<Stripe.Subscription[]> {
      const { data } = await client.subscriptions.list({ customer, status: 'active', limit: 100 });
      return data.sort((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1));
    },

    /** At once; one that has ended is ended. */
    async cancelSubscription(id: string): Promise<void> {
      const { status } = await client.subscriptions.retrieve(id);
      if (status !== 'canceled' && status !== 'incomplete_expired') await client.subscriptions.cancel(id);
    },

    /** The same, where it may be unknown: an erasure ends what there is. */
    async endSubscription(id: string): Promise<void> {
      await unlessGone(this.cancelSubscription(id));
    },

    /** Nobody can pay it any more; one that is paid, expired or gone stays what it is. */
    async expireSession(id: string): Promise<void> {
      const session = await unlessGone(client.checkout.sessions.retrieve(id));
      if (session?.status === 'open') await client.checkout.sessions.expire(id);
    },

    /** Forgets a customer with address and cards, and ends their subscriptions at once: docs.stripe.com/api/customers/delete. */
    async deleteCustomer(id: string): Promise<void> {
      await unlessGone(client.customers.del(id));
    },

    /** Gives money back, all of what is left by default. The same key again is the same refund; nothing left to refund is no error. */
    async refund({
      paymentIntent,
      amountMinor,
      key,
    }: {
      paymentIntent: string;
      amountMinor?: number;
      key: string;
    }): Promise<void> {
      const amount = amountMinor === undefined ? {} : { amount: amountMinor };
      try {
        await client.refunds.create({ payment_intent: paymentIntent, ...amount }, { idempotencyKey: key });
      } catch (error) {
        if (!(error instanceof Stripe.errors.StripeError && error.code === 'charge_already_refunded')) throw error;
      }
    },

    /** The address of Stripe's own page where a customer sees invoices, changes the card and ends the plan. Lives a few minutes. */
    async portal(customer: string, returnUrl: string): Promise<string> {
      return (await client.billingPortal.sessions.create({ customer, return_url: returnUrl })).url;
    },

    /** What Stripe says has happened since then (milliseconds since the epoch, 30 days back at most), newest first, in a list for every 20 types. */
    async *events(created: number): AsyncGenerator<StripeHint> {
      for (let first = 0; first < STRIPE_EVENTS.length; first += MOST_TYPES) {
        const types = STRIPE_EVENTS.slice(first, first + MOST_TYPES);
        for await (const event of client.events.list({ ...since(created), types })) yield hintOf(event);
      }
    },

    /** Objects made since then (milliseconds since the epoch), newest first: for reconciliation. */
    sessionsSince: (created: number) => client.checkout.sessions.list({ ...since(created), status: 'complete' }),
    invoicesSince: (created: number) => client.invoices.list({ ...since(created), status: 'paid' }),
    refundsSince: (created: number) => client.refunds.list(since(created)),
    disputesSince: (created: number) => client.disputes.list(since(created)),
  };
}

async function unlessGone<Found>(asked: Promise<Found>): Promise<Found | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isUnknown(error)) return undefined;
    throw error;
  }
}

const at = (address: string) => {
  const { hostname, port, protocol } = new URL(address);
  return protocol === 'http:'
    ? { host: hostname, port: port || 80, protocol: 'http' as const }
    : { host: hostname, port: port || 443, protocol: 'https' as const };
};

function isThin(raw: Buffer): boolean {
  try {
    const body: unknown = JSON.parse(raw.toString());
    return typeof body === 'object' && body !== null && 'object' in body && body.object === 'v2.core.event';
  } catch {
    return false;
  }
}

function hintOf({ id, type, data }: Stripe.Event): StripeHint {
  const { object } = data;
  return { id, type, objectId: 'id' in object && typeof object.id === 'string' ? object.id : id };
}

/** The id of what Stripe gives as an id or, expanded, as the object. */
export const idOf = (reference: string | { id: string } | null | undefined): string | undefined =>
  typeof reference === 'string' ? reference : reference?.id;

/** Stripe does not know what was asked for: not ours, or gone. */
export const isUnknown = (error: unknown): boolean =>
  error instanceof Stripe.errors.StripeError && error.code === 'resource_missing';

/** The idempotency key was used with other words: the order has changed since. */
export const isKeyReused = (error: unknown): boolean => error instanceof Stripe.errors.StripeIdempotencyError;
