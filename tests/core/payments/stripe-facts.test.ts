import { expect, test } from 'vitest';
import type { Stripe } from '../../../core/payments/stripe.ts';
import { disputeComponent, planLines, planStatus, refundComponent, sessionState } from '../../../core/payments/stripe-facts.ts';

/** The few fields that a rule reads, as the whole object that Stripe would send. */
const as = <Whole>(part: Partial<{ [Name in keyof Whole]: unknown }>): Whole => part as Whole;

test.each([
  [{ status: 'open', payment_status: 'unpaid' }, 'open'],
  [{ status: 'expired', payment_status: 'unpaid' }, 'expired'],
  [{ status: 'complete', payment_status: 'paid' }, 'paid'],
  [{ status: 'complete', payment_status: 'no_payment_required' }, 'paid'],
  [{ status: 'complete', payment_status: 'unpaid', payment_intent: { status: 'processing' } }, 'processing'],
  [{ status: 'complete', payment_status: 'unpaid', payment_intent: { status: 'requires_payment_method' } }, 'failed'],
  [{ status: 'complete', payment_status: 'unpaid', payment_intent: { status: 'canceled' } }, 'failed'],
  [{ status: 'complete', payment_status: 'unpaid', payment_intent: null }, 'processing'],
  [{ status: 'complete', payment_status: 'half_paid' }, 'unknown'],
  [{ status: 'frozen', payment_status: 'paid' }, 'unknown'],
])('a session that is %j is %s', (session, state) => {
  expect(sessionState(as<Stripe.Checkout.Session>(session))).toBe(state);
});

const line = (amount: number, changes: object = {}): Stripe.InvoiceLineItem =>
  as<Stripe.InvoiceLineItem>({
    id: 'il_1',
    amount,
    quantity: 1,
    period: { start: 1, end: 1_000 },
    pricing: { price_details: { price: 'price_1' } },
    parent: { type: 'subscription_item_details', subscription_item_details: { proration: false } },
    ...changes,
  });

test('a month comes with a line of a subscription that is no proration and costs something', () => {
  expect(planLines([line(999)])).toEqual([{ id: 'il_1', priceId: 'price_1', quantity: 1, periodEnd: 1_000_000 }]);
});

test.each([
  ['a proration', line(400, { parent: { type: 'subscription_item_details', subscription_item_details: { proration: true } } })],
  ['the unused time of the plan before', line(-400)],
  ['a trial', line(0)],
  ['a single sale', line(499, { parent: { type: 'invoice_item_details', invoice_item_details: {} } })],
  ['a line without a parent', line(499, { parent: null })],
])('%s brings no month', (_, found) => {
  expect(planLines([found])).toEqual([]);
});

test.each([
  ['active', false, 'active'],
  ['trialing', false, 'active'],
  ['active', true, 'ending'],
  ['past_due', false, 'past_due'],
  ['unpaid', false, 'ended'],
  ['canceled', false, 'ended'],
  ['incomplete_expired', false, 'ended'],
  ['paused', false, 'ended'],
  ['incomplete', false, undefined],
  ['on_holiday', false, 'unknown'],
])('a subscription that is %s (ending: %s) is %s', (status, cancel_at_period_end, expected) => {
  expect(planStatus(as<Stripe.Subscription>({ status, cancel_at_period_end, cancel_at: null }))).toBe(expected);
});

test.each([
  ['pending', true],
  ['requires_action', true],
  ['succeeded', true],
  ['failed', false],
  ['canceled', false],
])('a refund that is %s counts: %s', (status, counts) => {
  expect(refundComponent(as<Stripe.Refund>({ id: 're_1', amount: 5, status }))).toMatchObject({ counts, amountMinor: 5 });
});

test('a refund in a state nobody has heard of moves nothing', () => {
  expect(refundComponent(as<Stripe.Refund>({ id: 're_1', amount: 5, status: 'teleported' }))).toBeUndefined();
});

const dispute = (status: string, ...moves: number[]) =>
  as<Stripe.Dispute>({ id: 'du_1', amount: 499, status, balance_transactions: moves.map((amount) => ({ amount })) });

test.each([
  ['warning_needs_response', [], false, false],
  ['warning_under_review', [], false, false],
  ['warning_closed', [], false, false],
  ['needs_response', [], true, true],
  ['under_review', [-499], true, true],
  ['lost', [-499], true, false],
  ['won', [-499, 499], false, false],
  ['won', [-499], false, false],
  ['prevented', [], false, false],
  ['under_review', [-499, 499], false, true],
  ['appeal_needs_response', [-499], true, true],
  ['appeal_under_review', [-499], true, true],
  ['lost', [-499, 499, -499], true, false],
])('a dispute that is %s with movements %j counts: %s, restricts: %s', (status, moves, counts, isOpen) => {
  expect(disputeComponent(dispute(status, ...moves), false).component).toMatchObject({ counts, isOpen });
});

test('a dispute in a state nobody has heard of freezes: restricted, credits as they are', () => {
  for (const known of [true, false]) {
    expect(disputeComponent(dispute('in_orbit', -499), known)).toMatchObject({
      isUnknown: true,
      component: { counts: known, isOpen: true },
    });
  }
});

test('a movement of money outranks every status before it', () => {
  const ranks = [dispute('won'), dispute('needs_response', -499), dispute('won', -499), dispute('lost', -499, 499)].map(
    (one) => disputeComponent(one, false).component.rank,
  );
  expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
});
