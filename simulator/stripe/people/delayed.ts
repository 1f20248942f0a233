import type Stripe from 'stripe';
import { idOf, type World } from '../world.ts';
import { fail, markPaid, paymentOf } from './invoices.ts';
import { decline, succeed } from './payments.ts';
import { invoiceSale, plansOf } from './sessions.ts';

/** The bank's money arrived after days. */
export function completeDelayed(world: World, sessionId: string): void {
  const { session, invoice, intent } = delayed(world, sessionId);
  succeed(world, intent);
  session.payment_status = 'paid';
  if (invoice) markPaid(world, invoice);
  else invoiceSale(world, { session, plans: plansOf(world, session), percentOff: percentOff(session) }, intent);
  world.emit('checkout.session.async_payment_succeeded', session);
}

/** The bank's money did not arrive. */
export function failDelayed(world: World, sessionId: string): void {
  const { session, invoice, intent } = delayed(world, sessionId);
  decline(world, intent);
  if (invoice) fail(world, invoice, 'payment_failed');
  world.emit('checkout.session.async_payment_failed', session);
}

function delayed(world: World, id: string) {
  const session = world.sessions.get(id);
  const invoice = world.invoices.get(idOf(session?.invoice) ?? '');
  const paidBy = invoice ? paymentOf(world, invoice)?.payment.payment_intent : session?.payment_intent;
  const intent = world.intents.get(idOf(paidBy) ?? '');
  if (!session || intent?.status !== 'processing') throw new Error(`session ${id} waits for no bank`);
  return { session, invoice, intent };
}

const percentOff = ({ total_details, amount_subtotal }: Stripe.Checkout.Session): number =>
  amount_subtotal ? (100 * (total_details?.amount_discount ?? 0)) / amount_subtotal : 0;
