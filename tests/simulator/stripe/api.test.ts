import Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { createStripeSimulator } from '../../../simulator/stripe/index.ts';
import { checkStripe } from '../../support/stripe-schema.ts';
import { refusal, stage } from './stage.ts';

describe('the API of the simulated Stripe', () => {
  it('answers a repeated key with the stored answer and refuses it for other parameters', async () => {
    const { stripe, customer, prices, simulator, clock } = await stage();
    const params = (quantity: number): Stripe.Checkout.SessionCreateParams => ({
      mode: 'payment',
      customer,
      line_items: [{ price: prices.pack, quantity }],
      success_url: 'https://example.com',
    });
    const create = (quantity: number) => stripe.checkout.sessions.create(params(quantity), { idempotencyKey: 'checkout-o1-1' });
    const first = await create(1);
    simulator.pay(first.id, 'card');
    const again = await create(1);
    expect(again).toMatchObject({ id: first.id, status: 'open' });
    expect(again.lastResponse.headers['idempotent-replayed']).toBe('true');
    expect(await refusal(create(2))).toContain('400 idempotency_error');
    expect(simulator.sessions.size).toBe(1);
    clock.advance(24 * 3_600_000);
    expect((await create(2)).id).not.toBe(first.id);
  });

  it('replays even a 500 under its key, while what was never begun may be tried again', async () => {
    const { stripe, simulator } = await stage();
    const before = simulator.requests.length;
    simulator.forced.push({ match: ({ path }) => path === '/v1/customers', status: 500, takesEffect: true });
    const create = () => stripe.customers.create({ name: 'Ann' }, { idempotencyKey: 'cus-a2' });
    expect(await refusal(create())).toContain('500 api_error');
    expect(simulator.requests.slice(before).map(({ status, replayed }) => [status, replayed])).toEqual([
      [500, false],
      [500, true],
      [500, true],
    ]);
    expect((await stripe.customers.list()).data.filter(({ name }) => name === 'Ann')).toHaveLength(1);
    simulator.forced.push({ match: ({ path }) => path === '/v1/customers', status: 429 });
    const later = () => stripe.customers.create({ name: 'Bob' }, { idempotencyKey: 'cus-a3', maxNetworkRetries: 0 });
    expect(await refusal(later())).toContain('429 rate_limit');
    expect((await later()).name).toBe('Bob');
  });

  it('does nothing twice when an answer is lost and the client sends again', async () => {
    const { stripe, simulator } = await stage();
    simulator.forced.push({ match: ({ path }) => path === '/v1/customers', lose: 'answer' });
    const { id } = await stripe.customers.create({ name: 'Eve' });
    simulator.forced.push({ match: ({ path }) => path === '/v1/customers', lose: 'request' });
    await stripe.customers.create({ name: 'Dan' });
    const customers = (await stripe.customers.list()).data;
    expect(customers.filter(({ name }) => name === 'Eve').map((one) => one.id)).toEqual([id]);
    expect(customers.filter(({ name }) => name === 'Dan')).toHaveLength(1);
    expect(simulator.requests.filter(({ status }) => status === 0)).toHaveLength(2);
  });

  it('lets nobody in without its key, nor in another version', async () => {
    const { simulator } = await stage();
    const other = new Stripe('sk_test_other', { ...simulator.client, maxNetworkRetries: 0 });
    await expect(other.customers.list()).rejects.toThrow(Stripe.errors.StripeAuthenticationError);
    const old = await fetch(`${simulator.url}/v1/customers`, {
      headers: { authorization: `Bearer ${simulator.apiKey}`, 'stripe-version': '2025-02-24.acacia' },
    });
    expect(await old.json()).toMatchObject({
      error: { type: 'invalid_request_error', message: expect.stringContaining('version') },
    });
    expect((await fetch(`${simulator.url}/v1/customers`)).status).toBe(401);
  });

  it('pages lists in both directions', async () => {
    const { stripe } = await stage();
    const made: string[] = [];
    for (let n = 0; n < 5; n += 1) made.unshift((await stripe.products.create({ name: `p${n}` })).id);
    const ids = (list: { data: { id: string }[] }) => list.data.map(({ id }) => id);
    const first = await stripe.products.list({ limit: 2 });
    expect([ids(first), first.has_more]).toEqual([made.slice(0, 2), true]);
    expect(ids(await stripe.products.list({ limit: 2, starting_after: made[1] ?? '' }))).toEqual(made.slice(2, 4));
    expect(ids(await stripe.products.list({ limit: 2, ending_before: made[3] ?? '' }))).toEqual(made.slice(1, 3));
    expect((await stripe.products.list({ limit: 2, ending_before: made[1] ?? '' })).has_more).toBe(false);
    expect(ids({ data: await stripe.products.list({ limit: 2 }).autoPagingToArray({ limit: 100 }) })).toHaveLength(8);
    expect(await refusal(stripe.products.list({ limit: 101 }))).toContain('between 1 and 100');
    expect(await refusal(stripe.products.list({ starting_after: 'prod_none' }))).toContain('resource_missing');
  });

  it('finds prices by their lookup keys and hands a key over when asked', async () => {
    const { stripe, prices } = await stage();
    const found = await stripe.prices.list({ lookup_keys: ['plan-pro', 'pack-s', 'none'], expand: ['data.product'] });
    expect(found.data.map(({ id }) => id).toSorted()).toEqual([prices.pack, prices.pro].toSorted());
    expect(
      found.data.map(({ product }) => (typeof product === 'object' && !product.deleted ? product.name : '')).toSorted(),
    ).toEqual(['100 credits', 'Pro']);
    const next = { currency: 'usd', unit_amount: 599, lookup_key: 'pack-s', product_data: { name: '100 credits' } };
    expect(await refusal(stripe.prices.create(next))).toContain('already uses that lookup key');
    const { id } = await stripe.prices.create({ ...next, transfer_lookup_key: true });
    expect((await stripe.prices.list({ lookup_keys: ['pack-s'] })).data.map((one) => one.id)).toEqual([id]);
  });

  it('merges metadata and takes keys away that are set to nothing', async () => {
    const { stripe, customer } = await stage();
    await stripe.customers.update(customer, { metadata: { tier: 'plus' } });
    expect((await stripe.customers.update(customer, { metadata: { account: '' } })).metadata).toEqual({ tier: 'plus' });
    expect((await stripe.customers.update(customer, { metadata: '' })).metadata).toEqual({});
  });

  it('says what it does not know', async () => {
    const { stripe, customer } = await stage();
    expect(await refusal(stripe.invoices.retrieve('in_none'))).toBe("404 resource_missing: No such invoice: 'in_none'");
    expect(await refusal(stripe.customers.retrieve(customer, { expand: ['nothing'] }))).toContain('cannot be expanded (nothing)');
    expect(await refusal(stripe.topups.list())).toContain('Unrecognized request URL');
    const { metadata, ...rest } = (await stripe.customers.retrieve(customer)) as Stripe.Customer;
    expect(metadata).toEqual({ account: 'a1' });
    expect(rest).toMatchObject({ object: 'customer', livemode: false });
  });

  it('gives the same ids for the same seed', async () => {
    const keys: string[] = [];
    for (const seed of [5, 5, 6]) {
      const simulator = await createStripeSimulator({ seed });
      keys.push(simulator.apiKey);
      await simulator.close();
    }
    expect(keys[0]).toBe(keys[1]);
    expect(keys[0]).not.toBe(keys[2]);
  });

  it('is held to the declarations of the package by a check that goes red', async () => {
    const { stripe, checkout, simulator } = await stage();
    await checkout();
    const answer = simulator.requests.at(-1)?.answer;
    expect(checkStripe(answer)).toEqual([]);
    expect(checkStripe({ ...Object(answer), payment_status: 'settled' }).join()).toContain('payment_status');
    expect(checkStripe({ ...Object(answer), expires_at: 'soon' }).join()).toContain('expires_at');
    expect(checkStripe({ ...Object(answer), invented: 1 }).join()).toContain('invented');
    const { url: _, ...without } = Object(answer);
    expect(checkStripe(without).join()).toContain("'url'");
    expect(stripe.getApiField('version')).toBe('2026-10-28.endive');
  });
});
