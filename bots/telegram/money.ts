import { z } from 'zod';
import type { BotParts } from '../parts.ts';

/** What Telegram says of Stars: core.telegram.org/bots/api#successfulpayment. Amounts are whole Stars. */
const stars = { currency: z.literal('XTR'), total_amount: z.number(), invoice_payload: z.string() };

export const preCheckout = z.object({ id: z.string(), from: z.object({ id: z.number() }), ...stars });

export const successfulPayment = z.object({
  ...stars,
  telegram_payment_charge_id: z.string(),
  subscription_expiration_date: z.number().optional(),
  is_recurring: z.boolean().optional(),
  is_first_recurring: z.boolean().optional(),
});

export const refundedPayment = z.object({ ...stars, telegram_payment_charge_id: z.string() });

/** A question that is off after 10 s. */
export interface Checkout {
  kind: 'checkout';
  id: string;
  /** Telegram's id of the question. */
  question: string;
  query: Parameters<BotParts['preCheckout']>[0];
}

/** Stars that have moved: the core has to hear of it, however long that takes. */
export type Movement =
  | { kind: 'paid'; id: string; chat: string; paid: Parameters<BotParts['starsPaid']>[0] }
  | { kind: 'refunded'; id: string; chat: string; refund: Parameters<BotParts['starsRefunded']>[0] };

export const isMovement = (reading: { kind: string }): reading is Movement =>
  reading.kind === 'paid' || reading.kind === 'refunded';

export function readCheckout(id: string, query: z.infer<typeof preCheckout>): Checkout {
  const { id: question, from, invoice_payload: order, total_amount } = query;
  return { kind: 'checkout', id, question, query: { order, stars: total_amount, user: String(from.id) } };
}

export function readPaid(id: string, chat: number, user: number, payment: z.infer<typeof successfulPayment>): Movement {
  const { invoice_payload: order, telegram_payment_charge_id: charge, total_amount, subscription_expiration_date } = payment;
  const until = subscription_expiration_date;
  const subscription = until !== undefined && { first: payment.is_first_recurring ?? false, until: until * 1000 };
  const paid = { order, charge, stars: total_amount, user: String(user), ...(subscription && { subscription }) };
  return { kind: 'paid', id, chat: String(chat), paid };
}

export function readRefunded(id: string, chat: number, refund: z.infer<typeof refundedPayment>): Movement {
  const { telegram_payment_charge_id: charge, invoice_payload: order } = refund;
  return { kind: 'refunded', id, chat: String(chat), refund: { charge, order } };
}
