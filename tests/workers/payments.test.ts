import { expect, onTestFinished, test } from 'vitest';
import type { App } from '../../core/app.ts';
import { keepEvent } from '../../core/payments/events.ts';
import { readPayment } from '../../core/payments/payment.ts';
import { startWorkers } from '../../workers/index.ts';
import { run } from '../../workers/payments.ts';
import { tidy } from '../../workers/tidy.ts';
import { balanceOf, eventsOf, handAll, newPerson, openShop, order, sessionOf } from '../support/shop.ts';

const keep = (app: App, id: string, type: string, objectId: string) =>
  keepEvent(app, { _id: `stripe_${id}`, source: 'stripe', type, objectId });

const stored = (app: App, id: string) => app.models.processedEvents.findById(`stripe_${id}`).lean();

test('an event is acted on once and closed', async () => {
  const { app, stripe } = await openShop();
  const { order: made, account } = await order(app);
  const session = await sessionOf(app, made._id);
  stripe.pay(session, 'card');
  await keep(app, 'evt_1', 'checkout.session.completed', session);
  expect(await run(app, 'stripe_evt_1')).toBeUndefined();
  const closed = await stored(app, 'evt_1');
  expect([closed?.status, closed?.dueAt]).toEqual(['done', undefined]);
  const asked = stripe.requests.length;
  expect(await run(app, 'stripe_evt_1')).toBeUndefined();
  expect(stripe.requests.length).toBe(asked);
  expect(await balanceOf(app, account.id)).toMatchObject({ available: 100 });
});

test('what is not ours or does not concern us is ignored', async () => {
  const { app } = await openShop();
  await keep(app, 'evt_1', 'checkout.session.completed', 'cs_of_somebody_else');
  await keep(app, 'evt_2', 'something.new', 'x_1');
  await run(app, 'stripe_evt_1');
  await run(app, 'stripe_evt_2');
  expect([(await stored(app, 'evt_1'))?.status, (await stored(app, 'evt_2'))?.status]).toEqual(['ignored', 'ignored']);
  expect(await run(app, 'nothing-of-this-name')).toBeUndefined();
});

test('an outage of Stripe loses nothing: the event waits longer each time, and tidy rings for it', async () => {
  const { app, stripe, clock } = await openShop();
  const { order: made, account } = await order(app);
  const session = await sessionOf(app, made._id);
  stripe.pay(session, 'card');
  await keep(app, 'evt_1', 'checkout.session.completed', session);
  const outage = { match: ({ method }: { method: string }) => method === 'GET', status: 400 };
  stripe.forced.push(outage, outage);
  expect(await run(app, 'stripe_evt_1')).toEqual({ afterMs: 2_000 });
  expect(await run(app, 'stripe_evt_1')).toEqual({ afterMs: 4_000 });
  expect(await stored(app, 'evt_1')).toMatchObject({ status: 'received', tries: 2 });
  clock.at += 65_000;
  expect(await tidy(app)).toBeGreaterThan(0);
  await run(app, 'stripe_evt_1');
  expect(await balanceOf(app, account.id)).toMatchObject({ available: 100 });
});

test('twenty checkouts in one minute are twenty credited packs, with webhooks off', { timeout: 60_000 }, async () => {
  const { app, stripe, clock } = await openShop();
  const { account, place } = await newPerson(app);
  const orders: string[] = [];
  for (let bought = 0; bought < 20; bought++) {
    const { order: made } = await order(app, 'pack-s', 'stripe', { account, place });
    stripe.pay(await sessionOf(app, made._id), 'card');
    await app.models.payments.updateOne({ _id: made._id }, { $set: { ext: `order:${bought}` } });
    orders.push(made._id);
  }
  clock.at += 2 * 3_600_000 + 61_000;
  expect(await tidy(app)).toBe(20);
  for (const id of orders) await run(app, id);
  expect(await balanceOf(app, account.id)).toMatchObject({ available: 2_000 });
});

