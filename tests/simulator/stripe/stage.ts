import { createServer } from 'node:http';
import Stripe from 'stripe';
import { afterEach } from 'vitest';
import { createStripeSimulator, type StripeOptions, type StripeSimulator } from '../../../simulator/stripe/index.ts';
import { checkStripe } from '../../support/stripe-schema.ts';
import { type Clock, stoppedClock } from '../telegram/setup.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

export interface Posted {
  body: string;
  signature: string;
}

export interface Stage {
  simulator: StripeSimulator;
  /** The official client, which knows nothing of the simulator but its address. */
  stripe: Stripe;
  clock: Clock;
  /** What came to the webhook, in order. */
  posts: Posted[];
  /** Types of the events that came, each checked by the real library. */
  types(): string[];
  /** Next answers of the webhook, each once; 200 when there are none left. */
  answers: number[];
  /** What the declarations of the package have against every answer and event so far. */
  complaints(): string[];
  seconds(): number;
  /** Prices of a pack and of two monthly plans. */
  prices: { pack: string; plus: string; pro: string };
  customer: string;
  checkout(params?: Partial<Stripe.Checkout.SessionCreateParams>): Promise<Stripe.Checkout.Session>;
  subscribe(price?: string): Promise<Stripe.Subscription>;
}

/** A simulator with the official client, a webhook that keeps what comes, a small catalogue and one customer; closed after the test. */
export async function stage(options: StripeOptions = {}): Promise<Stage> {
  const clock = stoppedClock();
  const posts: Posted[] = [];
  const answers: number[] = [];
  const receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        posts.push({ body: Buffer.concat(chunks).toString(), signature: String(request.headers['stripe-signature']) });
        response.writeHead(answers.shift() ?? 200).end();
      });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const bound = receiver.address();
  const port = typeof bound === 'object' && bound ? bound.port : 0;
  const simulator = await createStripeSimulator({ now: clock.now, timer: clock.timer, ...options });
  closers.push(
    () => new Promise((resolve) => receiver.close(() => resolve())),
    () => simulator.close(),
  );
  const stripe = new Stripe(simulator.apiKey, { ...simulator.client, telemetry: false, maxNetworkRetries: 2 });
  const [pack, plus, pro] = await Promise.all([
    stripe.prices.create({ currency: 'usd', unit_amount: 499, lookup_key: 'pack-s', product_data: { name: '100 credits' } }),
    stripe.prices.create({ ...monthly(999), lookup_key: 'plan-plus', product_data: { name: 'Plus' } }),
    stripe.prices.create({ ...monthly(1999), lookup_key: 'plan-pro', product_data: { name: 'Pro' } }),
  ]);
  const { id: customer } = await stripe.customers.create({ metadata: { account: 'a1' } });
  simulator.setWebhook({ url: `http://127.0.0.1:${port}/stripe` });
  const seconds = () => clock.now() / 1000;

  const checkout = (params: Partial<Stripe.Checkout.SessionCreateParams> = {}) =>
    stripe.checkout.sessions.create({
      mode: 'payment',
      customer,
      line_items: [{ price: pack.id, quantity: 1 }],
      success_url: 'http://127.0.0.1:9/paid?session={CHECKOUT_SESSION_ID}',
      cancel_url: 'http://127.0.0.1:9/cancelled',
      ...params,
    });

  return {
    simulator,
    stripe,
    clock,
    posts,
    answers,
    seconds,
    customer,
    prices: { pack: pack.id, plus: plus.id, pro: pro.id },
    checkout,
    types: () =>
      posts.map(({ body, signature }) => {
        const at = clock.now();
        return stripe.webhooks.constructEvent(body, signature, simulator.webhookSecret, 300, undefined, at).type;
      }),
    complaints: () => [
      ...simulator.requests
        .filter(({ status }) => status === 200)
        .flatMap(({ path, answer }) => checkStripe(answer).map((what) => `${path} ${what}`)),
      ...simulator.events().flatMap((event) => checkStripe(event).map((what) => `${event.type} ${what}`)),
    ],
    async subscribe(price = plus.id) {
      const subscription_data = { metadata: { orderId: 'o1' } };
      const { id } = await checkout({ mode: 'subscription', line_items: [{ price, quantity: 1 }], subscription_data });
      simulator.pay(id, 'card');
      const session = await stripe.checkout.sessions.retrieve(id, { expand: ['subscription'] });
      if (session.subscription === null || typeof session.subscription === 'string') throw new Error('it was not expanded');
      return session.subscription;
    },
  };
}

const monthly = (unit_amount: number) => ({ currency: 'usd', unit_amount, recurring: { interval: 'month' as const } });

/** What the API said to a request that it refused. */
export async function refusal(request: Promise<unknown>): Promise<string> {
  try {
    await request;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return `${error.statusCode} ${error.code ?? error.rawType}: ${error.message}`;
    throw error;
  }
  return 'accepted';
}
