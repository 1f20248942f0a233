import { expect, onTestFinished, test } from 'vitest';
import { createPremiumRail } from '../../../bots/discord/index.ts';
import { openAccount } from '../../../core/accounts.ts';
import type { App } from '../../../core/app.ts';
import type { DiscordPlace } from '../../../core/chat.ts';
import { openOrder } from '../../../core/payments/orders.ts';
import { premiumChanged } from '../../../core/payments/premium.ts';
import { createDiscordSimulator } from '../../../simulator/discord/index.ts';
import { run } from '../../../workers/payments.ts';
import { silence } from '../../support/app.ts';
import { balanceOf, openShop, paymentsOf } from '../../support/shop.ts';

const PACK = { id: '1100000000000000001', name: 'Small pack', kind: 'consumable', price: '$4.99' } as const;
const PLUS = { id: '1100000000000000002', name: 'Plus', kind: 'subscription', price: '$9.99' } as const;
const DAY = 86_400_000;
const ROBIN = '1000000000000000101';

/** A product that sells in a local Discord's shop, and a person there. */
async function open(settings: Record<string, string> = {}) {
  const shop = await openShop({}, { DISCORD_SKUS: `pack-s=${PACK.id},plan-plus=${PLUS.id}`, ...settings });
  const discord = await createDiscordSimulator({ now: shop.clock.now, skus: [PACK, PLUS] });
  onTestFinished(() => discord.close());
  shop.app.rails.premium = createPremiumRail({ token: discord.token, api: discord.api, log: silence });
  const person = discord.person({ id: ROBIN, name: 'Robin' });
  const place: DiscordPlace = {
    platform: 'discord',
    chat: '1',
    user: ROBIN,
    application: '1',
    interaction: { id: '1', token: 'x', at: shop.clock.at },
    canPost: true,
    fileLimit: 1,
  };
  const account = () => openAccount(shop.app, { id: 'dc-1', place, person: {}, command: 'buy', at: shop.clock.at });
  return { ...shop, discord, person, place, account };
}

/** A hint as the gateway gives it, kept and acted on. */
async function hint(app: App, kind: 'entitlement' | 'subscription', id: string, user: string, sku: string): Promise<void> {
  await premiumChanged(app, { kind, id, user, sku });
  await run(app, `dc_${kind}_${id}`);
}

const consumed = async (app: App, id: string) => (await app.rails.premium?.entitlement(id))?.consumed;

test('a pack is granted first and consumed then, once for any number of hints', async () => {
  const { app, person, account } = await open();
  const { entitlement } = person.buy(PACK.id);
  await hint(app, 'entitlement', entitlement, ROBIN, PACK.id);
  await hint(app, 'entitlement', entitlement, ROBIN, PACK.id);
  expect(await balanceOf(app, (await account()).id)).toEqual({ available: 100, held: 0, debt: 0 });
  expect(await consumed(app, entitlement)).toBe(true);
});

test('whose hint it was is forgotten as soon as it was acted on', async () => {
  const { app, person } = await open();
  const { entitlement } = person.buy(PACK.id);
  await hint(app, 'entitlement', entitlement, ROBIN, PACK.id);
  const [kept] = await app.models.processedEvents.find().lean();
  expect(kept).toMatchObject({ status: 'done', objectId: 'acted on' });
});

test('a crash between grant and consumption is made good: replayed, then consumed', async () => {
  const { app, person, account } = await open();
  const { entitlement } = person.buy(PACK.id);
  const rail = app.rails.premium;
  if (!rail) throw new Error('no rail');
  app.rails.premium = { ...rail, consume: async () => Promise.reject(new Error('killed')) };
  await hint(app, 'entitlement', entitlement, ROBIN, PACK.id);
  expect(await balanceOf(app, (await account()).id)).toMatchObject({ available: 100 });
  expect(await consumed(app, entitlement)).toBe(false);
  app.rails.premium = rail;
  await run(app, `dc_entitlement_${entitlement}`);
  expect(await balanceOf(app, (await account()).id)).toMatchObject({ available: 100 });
  expect(await consumed(app, entitlement)).toBe(true);
});

test('the open order of the person becomes the payment, so that they are told where they asked', async () => {
  const { app, person, place, account, clock } = await open();
  const order = await openOrder(app, { account: await account(), place, item: 'pack-s', provider: 'discord', at: clock.at });
  const { entitlement } = person.buy(PACK.id);
  await hint(app, 'entitlement', entitlement, ROBIN, PACK.id);
  expect(await paymentsOf(app, (await account()).id)).toMatchObject([
    { _id: order._id, status: 'paid', ext: entitlement, tell: 'paid', place: order.place },
  ]);
});

