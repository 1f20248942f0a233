import { describe, expect, it } from 'vitest';
import { refusal, stage } from './stage.ts';

const seconds = (year: number, month: number, day: number) => Date.UTC(year, month - 1, day) / 1000;

describe('a subscription of the simulated Stripe', () => {
  it('starts with a paid invoice whose full line is no proration', async () => {
    const { stripe, subscribe, prices, complaints } = await stage();
    const subscription = await subscribe();
    expect(subscription).toMatchObject({ status: 'active', metadata: { orderId: 'o1' }, cancel_at_period_end: false });
    const [item] = subscription.items.data;
    expect(item).toMatchObject({ current_period_start: seconds(2026, 11, 24), current_period_end: seconds(2026, 12, 24) });
    const invoice = await stripe.invoices.retrieve(String(subscription.latest_invoice), {
      expand: ['payments.data.payment.payment_intent'],
    });
    expect(invoice).toMatchObject({
      status: 'paid',
      billing_reason: 'subscription_create',
      amount_paid: 999,
      parent: {
        type: 'subscription_details',
        subscription_details: { subscription: subscription.id, metadata: { orderId: 'o1' } },
      },
      payments: {
        data: [
          {
            status: 'paid',
            is_default: true,
            payment: { type: 'payment_intent', payment_intent: { status: 'succeeded', amount: 999 } },
          },
        ],
      },
    });
    expect(invoice.lines.data).toMatchObject([
      {
        amount: 999,
        period: { start: item?.current_period_start, end: item?.current_period_end },
        parent: {
          type: 'subscription_item_details',
          subscription_item_details: { proration: false, subscription_item: item?.id },
        },
        pricing: { type: 'price_details', price_details: { price: prices.plus } },
      },
    ]);
    expect(complaints()).toEqual([]);
  });

  it('tells of its start and of a renewal in this order', async () => {
    const { simulator, subscribe, types, posts, complaints } = await stage();
    const { id } = await subscribe();
    await simulator.idle();
    expect(types()).toEqual([
      'customer.subscription.created',
      'invoice.created',
      'invoice.finalized',
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.succeeded',
      'invoice_payment.paid',
      'invoice.paid',
      'invoice.payment_succeeded',
      'customer.subscription.updated',
      'checkout.session.completed',
    ]);
    posts.splice(0);
    const invoice = simulator.renew(id, 'draft');
    await simulator.idle();
    expect(types()).toEqual(['customer.subscription.updated', 'invoice.created']);
    simulator.collect(invoice?.id ?? '', 'paid');
    await simulator.idle();
    expect(types()).toContain('invoice.paid');
    expect(complaints()).toEqual([]);
  });

  it('keeps the day of its anchor through short months', async () => {
    const { simulator, stripe, subscribe, clock } = await stage();
    clock.advance(68 * 86_400_000);
    const { id } = await subscribe();
    const ends: number[] = [];
    for (let month = 0; month < 3; month += 1) {
      ends.push((await stripe.subscriptions.retrieve(id)).items.data[0]?.current_period_end ?? 0);
      simulator.renew(id);
    }
    expect(ends).toEqual([seconds(2027, 2, 28), seconds(2027, 3, 31), seconds(2027, 4, 30)]);
    const invoices = await stripe.invoices.list({ subscription: id, status: 'paid' });
    expect(invoices.data.map(({ billing_reason }) => billing_reason)).toEqual([
      'subscription_cycle',
      'subscription_cycle',
      'subscription_cycle',
      'subscription_create',
    ]);
  });

  it('falls behind when a renewal is not paid, and recovers when it is', async () => {
    const { simulator, stripe, subscribe, posts, types, complaints } = await stage();
    const { id } = await subscribe();
    await simulator.idle();
    posts.splice(0);
    const invoice = simulator.renew(id, 'action_required');
    expect((await stripe.subscriptions.retrieve(id)).status).toBe('past_due');
    simulator.collect(invoice?.id ?? '', 'payment_failed');
    const open = await stripe.invoices.retrieve(invoice?.id ?? '');
    expect(open).toMatchObject({ status: 'open', attempt_count: 2, amount_remaining: 999 });
    expect(open.hosted_invoice_url).toContain(`${simulator.url}/i/in_`);
    simulator.collect(open.id, 'paid');
    expect((await stripe.subscriptions.retrieve(id)).status).toBe('active');
    expect(() => simulator.collect(open.id, 'paid')).toThrow('is paid');
    await simulator.idle();
    for (const type of ['invoice.payment_action_required', 'invoice.payment_failed', 'invoice.paid'])
      expect(types()).toContain(type);
    expect(complaints()).toEqual([]);
  });

  it('begins a new full period when the plan changes with the anchor now', async () => {
    const { simulator, stripe, subscribe, prices, clock, seconds: now, complaints } = await stage();
    const { id, items } = await subscribe();
    clock.advance(15 * 86_400_000);
    const changed = await stripe.subscriptions.update(id, {
      items: [{ id: items.data[0]?.id ?? '', price: prices.pro }],
      billing_cycle_anchor: { type: 'now' },
      proration_behavior: 'always_invoice',
      expand: ['latest_invoice'],
    });
    expect(changed.items.data).toMatchObject([{ price: { id: prices.pro }, current_period_start: now() }]);
    expect(changed.latest_invoice).toMatchObject({ status: 'paid', billing_reason: 'subscription_update', total: 1999 - 500 });
    const lines = await stripe.invoices.listLineItems(simulator.subscriptions.get(id)?.latest_invoice?.toString() ?? '');
    expect(lines.data.map(({ amount, parent }) => [amount, parent?.subscription_item_details?.proration])).toEqual([
      [-500, true],
      [1999, false],
    ]);
    expect(complaints()).toEqual([]);
  });

  it('bills prorations with the next renewal, or at once and alone, when the period goes on', async () => {
    const { simulator, stripe, subscribe, prices, clock, complaints } = await stage();
    const { id } = await subscribe();
    clock.advance(15 * 86_400_000);
    expect(simulator.changePlan(id, prices.pro)).toBeUndefined();
    const renewal = simulator.renew(id);
    expect(renewal?.lines.data.map(({ amount }) => amount)).toEqual([-500, 1000, 1999]);
    const alone = simulator.changePlan(id, prices.plus, { proration: 'always_invoice' });
    expect(alone?.lines.data.every(({ parent }) => parent?.subscription_item_details?.proration)).toBe(true);
    expect(alone).toMatchObject({ status: 'paid', amount_due: 0 });
    expect((await stripe.invoicePayments.list({ invoice: alone?.id ?? '' })).data).toEqual([]);
    expect(complaints()).toEqual([]);
  });

  it('pages the lines of an invoice that has more than it shows', async () => {
    const { simulator, stripe, subscribe, prices, clock } = await stage();
    const { id } = await subscribe();
    simulator.embeddedLines = 2;
    clock.advance(86_400_000);
    simulator.changePlan(id, prices.pro);
    const renewal = simulator.renew(id);
    expect(renewal?.lines).toMatchObject({ has_more: true, data: { length: 2 } });
    const all = await stripe.invoices.listLineItems(renewal?.id ?? '', { limit: 1 }).autoPagingToArray({ limit: 100 });
    expect(all.map(({ amount }) => amount)).toHaveLength(3);
    expect(all.at(-1)?.amount).toBe(1999);
  });

  it('ends at the end of its period when cancelled, unless that is taken back, or now', async () => {
    const { simulator, stripe, subscribe, customer, complaints } = await stage();
    const { id } = await subscribe();
    const ending = await stripe.subscriptions.update(id, { cancel_at_period_end: true });
    expect(ending).toMatchObject({ status: 'active', cancel_at_period_end: true, cancel_at: seconds(2026, 12, 24) });
    expect(await stripe.subscriptions.update(id, { cancel_at_period_end: false })).toMatchObject({
      cancel_at: null,
      canceled_at: null,
    });
    simulator.cancel(id);
    expect(simulator.renew(id)).toBeUndefined();
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ status: 'canceled', ended_at: seconds(2026, 11, 24) });
    expect(() => simulator.renew(id)).toThrow('is canceled');
    const second = await subscribe();
    await stripe.subscriptions.cancel(second.id);
    expect(await refusal(stripe.subscriptions.cancel(second.id))).toContain('404');
    expect((await stripe.subscriptions.list({ customer })).data).toEqual([]);
    expect((await stripe.subscriptions.list({ customer, status: 'all' })).data).toHaveLength(2);
    expect(complaints()).toEqual([]);
  });

  it('has a paid invoice of nothing during a trial, and is canceled with its customer', async () => {
    const { simulator, stripe, checkout, prices, customer, complaints } = await stage();
    const { id } = await checkout({
      mode: 'subscription',
      line_items: [{ price: prices.plus, quantity: 1 }],
      subscription_data: { trial_period_days: 7 },
    });
    simulator.pay(id, 'card');
    const session = await stripe.checkout.sessions.retrieve(id, { expand: ['subscription', 'invoice'] });
    expect(session).toMatchObject({
      payment_status: 'no_payment_required',
      subscription: { status: 'trialing' },
      invoice: { status: 'paid', total: 0 },
    });
    await stripe.customers.del(customer);
    expect(await stripe.customers.retrieve(customer)).toEqual(expect.objectContaining({ deleted: true }));
    expect((await stripe.subscriptions.list({ status: 'canceled' })).data).toHaveLength(1);
    expect(await refusal(checkout())).toContain('No such customer');
    expect(complaints()).toEqual([]);
  });

  it('is active while a bank takes days, and falls behind when the money does not come', async () => {
    const { simulator, stripe, checkout, prices } = await stage();
    const params = { mode: 'subscription' as const, line_items: [{ price: prices.plus, quantity: 1 }] };
    const [good, bad] = [await checkout(params), await checkout(params)];
    for (const { id } of [good, bad]) simulator.pay(id, 'delayed');
    simulator.completeDelayed(good.id);
    simulator.failDelayed(bad.id);
    const now = async (id: string) => stripe.checkout.sessions.retrieve(id, { expand: ['subscription', 'invoice'] });
    expect(await now(good.id)).toMatchObject({
      payment_status: 'paid',
      subscription: { status: 'active' },
      invoice: { status: 'paid' },
    });
    expect(await now(bad.id)).toMatchObject({
      payment_status: 'unpaid',
      subscription: { status: 'past_due' },
      invoice: { status: 'open' },
    });
  });
});
