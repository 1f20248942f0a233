import { describe, expect, it } from 'vitest';
import { refusal, type Stage, stage } from './stage.ts';

async function sold(set: Stage): Promise<{ intent: string; charge: string; session: string }> {
  const { id } = await set.checkout();
  set.simulator.pay(id, 'card');
  const session = await set.stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent'] });
  if (session.payment_intent === null || typeof session.payment_intent === 'string') throw new Error('it was not expanded');
  return { session: id, intent: session.payment_intent.id, charge: String(session.payment_intent.latest_charge) };
}

describe('money that goes back in the simulated Stripe', () => {
  it('is refunded in parts until nothing is left', async () => {
    const set = await stage();
    const { stripe, simulator, complaints } = set;
    const { intent, charge } = await sold(set);
    const part = await stripe.refunds.create({
      payment_intent: intent,
      amount: 100,
      reason: 'requested_by_customer',
      metadata: { why: 'unused' },
    });
    expect(part).toMatchObject({ status: 'succeeded', amount: 100, charge, payment_intent: intent, metadata: { why: 'unused' } });
    expect(await refusal(stripe.refunds.create({ charge, amount: 400 }))).toContain('greater than unrefunded amount');
    expect(await stripe.charges.retrieve(charge)).toMatchObject({ amount_refunded: 100, refunded: false });
    simulator.refund(intent);
    const whole = await stripe.charges.retrieve(charge, { expand: ['refunds'] });
    expect(whole).toMatchObject({ amount_refunded: 499, refunded: true, refunds: { data: { length: 2 } } });
    expect(await refusal(stripe.refunds.create({ payment_intent: intent }))).toContain('400 charge_already_refunded');
    expect((await stripe.refunds.list({ payment_intent: intent })).data.map(({ amount }) => amount)).toEqual([399, 100]);
    expect(await refusal(stripe.refunds.create({ payment_intent: 'pi_none' }))).toContain('404 resource_missing');
    expect(complaints()).toEqual([]);
  });

  it('comes back when a refund fails', async () => {
    const set = await stage();
    const { stripe, simulator, posts, types, complaints } = set;
    const { intent, charge } = await sold(set);
    await simulator.idle();
    posts.splice(0);
    simulator.refundStatus = 'pending';
    const { id } = simulator.refund(intent);
    simulator.completeRefund(id);
    simulator.failRefund(id);
    expect(await stripe.refunds.retrieve(id)).toMatchObject({ status: 'failed', failure_reason: 'lost_or_stolen_card' });
    expect(await stripe.charges.retrieve(charge)).toMatchObject({ amount_refunded: 0, refunded: false });
    expect(() => simulator.failRefund(id)).toThrow('is failed');
    await simulator.idle();
    const updated = ['refund.updated', 'charge.refund.updated'];
    expect(types()).toEqual(['refund.created', 'charge.refunded', ...updated, ...updated, 'refund.failed']);
    expect(complaints()).toEqual([]);
  });

  it.each(['win', 'lose'] as const)('is taken by a dispute which the seller can %s', async (how) => {
    const set = await stage();
    const { stripe, simulator, posts, types, complaints } = set;
    const { intent, charge } = await sold(set);
    await simulator.idle();
    posts.splice(0);
    const dispute = simulator.dispute(intent);
    expect(await stripe.disputes.retrieve(dispute.id)).toMatchObject({
      status: 'needs_response',
      amount: 499,
      charge,
      payment_intent: intent,
    });
    expect(await stripe.charges.retrieve(charge)).toMatchObject({ disputed: true });
    expect(await refusal(stripe.refunds.create({ payment_intent: intent }))).toContain('400 charge_disputed');
    dispute[how]();
    const [closed] = (await stripe.disputes.list({ payment_intent: intent })).data;
    expect(closed?.status).toBe(how === 'win' ? 'won' : 'lost');
    expect(closed?.balance_transactions.map(({ amount }) => amount)).toEqual(how === 'win' ? [-499, 499] : [-499]);
    await simulator.idle();
    const reinstated = how === 'win' ? ['charge.dispute.funds_reinstated'] : [];
    expect(types()).toEqual(['charge.dispute.created', 'charge.dispute.funds_withdrawn', ...reinstated, 'charge.dispute.closed']);
    if (how === 'win') expect(await stripe.refunds.create({ payment_intent: intent })).toMatchObject({ amount: 499 });
    expect(complaints()).toEqual([]);
  });

  it('stays during an inquiry', async () => {
    const set = await stage();
    const { stripe, simulator } = set;
    const { session } = await sold(set);
    const inquiry = simulator.dispute(session, { inquiry: true, amount: 200 });
    inquiry.become('warning_under_review');
    expect(await stripe.disputes.retrieve(inquiry.id)).toMatchObject({
      status: 'warning_under_review',
      amount: 200,
      balance_transactions: [],
    });
    inquiry.become('warning_closed');
    expect((await stripe.events.list({ type: 'charge.dispute.closed' })).data).toHaveLength(1);
  });

  it('is announced by a fraud warning', async () => {
    const set = await stage();
    const { stripe, simulator, complaints } = set;
    const { charge, intent } = await sold(set);
    const { id } = simulator.fraudWarning(charge);
    expect(await stripe.radar.earlyFraudWarnings.retrieve(id)).toMatchObject({
      actionable: true,
      charge,
      payment_intent: intent,
    });
    expect((await stripe.radar.earlyFraudWarnings.list({ charge })).data).toHaveLength(1);
    expect(complaints()).toEqual([]);
  });

  it('belongs to the invoice that the payment was for', async () => {
    const set = await stage();
    const { stripe, simulator, subscribe, complaints } = set;
    const { latest_invoice } = await subscribe();
    const { payment_intent } = simulator.refund(String(latest_invoice), 300);
    const found = await stripe.invoicePayments.list({
      payment: { type: 'payment_intent', payment_intent: String(payment_intent) },
      expand: ['data.invoice'],
    });
    expect(found.data).toMatchObject([{ invoice: { id: latest_invoice, billing_reason: 'subscription_create' } }]);
    expect(complaints()).toEqual([]);
  });
});
