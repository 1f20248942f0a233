import { createServer } from 'node:http';
import type Stripe from 'stripe';
import { createApi } from './api/server.ts';
import { catalog } from './calls/catalog.ts';
import { customers, portals } from './calls/customers.ts';
import { events as eventCalls } from './calls/events.ts';
import { invoices } from './calls/invoices.ts';
import { payments } from './calls/payments.ts';
import { sessions } from './calls/sessions.ts';
import { subscriptions } from './calls/subscriptions.ts';
import { createDeliveries, type Deliveries, type Timer, type Webhook } from './events/delivery.ts';
import { createEvents, type RecordedEvent } from './events/record.ts';
import { createIds } from './ids.ts';
import { createKnobs, type Knobs, type LoggedRequest } from './knobs.ts';
import { createSite } from './page/site.ts';
import { createPeople, type People } from './people/people.ts';
import { expireDue } from './people/sessions.ts';
import { createTables, keepNewest, type World } from './world.ts';

export type { Delivery, Timer, Webhook } from './events/delivery.ts';
export type { RecordedEvent } from './events/record.ts';
export type { AskedRequest, Forced, Knobs, LoggedRequest, Which } from './knobs.ts';
export type { Outcome } from './people/invoices.ts';
export type { People } from './people/people.ts';
export type { DisputeCase, DisputeOptions } from './people/reversals.ts';
export type { Payment } from './people/sessions.ts';
export type { PlanChange } from './people/subscriptions.ts';

export interface StripeOptions {
  port?: number;
  /** Milliseconds since the epoch. */
  now?: () => number;
  /** The same seed gives the same ids and the same shuffling. */
  seed?: number;
  webhook?: Webhook;
  /** Runs something later and returns a way to cancel it: pauses between deliveries. */
  timer?: Timer;
}

export interface StripeSimulator extends Knobs, People {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** What the official client takes beside the key to come here instead. */
  readonly client: { host: string; port: number; protocol: 'http' };
  readonly apiKey: string;
  readonly webhookSecret: string;
  /** The newest requests, oldest first. */
  readonly requests: readonly LoggedRequest[];
  /** The newest posts to the webhook, oldest first. */
  readonly deliveries: Deliveries['log'];
  /** Events that wait for `release`. */
  readonly held: readonly RecordedEvent[];
  /** All that happened within 30 days, oldest first, posted or not. */
  events(): readonly RecordedEvent[];
  /** Where events are posted from now on; undefined: nowhere. */
  setWebhook(webhook: Webhook | undefined): void;
  /** Sends what is held, shuffled under `reorder` or as `arrange` says; resolves when every post was answered. */
  release(arrange?: (held: RecordedEvent[]) => RecordedEvent[]): Promise<void>;
  /** Posts an event once more. Throws for one that is not known. */
  resend(event: string): Promise<void>;
  /** Resolves when no post is on its way. */
  idle(): Promise<void>;
  /** Objects as they are now, by id. */
  readonly sessions: ReadonlyMap<string, Stripe.Checkout.Session>;
  readonly subscriptions: ReadonlyMap<string, Stripe.Subscription>;
  readonly invoices: ReadonlyMap<string, Stripe.Invoice>;
  close(): Promise<void>;
}

const KEPT_REQUESTS = 2000;

const realTimer: Timer = (milliseconds, run) => {
  const timeout = setTimeout(run, milliseconds);
  timeout.unref();
  return () => clearTimeout(timeout);
};

/** A local Stripe: the official client connects to it unchanged, people pay on its pages or through its methods. Loopback only. */
export async function createStripeSimulator(options: StripeOptions = {}): Promise<StripeSimulator> {
  const { now = Date.now, seed = 1, timer = realTimer } = options;
  const ids = createIds(seed);
  const knobs = createKnobs();
  const apiKey = ids.next('sk_test');
  const webhookSecret = ids.next('whsec', 32);
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve));
  const bound = server.address();
  const port = typeof bound === 'object' && bound ? bound.port : 0;
  const url = `http://127.0.0.1:${port}`;

  const deliveries = createDeliveries({ knobs, ids, secret: webhookSecret, now, timer });
  deliveries.aim(options.webhook);
  const tables = {
    ...createTables(),
    knobs,
    ids,
    now: () => Math.floor(now() / 1000),
    id: (prefix: string) => ids.next(prefix),
    address: () => url,
  };
  const events = createEvents(tables, deliveries.post);
  const world: World = { ...tables, emit: events.emit };
  const requests: LoggedRequest[] = [];
  const api = createApi({
    world,
    events,
    routes: [...customers, ...portals, ...catalog, ...sessions, ...payments, ...subscriptions, ...invoices, ...eventCalls],
    apiKey,
    now,
    settle: () => expireDue(world),
    log: (request) => keepNewest(requests, request, KEPT_REQUESTS),
  });
  const site = createSite(world);
  server.on('request', (request, response) => {
    const answered = request.url?.startsWith('/v1/') ? api(request, response) : site(request, response);
    answered.catch(() => response.destroy());
  });

  return Object.assign(knobs, createPeople(world), {
    url,
    client: { host: '127.0.0.1', port, protocol: 'http' as const },
    apiKey,
    webhookSecret,
    requests,
    deliveries: deliveries.log,
    held: deliveries.held,
    events: events.recorded,
    setWebhook: deliveries.aim,
    release: deliveries.release,
    async resend(id: string) {
      const event = events.recorded().find((one) => one.id === id);
      if (!event) throw new Error(`there is no event ${id}`);
      await deliveries.resend(event);
    },
    idle: deliveries.idle,
    sessions: world.sessions,
    subscriptions: world.subscriptions,
    invoices: world.invoices,
    async close() {
      deliveries.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