test('the doorbell brings a paid pack to its credits without anybody looking', { timeout: 60_000 }, async () => {
  const shop = await openShop();
  const { app, stripe } = shop;
  const workers = startWorkers(app, {}, {});
  onTestFinished(() => workers.close());
  const { order: made, account } = await order(app);
  stripe.pay(await sessionOf(app, made._id), 'card');
  for (const { id, type, data } of eventsOf(stripe)) {
    const object = data.object;
    if (object && typeof object === 'object' && 'id' in object) await keep(app, id, type, String(object.id));
  }
  await expect.poll(() => balanceOf(app, account.id), { timeout: 20_000 }).toMatchObject({ available: 100 });
});

/** Lets the product's calls to database and queue through until call number `at`, which kills. Gives back how to stop that. */
function killAt(app: App, at: number): { reached(): boolean; stop(): void } {
  let calls = 0;
  let reached = false;
  const originals: (() => void)[] = [];
  const arm = (target: object, name: string) => {
    const original: unknown = Reflect.get(target, name);
    if (typeof original !== 'function') throw new Error(`there is no ${name} to kill at`);
    Reflect.set(target, name, (...given: unknown[]) => {
      calls += 1;
      if (calls === at) reached = true;
      if (reached) throw new Error('killed');
      return Reflect.apply(original, target, given) as unknown;
    });
    originals.push(() => Reflect.set(target, name, original));
  };
  for (const model of [app.models.payments, app.models.processedEvents, app.models.subscriptions]) {
    for (const name of ['findById', 'findOne', 'findOneAndUpdate', 'updateOne']) arm(model, name);
  }
  for (const name of ['ledgerentries', 'creditaccounts', 'payments']) {
    const collection = app.connection.collection(name);
    for (const call of ['insertOne', 'replaceOne', 'findOne']) arm(collection, call);
  }
  arm(app.queue, 'ring');
  return { reached: () => reached, stop: () => originals.forEach((undo) => void undo()) };
}

const CALLS = 40;

test('killed at any call, a pack is paid exactly when it is credited, and is both in the end', { timeout: 120_000 }, async () => {
  const { app, stripe } = await openShop();
  let deepest = 0;
  for (let at = 1; at <= CALLS; at++) {
    const { order: made, account } = await order(app);
    const session = await sessionOf(app, made._id);
    stripe.pay(session, 'card');
    await keep(app, `evt_${at}`, 'checkout.session.completed', session);
    const kill = killAt(app, at);
    await run(app, `stripe_evt_${at}`).catch(() => undefined);
    kill.stop();
    const payment = await readPayment(app, made._id);
    const { available } = await balanceOf(app, account.id);
    expect({ at, paid: payment?.status === 'paid', granted: payment?.lots.length }).toEqual({
      at,
      paid: available === 100,
      granted: available / 100,
    });
    await run(app, `stripe_evt_${at}`);
    expect(await balanceOf(app, account.id)).toEqual({ available: 100, held: 0, debt: 0 });
    expect((await stored(app, `evt_${at}`))?.status).toBe('done');
    if (!kill.reached()) break;
    deepest = at;
  }
  expect(deepest).toBeGreaterThan(5);
  expect(deepest).toBeLessThan(CALLS);
});

test('killed at any call, a refund takes its credits once', { timeout: 120_000 }, async () => {
  const shop = await openShop();
  const { app, stripe } = shop;
  let deepest = 0;
  for (let at = 1; at <= CALLS; at++) {
    const { order: made, account } = await order(app);
    const session = await sessionOf(app, made._id);
    stripe.pay(session, 'card');
    await handAll(shop);
    const refund = stripe.refund(session, 250);
    await keep(app, `refund_${at}`, 'refund.created', refund.id);
    const kill = killAt(app, at);
    await run(app, `stripe_refund_${at}`).catch(() => undefined);
    kill.stop();
    const noted = (await readPayment(app, made._id))?.reversals.length === 1;
    expect({ at, noted }).toEqual({ at, noted: (await balanceOf(app, account.id)).available === 49 });
    await run(app, `stripe_refund_${at}`);
    await run(app, `stripe_refund_${at}`);
    expect(await balanceOf(app, account.id)).toEqual({ available: 49, held: 0, debt: 0 });
    if (!kill.reached()) break;
    deepest = at;
  }
  expect(deepest).toBeGreaterThan(5);
  expect(deepest).toBeLessThan(CALLS);
});
