import Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { stage } from './stage.ts';

const HOUR = 3_600_000;

describe('webhooks of the simulated Stripe', () => {
  it('are signed as the library expects, and only so', async () => {
    const { simulator, stripe, checkout, posts, clock } = await stage();
    const { id } = await checkout();
    const verify = (tolerance = 300) => {
      const { body, signature } = posts.at(-1) ?? { body: '', signature: '' };
      return stripe.webhooks.constructEvent(body, signature, simulator.webhookSecret, tolerance, undefined, clock.now());
    };
    simulator.expire(id);
    await simulator.idle();
    expect(verify()).toMatchObject({
      type: 'checkout.session.expired',
      api_version: Stripe.API_VERSION,
      data: { object: { id } },
    });
    simulator.badSignature = true;
    simulator.expire((await checkout()).id);
    await simulator.idle();
    expect(() => verify()).toThrow('No signatures found matching');
    simulator.badSignature = false;
    simulator.staleTimestamp = true;
    simulator.expire((await checkout()).id);
    await simulator.idle();
    expect(() => verify()).toThrow('outside the tolerance zone');
    expect(verify(0).type).toBe('checkout.session.expired');
  });

  it('are posted again after growing pauses until they are taken', async () => {
    const { simulator, stripe, checkout, answers, clock, posts } = await stage();
    answers.push(500, 404, 302);
    simulator.expire((await checkout()).id);
    await simulator.idle();
    const pauses: number[] = [];
    while (clock.timers().length > 0) {
      const [next = 0] = clock.timers();
      pauses.push(next / 60_000);
      clock.advance(next);
      await simulator.idle();
    }
    expect(pauses).toEqual([5, 30, 120]);
    expect(simulator.deliveries.map(({ status, attempt }) => [attempt, status])).toEqual([
      [1, 500],
      [2, 404],
      [3, 302],
      [4, 200],
    ]);
    expect(new Set(posts.map(({ body }) => JSON.parse(body).id)).size).toBe(1);
    // Each attempt is signed anew, with its own time.
    expect(new Set(posts.map(({ signature }) => signature)).size).toBe(4);
    const [{ body = '', signature = '' } = {}] = posts.slice(-1);
    expect(stripe.webhooks.constructEvent(body, signature, simulator.webhookSecret, 300, undefined, clock.now()).type).toBe(
      'checkout.session.expired',
    );
  });

  it('are given up after three days', async () => {
    const { simulator, checkout, answers, clock, stripe } = await stage();
    answers.push(...Array.from({ length: 50 }, () => 500));
    simulator.expire((await checkout()).id);
    await simulator.idle();
    const start = clock.now();
    while (clock.timers().length > 0) {
      clock.advance(clock.timers()[0] ?? 0);
      await simulator.idle();
    }
    expect(clock.now() - start).toBeLessThanOrEqual(72 * HOUR);
    expect(clock.now() - start).toBeGreaterThan(48 * HOUR);
    const failed = await stripe.events.list({ delivery_success: false });
    expect(failed.data.map(({ type }) => type)).toEqual(['checkout.session.expired']);
    answers.splice(0);
    await simulator.resend(failed.data[0]?.id ?? '');
    expect((await stripe.events.list({ delivery_success: false })).data).toEqual([]);
  });

  it('come doubled, held, arranged or shuffled by the seed', async () => {
    const run = async (seed: number) => {
      const { simulator, checkout, posts, types } = await stage({ seed });
      simulator.duplicate = 2;
      simulator.expire((await checkout()).id);
      await simulator.idle();
      expect(posts).toHaveLength(3);
      expect(new Set(posts.map(({ body }) => body)).size).toBe(1);
      simulator.duplicate = 0;
      posts.splice(0);
      simulator.hold = true;
      simulator.pay((await checkout()).id, 'card');
      await simulator.idle();
      expect(posts).toEqual([]);
      const order = simulator.held.map(({ type }) => type);
      await simulator.release((held) => held.toReversed());
      expect(types()).toEqual(order.toReversed());
      posts.splice(0);
      simulator.hold = false;
      simulator.reorder = true;
      simulator.pay((await checkout({ invoice_creation: { enabled: true } })).id, 'card');
      await simulator.release();
      return types();
    };
    const first = await run(7);
    expect(await run(7)).toEqual(first);
    expect(first.toSorted()).toEqual((await run(8)).toSorted());
    expect(first).not.toEqual(await run(8));
  });

  it('can be lost and still be listed, or never come to be', async () => {
    const { simulator, checkout, stripe, posts } = await stage();
    simulator.drop = ['checkout.session.completed'];
    simulator.neverGenerate = ['payment_intent.succeeded'];
    const { id } = await checkout();
    simulator.pay(id, 'card');
    await simulator.idle();
    const listed = (await stripe.events.list({ ending_before: simulator.events()[0]?.id ?? '', limit: 100 })).data.map(
      ({ type }) => type,
    );
    expect(listed).toContain('checkout.session.completed');
    expect(listed).not.toContain('payment_intent.succeeded');
    expect(posts.map(({ body }) => JSON.parse(body).type)).toEqual(['payment_intent.created', 'charge.succeeded']);
    expect(
      (await stripe.events.list({ types: ['checkout.session.completed', 'charge.*'], delivery_success: false })).data,
    ).toHaveLength(1);
    simulator.neverGenerate = true;
    const before = simulator.events().length;
    simulator.pay((await checkout()).id, 'card');
    expect(simulator.events()).toHaveLength(before);
  });

  it('can show an object as an old version of the API did', async () => {
    const { simulator, subscribe, stripe } = await stage();
    simulator.oldApiVersion = true;
    const { id, latest_invoice } = await subscribe();
    const paid = simulator.events().find(({ type }) => type === 'invoice.paid');
    expect(paid).toMatchObject({ api_version: '2025-02-24.acacia', data: { object: { subscription: id, paid: true } } });
    expect(paid?.data.object).not.toHaveProperty('parent');
    const created = simulator.events().find(({ type }) => type === 'customer.subscription.created');
    expect(created?.data.object).toHaveProperty('current_period_end', Date.UTC(2026, 11, 24) / 1000);
    expect(await stripe.invoices.retrieve(String(latest_invoice))).toHaveProperty('parent.subscription_details.subscription', id);
  });

  it('name the request that caused them, and hold the object as it was', async () => {
    const { simulator, stripe, checkout } = await stage();
    const { id } = await checkout();
    await stripe.checkout.sessions.expire(id, {}, { idempotencyKey: 'expire-1' });
    const [event] = (await stripe.events.list({ type: 'checkout.session.expired' })).data;
    expect(event?.request).toMatchObject({ id: expect.stringMatching(/^req_/), idempotency_key: 'expire-1' });
    await stripe.checkout.sessions.update(id, { metadata: { later: 'yes' } });
    expect(await stripe.events.retrieve(event?.id ?? '')).toMatchObject({ data: { object: { metadata: {} } } });
    expect(simulator.events()).toHaveLength((await stripe.events.list({ limit: 100 })).data.length);
  });

  it('are forgotten after 30 days', async () => {
    const { stripe, clock } = await stage();
    expect((await stripe.events.list()).data.length).toBeGreaterThan(0);
    clock.advance(31 * 24 * HOUR);
    expect((await stripe.events.list()).data).toEqual([]);
  });
});
