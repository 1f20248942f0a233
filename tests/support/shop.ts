import { onTestFinished } from 'vitest';
import { type Account, openAccount } from '../../core/accounts.ts';
import type { App, Outside } from '../../core/app.ts';
import type { Place } from '../../core/chat.ts';
import { checkInvariants } from '../../core/credits/invariants.ts';
import { openCheckout } from '../../core/payments/checkout.ts';
import { keepEvent } from '../../core/payments/events.ts';
import { openOrder, type Rail } from '../../core/payments/orders.ts';
import type { Payment } from '../../core/payments/payment.ts';
import { STRIPE_EVENTS } from '../../core/payments/stripe.ts';
import { createStripeSimulator, type RecordedEvent, type StripeSimulator } from '../../simulator/stripe/index.ts';
import { run } from '../../workers/payments.ts';
import { openApp } from './app.ts';
import { createScriptedProvider } from './provider.ts';
import { buildRequest } from './requests.ts';

export interface Clock {
  at: number;
  now(): number;
}

export interface Shop {
  app: App;
  stripe: StripeSimulator;
  clock: Clock;
}

export const newClock = (): Clock => {
  const clock = { at: Date.now(), now: () => clock.at };
  return clock;
};

let people = 1_000;

/** A product with a local Stripe behind it and nobody's welcome credits. Events reach nobody until a test hands them over. */
export async function openShop(outside: Outside = {}, settings: Record<string, string> = {}): Promise<Shop> {
  const clock = newClock();
  const stripe = await createStripeSimulator({ now: clock.now, seed: 7 });
  onTestFinished(() => stripe.close());
  const app = await openApp(
    { provider: await createScriptedProvider(), now: clock.now, ...outside },
    {
      STRIPE_SECRET_KEY: stripe.apiKey,
      STRIPE_WEBHOOK_SECRET: stripe.webhookSecret,
      STRIPE_API: stripe.url,
      PUBLIC_URL: 'http://localhost:8080',
      WELCOME_CREDITS: '0',
      ...settings,
    },
  );
  return { app, stripe, clock };
}

/** Somebody new in a private Telegram chat. */
export async function newPerson(app: App, user = String(++people)): Promise<{ account: Account; place: Place; user: string }> {
  const request = buildRequest({ at: app.now() }, user);
  return { account: await openAccount(app, request), place: request.place, user };
}

/** An order of a new person, and whose it is. */
export async function order(app: App, item = 'pack-s', provider: Rail = 'stripe', person?: { account: Account; place: Place }) {
  const { account, place } = person ?? (await newPerson(app));
  const made = await openOrder(app, { account, place, item, provider, at: app.now() });
  return { account, place, order: made };
}

/** The session that stands behind an order's page. */
export async function sessionOf(app: App, orderId: string): Promise<string> {
  await openCheckout(app, orderId);
  const stored = await app.models.payments.findById(orderId).lean();
  if (!stored?.stripe?.sessionId) throw new Error('the order has no session');
  return stored.stripe.sessionId;
}

/** What has happened at Stripe that concerns us, oldest first. */
export const eventsOf = (stripe: StripeSimulator): RecordedEvent[] =>
  stripe.events().filter(({ type }) => STRIPE_EVENTS.some((one) => one === type));

function objectOf({ data: { object } }: RecordedEvent): string {
  return object && typeof object === 'object' && 'id' in object ? String(object.id) : '';
}

/** One webhook as the product takes it: kept, then acted on, here and now. */
export async function hand(app: App, event: RecordedEvent): Promise<void> {
  const _id = `stripe_${event.id}`;
  await keepEvent(app, { _id, source: 'stripe', type: event.type, objectId: objectOf(event) });
  await run(app, _id);
}

export async function handAll({ app, stripe }: Shop): Promise<void> {
  for (const event of eventsOf(stripe)) await hand(app, event);
}

/** What an account has; fails when its ledger breaks a rule. */
export async function balanceOf(app: App, accountId: string): Promise<{ available: number; held: number; debt: number }> {
  const account = await app.models.creditAccounts.findById(accountId).lean();
  if (!account) return { available: 0, held: 0, debt: 0 };
  checkInvariants(account, await app.models.ledgerEntries.find({ accountId }).sort({ seq: 1 }).lean());
  const { available, held, debt } = account;
  return { available, held, debt };
}

export async function paymentsOf(app: App, accountId: string): Promise<Payment[]> {
  return app.models.payments.find({ accountId }).sort({ createdAt: 1, _id: 1 }).lean();
}
