import { request } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { startWeb } from '../../web/server.ts';
import { run } from '../../workers/payments.ts';
import { openBrowser } from '../support/browser.ts';
import { handAll, openShop, order, type Shop, sessionOf } from '../support/shop.ts';

async function open(item = 'pack-s') {
  const shop = await openShop();
  const web = await startWeb(shop.app, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => web.close());
  shop.app.address.url = web.url;
  const { order: made, account } = await order(shop.app, item);
  return { ...shop, made, account, origin: web.url, url: `${web.url}/pay/${made._id}` };
}

const tokenIn = (html: string): string => /name="token" value="([^"]+)"/.exec(html)?.[1] ?? '';

/** Fetch may not set Origin: a form as a browser sends it. */
function press(
  url: string,
  token: string,
  headers: Record<string, string>,
): Promise<{ status: number; location: string; body: string }> {
  return new Promise((resolve, reject) => {
    const form = { 'content-type': 'application/x-www-form-urlencoded', ...headers };
    const sent = request(url, { method: 'POST', headers: form }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, location: response.headers.location ?? '', body }));
    });
    sent.on('error', reject).end(new URLSearchParams({ token }).toString());
  });
}

test('looking at the page changes nothing: previews fetch it', async () => {
  const { app, stripe, made, url } = await open();
  const before = await app.models.payments.findById(made._id).lean();
  for (const method of ['GET', 'HEAD', 'GET']) expect((await fetch(url, { method })).status).toBe(200);
  expect(await app.models.payments.findById(made._id).lean()).toEqual(before);
  expect(stripe.requests).toEqual([]);
});

test('the page says what is bought, what it is worth and what it costs', async () => {
  const { url } = await open();
  const html = await (await fetch(url)).text();
  for (const words of ['Small pack', '100', '50 seconds of video', '$4.99', 'never expire', 'Continue to payment']) {
    expect(html).toContain(words);
  }
  const plan = await open('plan-plus');
  expect(await (await fetch(plan.url)).text()).toMatch(/\$9\.99 a month[\s\S]*renews each month until you end it/);
});

test('the page runs no script, fits in no frame and is kept by nobody', async () => {
  const { stripe, url } = await open();
  const { headers } = await fetch(url);
  expect(headers.get('content-security-policy')).toBe(
    `default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; form-action 'self' https://checkout.stripe.com ${stripe.url}; base-uri 'none'; frame-ancestors 'none'`,
  );
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('referrer-policy')).toBe('same-origin');
  const html = await (await fetch(url)).text();
  expect(html).not.toMatch(/<script|style=|<style|\son\w+=/);
  expect((await fetch(new URL('/style.css', url))).headers.get('content-type')).toBe('text/css; charset=utf-8');
});

test('the button leads to Stripe, twice to the same session', async () => {
  const { stripe, origin, url } = await open();
  const token = tokenIn(await (await fetch(url)).text());
  const first = await press(url, token, { origin });
  const again = await press(url, token, { origin, 'sec-fetch-site': 'same-origin' });
  expect(first).toMatchObject({ status: 303, location: expect.stringContaining(`${stripe.url}/c/pay/`) });
  expect(again.location).toBe(first.location);
});

test('no other site and no other page can press the button', async () => {
  const { app, stripe, origin, url } = await open();
  const token = tokenIn(await (await fetch(url)).text());
  const other = await order(app, 'pack-m');
  const otherToken = tokenIn(await (await fetch(`${origin}/pay/${other.order._id}`)).text());
  const pressed = [
    await press(url, token, {}),
    await press(url, token, { origin: 'https://evil.example' }),
    await press(url, token, { origin: 'null' }),
    await press(url, token, { origin, 'sec-fetch-site': 'cross-site' }),
    await press(url, '', { origin }),
    await press(url, otherToken, { origin }),
  ];
  expect(pressed.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 403]);
  expect(stripe.requests).toEqual([]);
});

const paid = async (shop: Shop, id: string) => {
  shop.stripe.pay(await sessionOf(shop.app, id), 'card');
  await handAll(shop);
};

test('paid, expired and unknown orders say so and have no button', async () => {
  const shop = await open();
  await paid(shop, shop.made._id);
  const done = await fetch(shop.url);
  expect([done.status, await done.text()]).toEqual([200, expect.stringContaining('Already paid')]);
  const { order: old } = await order(shop.app, 'pack-m');
  shop.clock.at += 8 * 86_400_000;
  const late = await fetch(`${shop.origin}/pay/${old._id}`);
  expect([late.status, await late.text()]).toEqual([410, expect.stringContaining('expired')]);
  await run(shop.app, old._id);
  expect((await fetch(`${shop.origin}/pay/${old._id}`)).status).toBe(410);
  const { order: stars } = await order(shop.app, 'pack-l', 'telegram_stars');
  for (const id of [stars._id, '00000000-0000-4000-8000-000000000000', 'x', '..%2f']) {
    const unknown = await fetch(`${shop.origin}/pay/${id}`);
    expect([id, unknown.status, (await unknown.text()).includes('<button')]).toEqual([id, 404, false]);
  }
});

test('the page after paying promises what is known', async () => {
  const shop = await open();
  expect(await (await fetch(`${shop.url}/done`)).text()).toContain('being confirmed');
  await paid(shop, shop.made._id);
  expect(await (await fetch(`${shop.url}/done`)).text()).toContain('your credits are there');
});

test('a person gets from the link to Stripe’s page and back by keyboard, on a phone, in light and dark', {
  timeout: 120_000,
}, async () => {
  const { stripe, url } = await open();
  const browser = await openBrowser();
  onTestFinished(() => browser.close());
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await browser.newPage({ viewport: { width: 360, height: 640 }, colorScheme });
    const refusals: string[] = [];
    page.on('console', (message) => void (message.type() === 'error' && refusals.push(message.text())));
    await page.goto(url);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${stripe.url}/c/pay/**`);
    expect(refusals).toEqual([]);
    await page.close();
  }
});