test('two packs are two payments', async () => {
  const { app, person, account } = await open();
  for (let bought = 0; bought < 2; bought++) {
    const { entitlement } = person.buy(PACK.id);
    await hint(app, 'entitlement', entitlement, ROBIN, PACK.id);
  }
  expect(await balanceOf(app, (await account()).id)).toMatchObject({ available: 200 });
});

test('each month of a plan is granted once while its entitlement gives access', async () => {
  const { app, discord, person, account, clock } = await open();
  const { subscription = '', entitlement } = person.buy(PLUS.id);
  await hint(app, 'subscription', subscription, ROBIN, PLUS.id);
  await hint(app, 'entitlement', entitlement, ROBIN, PLUS.id);
  clock.at += 31 * DAY;
  discord.premium.renew(subscription);
  await hint(app, 'subscription', subscription, ROBIN, PLUS.id);
  await hint(app, 'subscription', subscription, ROBIN, PLUS.id);
  const stored = await app.models.creditAccounts.findById((await account()).id).lean();
  expect(stored?.lots.map(({ kind, granted }) => [kind, granted])).toEqual([
    ['allowance', 300],
    ['allowance', 300],
  ]);
  discord.premium.end(subscription);
  clock.at += DAY;
  await hint(app, 'subscription', subscription, ROBIN, PLUS.id);
  expect(await app.models.subscriptions.find({}).lean()).toMatchObject([{ _id: subscription, status: 'ended' }]);
});

test('an entitlement that Discord has refunded takes all of its pack back', async () => {
  const { app, discord, person, account } = await open();
  const { entitlement } = person.buy(PACK.id);
  await hint(app, 'entitlement', entitlement, ROBIN, PACK.id);
  discord.premium.refund(entitlement);
  await hint(app, 'entitlement', entitlement, ROBIN, PACK.id);
  await hint(app, 'entitlement', entitlement, ROBIN, PACK.id);
  expect(await balanceOf(app, (await account()).id)).toEqual({ available: 0, held: 0, debt: 0 });
  expect(await paymentsOf(app, (await account()).id)).toMatchObject([{ status: 'reversed' }]);
});

test('a refunded plan takes the month back that it was in, and ends', async () => {
  const { app, discord, person, account } = await open();
  const { entitlement, subscription = '' } = person.buy(PLUS.id);
  await hint(app, 'subscription', subscription, ROBIN, PLUS.id);
  expect(await balanceOf(app, (await account()).id)).toMatchObject({ available: 300 });
  discord.premium.refund(entitlement);
  await hint(app, 'entitlement', entitlement, ROBIN, PLUS.id);
  expect(await balanceOf(app, (await account()).id)).toMatchObject({ available: 0 });
  expect(await app.models.subscriptions.find({}).lean()).toMatchObject([{ status: 'ended' }]);
});

test('test purchases and gifts are no revenue, unless the operator tries things out', async () => {
  const { app, discord, person, account } = await open();
  const { entitlement } = person.buy(PACK.id, { testMode: true });
  await hint(app, 'entitlement', entitlement, ROBIN, PACK.id);
  await hint(app, 'entitlement', discord.premium.gift(ROBIN, PACK.id), ROBIN, PACK.id);
  expect(await balanceOf(app, (await account()).id)).toMatchObject({ available: 0 });
  app.config.DISCORD_TEST_PURCHASES = true;
  await hint(app, 'entitlement', entitlement, ROBIN, PACK.id);
  expect(await balanceOf(app, (await account()).id)).toMatchObject({ available: 100 });
});

test('what is kept of a hint names nobody', async () => {
  const { app } = await open();
  await premiumChanged(app, { kind: 'subscription', id: '77', user: ROBIN, sku: PLUS.id });
  expect(JSON.stringify(await app.models.processedEvents.find({}).lean())).not.toContain(ROBIN);
});

test('a hint that comes while its forerunner is acted on is acted on after it', async () => {
  const { app, discord, person, account, clock } = await open();
  const { entitlement } = person.buy(PACK.id);
  await premiumChanged(app, { kind: 'entitlement', id: entitlement, user: ROBIN, sku: PACK.id });
  const rail = app.rails.premium;
  if (!rail) throw new Error('no rail');
  app.rails.premium = {
    ...rail,
    async consume(id) {
      await rail.consume(id);
      discord.premium.refund(id);
      clock.at += 1;
      await premiumChanged(app, { kind: 'entitlement', id, user: ROBIN, sku: PACK.id });
    },
  };
  await run(app, `dc_entitlement_${entitlement}`);
  expect(await app.models.processedEvents.find({}).lean()).toMatchObject([{ status: 'received' }]);
  await run(app, `dc_entitlement_${entitlement}`);
  expect(await balanceOf(app, (await account()).id)).toMatchObject({ available: 0 });
});
