import { describe, expect, it } from 'vitest';
import { refusal, stage } from './stage.ts';

describe('a checkout session of the simulated Stripe', () => {
  it('carries the order to session, payment, charge and receipt', async () => {
    const { simulator, stripe, checkout, complaints, seconds } = await stage();
    const metadata = { orderId: 'o1' };
    const made = await checkout({
      client_reference_id: 'o1',
      metadata,
      payment_intent_data: { metadata },
      invoice_creation: { enabled: true, invoice_data: { metadata } },
      consent_collection: { terms_of_service: 'required' },
      expires_at: seconds() + 3600,
    });
    expect(made).toMatchObject({ status: 'open', payment_status: 'unpaid', payment_intent: null, amount_total: 499, metadata });
    expect(made.url).toBe(`${simulator.url}/c/pay/${made.id}`);
    simulator.pay(made.id, 'card');
    const paid = await stripe.checkout.sessions.retrieve(made.id, {
      expand: ['line_items', 'payment_intent.latest_charge', 'invoice.payments'],
    });
    expect(paid).toMatchObject({
      status: 'complete',
      payment_status: 'paid',
      client_reference_id: 'o1',
      url: null,
      consent: { terms_of_service: 'accepted' },
      line_items: { data: [{ quantity: 1, price: { lookup_key: 'pack-s', unit_amount: 499 } }], has_more: false },
      payment_intent: { status: 'succeeded', metadata, latest_charge: { amount: 499, metadata, refunded: false } },
      invoice: { status: 'paid', metadata, billing_reason: 'manual', parent: null, payments: { data: [{ status: 'paid' }] } },
    });
    expect((await stripe.checkout.sessions.listLineItems(made.id)).data[0]?.price?.unit_amount_decimal?.toString()).toBe('499');
    expect(complaints()).toEqual([]);
  });

  it('stays open after a declined card and ends with the next try', async () => {
    const { simulator, stripe, checkout, types, complaints } = await stage();
    const { id } = await checkout();
    simulator.pay(id, 'declined');
    expect(await stripe.checkout.sessions.retrieve(id)).toMatchObject({ status: 'open', payment_status: 'unpaid' });
    simulator.pay(id, '3ds');
    const { payment_intent } = await stripe.checkout.sessions.retrieve(id);
    expect((await stripe.paymentIntents.retrieve(String(payment_intent))).status).toBe('succeeded');
    expect((await stripe.charges.list({ payment_intent: String(payment_intent) })).data.map(({ status }) => status)).toEqual([
      'succeeded',
      'failed',
    ]);
    expect(() => simulator.pay(id, 'card')).toThrow('is complete');
    await simulator.idle();
    expect(types()).toEqual([
      'payment_intent.created',
      'charge.failed',
      'payment_intent.payment_failed',
      'payment_intent.requires_action',
      'charge.succeeded',
      'payment_intent.succeeded',
      'checkout.session.completed',
    ]);
    expect(complaints()).toEqual([]);
  });

  it.each(['arrives', 'fails'] as const)('is complete but unpaid while a bank takes days, until the money %s', async (how) => {
    const { simulator, stripe, checkout, types, complaints } = await stage();
    const { id } = await checkout({ invoice_creation: { enabled: true } });
    simulator.pay(id, 'delayed');
    expect(await stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent'] })).toMatchObject({
      status: 'complete',
      payment_status: 'unpaid',
      invoice: null,
      payment_intent: { status: 'processing' },
    });
    if (how === 'arrives') simulator.completeDelayed(id);
    else simulator.failDelayed(id);
    expect((await stripe.checkout.sessions.retrieve(id)).payment_status).toBe(how === 'arrives' ? 'paid' : 'unpaid');
    expect(() => simulator.completeDelayed(id)).toThrow('waits for no bank');
    await simulator.idle();
    expect(types().at(-1)).toBe(`checkout.session.async_payment_${how === 'arrives' ? 'succeeded' : 'failed'}`);
    expect(complaints()).toEqual([]);
  });

  it('needs no payment with a full discount, and has none to hang on', async () => {
    const { simulator, stripe, checkout, complaints } = await stage();
    const { id } = await checkout({ allow_promotion_codes: true, invoice_creation: { enabled: true } });
    expect(() => simulator.pay(id, 'card', 'NONE')).toThrow('invalid');
    simulator.pay(id, 'card', 'free');
    expect(await stripe.checkout.sessions.retrieve(id, { expand: ['invoice'] })).toMatchObject({
      payment_status: 'no_payment_required',
      payment_intent: null,
      amount_total: 0,
      amount_subtotal: 499,
      invoice: { status: 'paid', total: 0, subtotal: 499 },
    });
    const other = await checkout({ allow_promotion_codes: true });
    simulator.pay(other.id, 'card', 'HALF');
    expect(await stripe.checkout.sessions.retrieve(other.id)).toMatchObject({ payment_status: 'paid', amount_total: 249 });
    const plain = await checkout();
    expect(() => simulator.pay(plain.id, 'card', 'FREE')).toThrow('invalid');
    expect(complaints()).toEqual([]);
  });

  it('adds tax where that is switched on, and asks for the address it needs', async () => {
    const { simulator, stripe, checkout, complaints } = await stage();
    simulator.taxPercent = 19;
    expect(await refusal(checkout({ automatic_tax: { enabled: true } }))).toContain('400 customer_tax_location_invalid');
    const { id } = await checkout({ automatic_tax: { enabled: true }, customer_update: { address: 'auto' } });
    simulator.pay(id, 'card');
    const paid = await stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent'] });
    expect(paid).toMatchObject({ amount_total: 594, total_details: { amount_tax: 95 }, payment_intent: { amount: 594 } });
    expect(complaints()).toEqual([]);
  });

  it('expires when asked and by the clock, and cannot be paid then', async () => {
    const { simulator, stripe, checkout, clock, seconds, complaints } = await stage();
    const asked = await checkout();
    await stripe.checkout.sessions.expire(asked.id);
    expect(await refusal(stripe.checkout.sessions.expire(asked.id))).toContain('status of expired');
    const forgotten = await checkout({ expires_at: seconds() + 1800 });
    clock.advance(1_801_000);
    expect(() => simulator.pay(forgotten.id, 'card')).toThrow('is expired');
    expect(await stripe.checkout.sessions.retrieve(forgotten.id)).toMatchObject({ status: 'expired', url: null });
    expect((await stripe.events.list({ type: 'checkout.session.expired' })).data).toHaveLength(2);
    expect(complaints()).toEqual([]);
  });

  it('is found by customer, payment, subscription, time and state', async () => {
    const { simulator, stripe, checkout, clock, customer, subscribe, seconds } = await stage();
    const first = await checkout();
    simulator.pay(first.id, 'card');
    clock.advance(60_000);
    const { id: subscription } = await subscribe();
    const found = async (params: Parameters<typeof stripe.checkout.sessions.list>[0]) =>
      (await stripe.checkout.sessions.list(params)).data.map(({ id }) => id);
    const paid = await stripe.checkout.sessions.retrieve(first.id);
    expect(await found({ payment_intent: String(paid.payment_intent) })).toEqual([first.id]);
    expect(await found({ subscription })).toHaveLength(1);
    expect(await found({ customer })).toHaveLength(2);
    expect(await found({ customer: 'cus_other' })).toEqual([]);
    expect(await found({ created: { lt: seconds() } })).toEqual([first.id]);
    expect(await found({ created: { gte: seconds() } })).not.toContain(first.id);
    expect(await found({ status: 'open' })).toEqual([]);
  });

  it('is refused where Stripe refuses it', async () => {
    const { stripe, checkout, prices, seconds } = await stage();
    const said = (params: Parameters<typeof checkout>[0]) => refusal(checkout(params));
    expect(await said({ line_items: [{ price: prices.plus, quantity: 1 }] })).toContain('recurring price');
    expect(await said({ mode: 'subscription' })).toContain('at least one recurring price');
    expect(await said({ line_items: [{ price: 'price_none', quantity: 1 }] })).toContain('400 resource_missing');
    expect(await said({ customer: 'cus_none' })).toContain('400 resource_missing');
    expect(await said({ expires_at: seconds() + 60 })).toContain('at least 30 minutes');
    expect(await said({ expires_at: seconds() + 90_000 })).toContain('less than 24 hours');
    expect(await said({ client_reference_id: 'x'.repeat(201) })).toContain('at most 200 characters');
    expect(await said({ success_url: 'nowhere' })).toContain('url_invalid');
    expect(
      await said({
        subscription_data: {},
        payment_intent_data: { metadata: { a: 'b' } },
        mode: 'subscription',
        line_items: [{ price: prices.plus, quantity: 1 }],
      }),
    ).toContain('payment_intent_data');
    expect(await said({ metadata: { key: 'x'.repeat(501) } })).toContain('up to 500');
    const gone: object = { payment_method_types: ['card'] };
    expect(await said(gone)).toContain('parameter_unknown');
    await stripe.prices.update(prices.pack, { active: false });
    expect(await said({})).toContain('inactive');
  });
});
