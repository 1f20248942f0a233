import type Stripe from 'stripe';
import type { Ids } from './ids.ts';
import type { Knobs } from './knobs.ts';

/** The API version that everything here speaks: the one that the pinned package sends. */
export const API_VERSION = '2026-10-28.endive' satisfies Stripe.LatestApiVersion;

export const DAY = 86_400;

export interface Item {
  price: Stripe.Price;
  quantity: number;
}

/** What a session will make when it is paid. */
export interface Plans {
  items: Item[];
  intentMetadata: Stripe.Metadata;
  subscriptionMetadata: Stripe.Metadata;
  trialDays: number;
}

/** Everything that exists, ids standing for other objects: what is expanded is put in when it is asked for. */
export interface World {
  readonly knobs: Knobs;
  readonly ids: Ids;
  readonly customers: Map<string, Stripe.Customer | Stripe.DeletedCustomer>;
  readonly products: Map<string, Stripe.Product>;
  readonly prices: Map<string, Stripe.Price>;
  readonly sessions: Map<string, Stripe.Checkout.Session>;
  readonly plans: Map<string, Plans>;
  readonly sessionLines: Map<string, Stripe.LineItem[]>;
  readonly intents: Map<string, Stripe.PaymentIntent>;
  readonly charges: Map<string, Stripe.Charge>;
  readonly subscriptions: Map<string, Stripe.Subscription>;
  /** Subscription -> lines that wait for its next invoice. */
  readonly pending: Map<string, Stripe.InvoiceLineItem[]>;
  readonly invoices: Map<string, Stripe.Invoice>;
  readonly invoiceLines: Map<string, Stripe.InvoiceLineItem[]>;
  readonly invoicePayments: Map<string, Stripe.InvoicePayment>;
  readonly refunds: Map<string, Stripe.Refund>;
  readonly disputes: Map<string, Stripe.Dispute>;
  readonly warnings: Map<string, Stripe.Radar.EarlyFraudWarning>;
  readonly portals: Map<string, Stripe.BillingPortal.Session>;
  /** Seconds since the epoch. */
  now(): number;
  id(prefix: string): string;
  /** `http://127.0.0.1:<port>` */
  address(): string;
  emit: Emit;
}

type ObjectOf<Type> = Extract<Stripe.Event, { type: Type }>['data']['object'];

/** Something happened to `object`; `before` holds what its changed fields were. */
export type Emit = <Type extends Stripe.Event['type']>(
  type: Type,
  object: ObjectOf<Type>,
  before?: Partial<ObjectOf<Type>>,
) => void;

export const createTables = () => ({
  customers: new Map<string, Stripe.Customer | Stripe.DeletedCustomer>(),
  products: new Map<string, Stripe.Product>(),
  prices: new Map<string, Stripe.Price>(),
  sessions: new Map<string, Stripe.Checkout.Session>(),
  plans: new Map<string, Plans>(),
  sessionLines: new Map<string, Stripe.LineItem[]>(),
  intents: new Map<string, Stripe.PaymentIntent>(),
  charges: new Map<string, Stripe.Charge>(),
  subscriptions: new Map<string, Stripe.Subscription>(),
  pending: new Map<string, Stripe.InvoiceLineItem[]>(),
  invoices: new Map<string, Stripe.Invoice>(),
  invoiceLines: new Map<string, Stripe.InvoiceLineItem[]>(),
  invoicePayments: new Map<string, Stripe.InvoicePayment>(),
  refunds: new Map<string, Stripe.Refund>(),
  disputes: new Map<string, Stripe.Dispute>(),
  warnings: new Map<string, Stripe.Radar.EarlyFraudWarning>(),
  portals: new Map<string, Stripe.BillingPortal.Session>(),
});

/** The id of what may have been expanded. */
export const idOf = (value: string | { id: string } | null | undefined): string | undefined =>
  typeof value === 'string' ? value : value?.id;

/** Keeps the newest of a log. */
export function keepNewest<Entry>(log: Entry[], entry: Entry, kept: number): void {
  log.push(entry);
  if (log.length > kept) log.splice(0, log.length - kept);
}

export const newestOf = <Entry>(table: Map<string, Entry>): Entry[] => [...table.values()].reverse();
