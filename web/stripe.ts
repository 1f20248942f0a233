import type { IncomingMessage } from 'node:http';
import type { App } from '../core/app.ts';
import { describe } from '../core/log.ts';
import { keepEvent } from '../core/payments/events.ts';
import { STRIPE_EVENTS, type StripeHint } from '../core/payments/stripe.ts';
import { bodyOf } from './body.ts';

export const STRIPE_PATH = '/webhooks/stripe';

/** Bytes that are read before anybody has been verified. */
const BODY_LIMIT = 256 * 1024;

/**
 * A webhook of Stripe's: verified on the raw body, its ids stored, answered. Nothing of the body is kept or logged. With the database
 * away it is answered 500, and Stripe sends it again; without Redis it is stored, and tidy rings for it.
 */
export async function receiveStripe(app: App, request: IncomingMessage): Promise<number> {
  if (!app.stripe) return 404;
  const raw = await bodyOf(request, BODY_LIMIT);
  if (!raw) return 413;
  const signature = request.headers['stripe-signature'];
  let hint: StripeHint;
  try {
    hint = app.stripe.verify(raw, typeof signature === 'string' ? signature : '', app.now());
  } catch (error) {
    app.log.warn('a webhook was refused', { provider: 'stripe', bytes: raw.length, ...describe(error) });
    return 400;
  }
  if (!STRIPE_EVENTS.some((type) => type === hint.type)) return 200;
  await keepEvent(app, { _id: `stripe_${hint.id}`, source: 'stripe', type: hint.type, objectId: hint.objectId });
  return 200;
}
