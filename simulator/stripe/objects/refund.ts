import type Stripe from 'stripe';
import { DAY, idOf, type World } from '../world.ts';

export function newRefund(world: World, charge: Stripe.Charge, amount: number): Stripe.Refund {
  const refund: Stripe.Refund = {
    id: world.id('re'),
    object: 'refund',
    amount,
    balance_transaction: world.id('txn'),
    charge: charge.id,
    created: world.now(),
    currency: charge.currency,
    customer: idOf(charge.customer) ?? null,
    customer_account: null,
    destination_details: { type: 'card' },
    metadata: {},
    payment_intent: idOf(charge.payment_intent) ?? null,
    payment_method: charge.payment_method,
    reason: null,
    receipt_number: null,
    source_transfer_reversal: null,
    status: world.knobs.refundStatus,
    transfer_reversal: null,
  };
  world.refunds.set(refund.id, refund);
  return refund;
}

export function newDispute(
  world: World,
  charge: Stripe.Charge,
  about: { amount: number; reason: string; inquiry: boolean },
): Stripe.Dispute {
  const dispute: Stripe.Dispute = {
    id: world.id('du'),
    object: 'dispute',
    amount: about.amount,
    balance_transactions: [],
    charge: charge.id,
    created: world.now(),
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: noEvidence(),
    evidence_details: {
      due_by: world.now() + 7 * DAY,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'not_submitted',
    },
    intended_submission_method: null,
    is_charge_refundable: about.inquiry,
    livemode: false,
    metadata: {},
    payment_intent: idOf(charge.payment_intent) ?? null,
    reason: about.reason,
    status: about.inquiry ? 'warning_needs_response' : 'needs_response',
  };
  world.disputes.set(dispute.id, dispute);
  return dispute;
}

/** Money that leaves (negative) or comes back for a dispute. */
export function disputeMovement(world: World, dispute: Stripe.Dispute, amount: number): Stripe.BalanceTransaction {
  const fee = amount < 0 ? 1500 : 0;
  return {
    id: world.id('txn'),
    object: 'balance_transaction',
    amount,
    available_on: world.now(),
    balance_type: 'payments',
    created: world.now(),
    currency: dispute.currency,
    description: amount < 0 ? 'Chargeback withdrawal' : 'Chargeback reversal',
    exchange_rate: null,
    fee,
    fee_details:
      fee > 0
        ? [{ amount: fee, application: null, currency: dispute.currency, description: 'Dispute fee', type: 'stripe_fee' }]
        : [],
    net: amount - fee,
    reporting_category: amount < 0 ? 'dispute' : 'dispute_reversal',
    source: dispute.id,
    status: 'available',
    type: 'adjustment',
  };
}

const noEvidence = (): Stripe.Dispute.Evidence => ({
  access_activity_log: null,
  billing_address: null,
  cancellation_policy: null,
  cancellation_policy_disclosure: null,
  cancellation_rebuttal: null,
  customer_communication: null,
  customer_email_address: null,
  customer_name: null,
  customer_purchase_ip: null,
  customer_signature: null,
  duplicate_charge_documentation: null,
  duplicate_charge_explanation: null,
  duplicate_charge_id: null,
  enhanced_evidence: {},
  product_description: null,
  receipt: null,
  refund_policy: null,
  refund_policy_disclosure: null,
  refund_refusal_explanation: null,
  service_date: null,
  service_documentation: null,
  shipping_address: null,
  shipping_carrier: null,
  shipping_date: null,
  shipping_documentation: null,
  shipping_tracking_number: null,
  uncategorized_file: null,
  uncategorized_text: null,
});
