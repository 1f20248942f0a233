import { createHmac } from 'node:crypto';

/** The Stripe-Signature header (docs.stripe.com/webhooks/signature). `at` in seconds since the epoch. */
export function sign(payload: string, secret: string, at: number): string {
  return `t=${at},v1=${createHmac('sha256', secret).update(`${at}.${payload}`).digest('hex')}`;
}
