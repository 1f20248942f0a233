import { createServer, type Server } from 'node:http';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../../support/browser.ts';
import { type Stage, stage } from './stage.ts';

let browser: Browser;
/** What the product shows after the payment page: the address itself. */
let shop: Server;
let origin: string;
const pages: Page[] = [];

beforeAll(async () => {
  browser = await openBrowser();
  shop = createServer((request, response) => void response.end(request.url));
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
  const bound = shop.address();
  origin = `http://127.0.0.1:${typeof bound === 'object' && bound ? bound.port : 0}`;
});
afterEach(async () => {
  for (const page of pages.splice(0)) await page.close();
});
afterAll(async () => {
  await browser.close();
  shop.closeAllConnections();
  await new Promise((resolve) => shop.close(resolve));
});

async function open(url: string | null): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1000, height: 700 } });
  pages.push(page);
  page.on('request', (request) => {
    if (!/^(http:\/\/127\.0\.0\.1:|data:)/.test(request.url())) throw new Error(`the page asked for ${request.url()}`);
  });
  await page.goto(url ?? '');
  return page;
}

const order = (set: Stage) =>
  set.checkout({
    success_url: `${origin}/paid?session={CHECKOUT_SESSION_ID}`,
    cancel_url: `${origin}/cancelled`,
    allow_promotion_codes: true,
    consent_collection: { terms_of_service: 'required' },
  });

describe('the payment page of the simulated Stripe', () => {
  it('takes a payment and leads back with the id of the session', async () => {
    const set = await stage();
    const { id, url } = await order(set);
    const page = await open(url);
    expect(await page.locator('main').textContent()).toMatch(/\$4\.99[\s\S]*100 credits[\s\S]*\$4\.99/);
    await page.getByRole('button', { name: 'Pay', exact: true }).click();
    expect(await page.getByRole('alert').textContent()).toContain('terms of service');
    expect(set.simulator.sessions.get(id)?.status).toBe('open');
    await page.getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Pay', exact: true }).click();
    await page.waitForURL(`${origin}/paid?session=${id}`);
    expect(set.simulator.sessions.get(id)).toMatchObject({ status: 'complete', payment_status: 'paid' });
    await page.goto(url ?? '');
    expect(await page.getByRole('heading', { level: 2 }).textContent()).toBe('Paid. Thank you!');
    expect(await page.getByRole('button').count()).toBe(0);
  });

  it('can be left, declined, and paid by bank or with a code for everything', async () => {
    const set = await stage();
    const first = await order(set);
    const page = await open(first.url);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.waitForURL(`${origin}/cancelled`);
    await page.goto(first.url ?? '');
    await page.getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Card is declined' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('declined');
    await page.getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Pay by bank (takes days)' }).click();
    await page.waitForURL(/\/paid/);
    expect(set.simulator.sessions.get(first.id)).toMatchObject({ status: 'complete', payment_status: 'unpaid' });
    const second = await order(set);
    await page.goto(second.url ?? '');
    await page.getByLabel('Promotion code').fill('FREE');
    await page.getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Pay', exact: true }).click();
    await page.waitForURL(/\/paid/);
    expect(set.simulator.sessions.get(second.id)?.payment_status).toBe('no_payment_required');
  });

  it('changes nothing when it is looked at, or when another site posts to it', async () => {
    const set = await stage();
    const { id, url } = await order(set);
    const before = [JSON.stringify(set.simulator.sessions.get(id)), set.simulator.events().length];
    for (const method of ['GET', 'HEAD']) expect((await fetch(url ?? '', { method })).status).toBe(200);
    const body = new URLSearchParams({ action: 'pay', terms: 'accepted' });
    expect((await fetch(url ?? '', { method: 'POST', body })).status).toBe(403);
    expect((await fetch(url ?? '', { method: 'POST', body, headers: { origin } })).status).toBe(403);
    expect([JSON.stringify(set.simulator.sessions.get(id)), set.simulator.events().length]).toEqual(before);
    expect((await fetch(`${set.simulator.url}/c/pay/cs_test_none`)).status).toBe(404);
  });

  it('says so when its time is over', async () => {
    const set = await stage();
    const { id, url } = await order(set);
    set.clock.advance(86_401_000);
    const page = await open(url);
    expect(await page.getByRole('heading', { level: 2 }).textContent()).toContain('expired');
    expect(set.simulator.sessions.get(id)?.status).toBe('open');
  });

  it('shows names as text, whatever is in them', async () => {
    const set = await stage();
    const name = `<img src=x onerror="document.title='hacked'">`;
    const { id } = await set.stripe.prices.create({ currency: 'jpy', unit_amount: 500, product_data: { name } });
    const { url } = await set.checkout({ line_items: [{ price: id, quantity: 2 }] });
    const page = await open(url);
    expect(await page.locator('dt').textContent()).toBe(`${name} × 2`);
    expect(await page.locator('.amount').textContent()).toBe('¥1,000');
    expect(await page.title()).toBe('Pay LPM AI');
  });

  it.each([
    [390, 'light'],
    [1200, 'dark'],
  ] as const)('fits %i pixels in %s, by keyboard too', async (width, colorScheme) => {
    const set = await stage();
    const page = await open((await order(set)).url);
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 800 });
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    const heights = await page
      .getByRole('button')
      .evaluateAll((buttons) => buttons.map((one) => one.getBoundingClientRect().height));
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(44);
    await page.getByRole('checkbox').focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/paid/);
  });
});

