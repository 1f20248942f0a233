import { createHmac } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import type { Outside } from '../../core/app.ts';
import { createLog } from '../../core/log.ts';
import { startWeb } from '../../web/server.ts';
import { STRIPE_PATH } from '../../web/stripe.ts';
import { run } from '../../workers/payments.ts';
import { tidy } from '../../workers/tidy.ts';
import { balanceOf, openShop, order, sessionOf } from '../support/shop.ts';

async function open(outside: Outside = {}) {
  const shop = await openShop(outside);
  const web = await startWeb(shop.app, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => web.close());
  return { ...shop, url: web.url + STRIPE_PATH };
}

const EVENT = {
  id: 'evt_1',
  object: 'event',
  type: 'checkout.session.completed',
  data: { object: { id: 'cs_1', secret: 'canary' } },
};

const sign = (body: string, secret: string, seconds: number) =>
  `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;

async function post(url: string, body: string, signature?: string): Promise<number> {
  const headers = { 'content-type': 'application/json', ...(signature !== undefined && { 'stripe-signature': signature }) };
  return (await fetch(url, { method: 'POST', body, headers })).status;
}

test('unsigned, stale, tampered, foreign and future webhooks are refused, change nothing, and are logged without the body', async () => {
  const lines: string[] = [];
  const { app, stripe, clock, url } = await open({ log: createLog('info', (line) => lines.push(line)) });
  const body = JSON.stringify(EVENT);
  const now = Math.floor(clock.at / 1000);
  const secret = stripe.webhookSecret;
  const refused = [
    await post(url, body),
    await post(url, body, ''),
    await post(url, body, 't=now,v1=abc'),
    await post(url, body, sign(body, secret, now - 301)),
    await post(url, body, sign(body, secret, now + 302)),
    await post(url, `${body} `, sign(body, secret, now)),
    await post(url, body.replace('cs_1', 'cs_2'), sign(body, secret, now)),
    await post(url, body, sign(body, 'whsec_of_somebody_else', now)),
    await post(url, 'not json', sign('not json', secret, now)),
  ];
  expect(refused).toEqual(refused.map(() => 400));
  expect(await app.models.processedEvents.countDocuments()).toBe(0);
  expect(lines.filter((line) => line.includes('a webhook was refused'))).toHaveLength(refused.length);
  expect(lines.join('\n')).not.toMatch(/canary|cs_1|whsec/);
});

test('a genuine webhook is stored by its ids only, and a replayed one changes nothing', async () => {
  const { app, stripe, clock, url } = await open();
  const body = JSON.stringify(EVENT);
  const signature = sign(body, stripe.webhookSecret, Math.floor(clock.at / 1000));
  for (let times = 0; times < 5; times++) expect(await post(url, body, signature)).toBe(200);
  const stored = await app.models.processedEvents.find({}).lean();
  expect(stored).toMatchObject([{ _id: 'stripe_evt_1', type: EVENT.type, objectId: 'cs_1', status: 'received', tries: 0 }]);
  expect(JSON.stringify(stored)).not.toContain('canary');
});

test('what is acted on is what Stripe says when asked, not what the webhook says', async () => {
  const { app, stripe, clock, url } = await open();
  const { order: made, account } = await order(app);
  const session = await sessionOf(app, made._id);
  const paid = { ...EVENT, data: { object: { id: session, payment_status: 'paid', status: 'complete', amount_total: 499 } } };
  const body = JSON.stringify(paid);
  expect(await post(url, body, sign(body, stripe.webhookSecret, Math.floor(clock.at / 1000)))).toBe(200);
  await run(app, 'stripe_evt_1');
  expect(await balanceOf(app, account.id)).toMatchObject({ available: 0 });
});

test('events that nobody needs are answered and not kept', async () => {
  const { app, stripe, clock, url } = await open();
  const body = JSON.stringify({ ...EVENT, type: 'customer.created' });
  expect(await post(url, body, sign(body, stripe.webhookSecret, Math.floor(clock.at / 1000)))).toBe(200);
  expect(await app.models.processedEvents.countDocuments()).toBe(0);
});

test('more than 256 KB are not read', async () => {
  const { app, url } = await open();
  const status = await post(url, 'x'.repeat(256 * 1024 + 1), 't=1,v1=a').catch(() => 413);
  expect(status).toBe(413);
  expect(await app.models.processedEvents.countDocuments()).toBe(0);
});

test('with Redis away it is still answered 200, and tidy rings for it later', async () => {
  const { app, stripe, clock, url } = await open();
  await app.queue.close();
  const body = JSON.stringify(EVENT);
  expect(await post(url, body, sign(body, stripe.webhookSecret, Math.floor(clock.at / 1000)))).toBe(200);
  expect(await app.models.processedEvents.countDocuments({ status: 'received' })).toBe(1);
  clock.at += 60_001;
  expect(await tidy(app)).toBe(1);
});

test('with the database away it is answered 500, so that Stripe sends it again', async () => {
  const { app, stripe, clock, url } = await open();
  await app.connection.close();
  const body = JSON.stringify(EVENT);
  expect(await post(url, body, sign(body, stripe.webhookSecret, Math.floor(clock.at / 1000)))).toBe(500);
});

test('the simulator’s own webhooks are accepted, duplicated and late, and credited once', async () => {
  const { app, stripe, url } = await open();
  stripe.setWebhook({ url, secret: stripe.webhookSecret });
  stripe.duplicate = 2;
  const { order: made, account } = await order(app);
  stripe.pay(await sessionOf(app, made._id), 'card');
  await stripe.idle();
  for (const { _id } of await app.models.processedEvents.find({}).lean()) await run(app, _id);
  expect(await balanceOf(app, account.id)).toEqual({ available: 100, held: 0, debt: 0 });
  stripe.badSignature = true;
  stripe.refund(made._id === '' ? '' : String([...stripe.sessions.keys()][0]));
  await stripe.idle();
  for (const { _id } of await app.models.processedEvents.find({}).lean()) await run(app, _id);
  expect(await balanceOf(app, account.id)).toMatchObject({ available: 100 });
});

test('without Stripe there is no such address', async () => {
  const { app, url } = await open();
  app.stripe = undefined;
  expect(await post(url, '{}', 't=1,v1=a')).toBe(404);
});
