import type Stripe from 'stripe';
import { invalid } from '../api/refusal.ts';
import { disputeMovement, newDispute, newRefund } from '../objects/refund.ts';
import type { World } from '../world.ts';

/** Gives money of a charge back: all that is left, or `amount`. Refuses what the API refuses. */
export function refund(world: World, charge: Stripe.Charge, amount?: number, about: Partial<Stripe.Refund> = {}): Stripe.Refund {
  const left = charge.amount_captured - charge.amount_refunded;
  if (charge.status !== 'succeeded') throw invalid('This charge did not succeed and cannot be refunded.');
  if (left <= 0) throw invalid(`Charge ${charge.id} has already been refunded.`, undefined, 'charge_already_refunded');
  if (charge.disputed && ![...world.disputes.values()].some((one) => one.charge === charge.id && one.is_charge_refundable))
    throw invalid(`Charge ${charge.id} has been charged back; cannot issue a refund.`, undefined, 'charge_disputed');
  const wanted = amount ?? left;
  if (wanted < 1) throw invalid('Invalid positive integer', 'amount', 'parameter_invalid_integer');
  if (wanted > left) throw invalid(`Refund amount (${wanted}) is greater than unrefunded amount on charge (${left})`, 'amount');
  const made = Object.assign(newRefund(world, charge, wanted), about);
  count(charge, wanted);
  world.emit('refund.created', made);
  world.emit('charge.refunded', charge);
  return made;
}

/** A pending refund arrived. */
export function completeRefund(world: World, id: string): void {
  const made = known(world, id);
  if (made.status !== 'pending' && made.status !== 'requires_action') throw new Error(`refund ${id} is ${made.status}`);
  move(world, made, 'succeeded');
}

/** The bank sent it back: the money is the seller's again. That happens to refunds that had succeeded, too. */
export function failRefund(world: World, id: string): void {
  const made = known(world, id);
  if (made.status === 'failed' || made.status === 'canceled') throw new Error(`refund ${id} is ${made.status}`);
  made.failure_reason = 'lost_or_stolen_card';
  made.failure_balance_transaction = world.id('txn');
  const charge = world.charges.get(String(made.charge));
  if (charge) count(charge, -made.amount);
  move(world, made, 'failed');
  world.emit('refund.failed', made);
}

function move(world: World, made: Stripe.Refund, status: string): void {
  const before = { status: made.status };
  made.status = status;
  world.emit('refund.updated', made, before);
  world.emit('charge.refund.updated', made, before);
}

function known(world: World, id: string): Stripe.Refund {
  const made = world.refunds.get(id);
  if (!made) throw new Error(`there is no refund ${id}`);
  return made;
}

function count(charge: Stripe.Charge, amount: number): void {
  charge.amount_refunded += amount;
  charge.refunded = charge.amount_refunded >= charge.amount_captured;
}

export interface DisputeCase {
  readonly id: string;
  win(): void;
  lose(): void;
  /** Any other state: under_review, warning_closed, prevented … */
  become(status: Stripe.Dispute.Status): void;
}

export interface DisputeOptions {
  /** All of the charge where left out. */
  amount?: number;
  reason?: string;
  /** A question of the bank before any money moves. */
  inquiry?: boolean;
}

/** The person's bank takes a charge back. */
export function dispute(world: World, charge: Stripe.Charge, options: DisputeOptions = {}): DisputeCase {
  const { amount = charge.amount, reason = 'fraudulent', inquiry = false } = options;
  const made = newDispute(world, charge, { amount, reason, inquiry });
  charge.disputed = true;
  world.emit('charge.dispute.created', made);
  if (!inquiry) {
    made.balance_transactions.push(disputeMovement(world, made, -amount));
    world.emit('charge.dispute.funds_withdrawn', made);
  }
  return {
    id: made.id,
    win() {
      made.status = 'won';
      made.is_charge_refundable = true;
      if (made.balance_transactions.length > 0) {
        made.balance_transactions.push(disputeMovement(world, made, amount));
        world.emit('charge.dispute.funds_reinstated', made);
      }
      world.emit('charge.dispute.closed', made);
    },
    lose() {
      made.status = 'lost';
      world.emit('charge.dispute.closed', made);
    },
    become(status) {
      const before = { status: made.status };
      made.status = status;
      world.emit(
        status === 'warning_closed' || status === 'prevented' ? 'charge.dispute.closed' : 'charge.dispute.updated',
        made,
        before,
      );
    },
  };
}

/** The card network suspects fraud; `actionable` while a refund could still prevent a dispute. */
export function fraudWarning(world: World, charge: Stripe.Charge, actionable = true): Stripe.Radar.EarlyFraudWarning {
  const warning: Stripe.Radar.EarlyFraudWarning = {
    id: world.id('issfr'),
    object: 'radar.early_fraud_warning',
    actionable,
    charge: charge.id,
    created: world.now(),
    fraud_type: 'made_with_stolen_card',
    livemode: false,
    ...(typeof charge.payment_intent === 'string' && { payment_intent: charge.payment_intent }),
  };
  world.warnings.set(warning.id, warning);
  world.emit('radar.early_fraud_warning.created', warning);
  return warning;
}