describe('the portal and the invoice page of the simulated Stripe', () => {
  it('change, cancel and keep a plan', async () => {
    const set = await stage();
    const { id } = await set.subscribe();
    const portal = await set.stripe.billingPortal.sessions.create({ customer: set.customer, return_url: `${origin}/back` });
    const page = await open(portal.url);
    await page.getByRole('button', { name: /^Change to Pro/ }).click();
    expect(await page.locator('main').textContent()).toContain('Pro, $19.99 per month');
    expect(set.simulator.subscriptions.get(id)?.items.data[0]?.price.id).toBe(set.prices.pro);
    await page.getByRole('button', { name: /^Cancel the plan/ }).click();
    expect(await page.locator('main').textContent()).toContain('Ends on December 24, 2026.');
    expect(set.simulator.subscriptions.get(id)?.cancel_at_period_end).toBe(true);
    await page.getByRole('button', { name: 'Keep the plan' }).click();
    expect(set.simulator.subscriptions.get(id)?.cancel_at_period_end).toBe(false);
    await page.getByRole('link', { name: 'Back to LPM AI' }).click();
    await page.waitForURL(`${origin}/back`);
    expect(set.complaints()).toEqual([]);
  });

  it('touch no plan of another customer', async () => {
    const set = await stage();
    const { id } = await set.subscribe();
    const other = await set.stripe.customers.create();
    const { url } = await set.stripe.billingPortal.sessions.create({ customer: other.id });
    const body = new URLSearchParams({ action: `cancel ${id}` });
    expect((await fetch(url, { method: 'POST', body, headers: { origin: set.simulator.url } })).status).toBe(422);
    expect(set.simulator.subscriptions.get(id)?.cancel_at_period_end).toBe(false);
  });

  it('let an open invoice be paid', async () => {
    const set = await stage();
    const { id } = await set.subscribe();
    const invoice = set.simulator.renew(id, 'payment_failed');
    const page = await open(invoice?.hosted_invoice_url ?? null);
    await page.getByRole('button', { name: 'Card is declined' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('declined');
    await page.getByRole('button', { name: 'Pay', exact: true }).click();
    expect(await page.getByRole('heading', { level: 2 }).textContent()).toBe('This invoice is paid.');
    expect(set.simulator.subscriptions.get(id)?.status).toBe('active');
  });
});
