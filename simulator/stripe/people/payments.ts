import type Stripe from 'stripe';
import { createCharge } from '../objects/payment.ts';
import type { World } from '../world.ts';

/** What can become of an intent. Each tells what Stripe would tell. */

export function succeed(world: World, intent: Stripe.PaymentIntent): void {
  const waiting = world.charges.get(typeof intent.latest_charge === 'string' ? intent.latest_charge : '');
  const charge = waiting?.status === 'pending' ? waiting : createCharge(world, intent, 'succeeded');
  charge.status = 'succeeded';
  charge.balance_transaction ??= world.id('txn');
  intent.status = 'succeeded';
  intent.amount_received = intent.amount;
  intent.last_payment_error = null;
  intent.next_action = null;
  world.emit('charge.succeeded', charge);
  world.emit('payment_intent.succeeded', intent);
}

/** The bank says no, or a delayed payment does not arrive. */
export function decline(world: World, intent: Stripe.PaymentIntent): void {
  const waiting = world.charges.get(typeof intent.latest_charge === 'string' ? intent.latest_charge : '');
  const charge = waiting?.status === 'pending' ? waiting : createCharge(world, intent, 'failed');
  Object.assign(charge, { status: 'failed', paid: false, captured: false, amount_captured: 0, failure_code: 'card_declined' });
  intent.status = 'requires_payment_method';
  intent.next_action = null;
  intent.last_payment_error = {
    type: 'card_error',
    code: 'card_declined',
    decline_code: 'generic_decline',
    message: 'Your card was declined.',
    charge: charge.id,
  };
  world.emit('charge.failed', charge);
  world.emit('payment_intent.payment_failed', intent);
}

/** A bank debit is on its way and takes days. */
export function waitForBank(world: World, intent: Stripe.PaymentIntent): void {
  const charge = createCharge(world, intent, 'pending');
  intent.status = 'processing';
  world.emit('charge.pending', charge);
  world.emit('payment_intent.processing', intent);
}

/** The bank wants the person to confirm. */
export function demandAction(world: World, intent: Stripe.PaymentIntent): void {
  intent.status = 'requires_action';
  intent.next_action = { type: 'use_stripe_sdk' };
  world.emit('payment_intent.requires_action', intent);
}
