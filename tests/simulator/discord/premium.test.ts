import type { APIEntitlement, APISubscription } from 'discord.js';
import { Routes } from 'discord.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DiscordPerson } from '../../../simulator/discord/index.ts';
import { checkAnswer, checkGateway } from '../../support/discord-schema.ts';
import { codeOf, commandOf, createClock, eventually, HELP, openStage, type Stage, through } from './stage.ts';

const PACK = { id: '1100000000000000001', name: 'Small pack', kind: 'consumable', price: '$4.99' } as const;
const PLAN = { id: '1100000000000000002', name: 'Plus plan', kind: 'subscription', price: '$9.99' } as const;
const START = Date.UTC(2026, 0, 31);
const at = (time: number) => new Date(time).toISOString();

let clock: ReturnType<typeof createClock>;
let stage: Stage;
let ann: DiscordPerson;
beforeEach(async () => {
  clock = createClock(START);
  stage = await openStage({ now: clock.now, skus: [PACK, PLAN] });
  await stage.login();
  ann = stage.simulator.person({ name: 'Ann' });
});
afterEach(() => stage.close());

const own = () => stage.simulator.applicationId;
const events = () => stage.premium.map(({ event }) => event);
const entitlement = (id: string) => stage.rest.get(Routes.entitlement(own(), id)) as Promise<APIEntitlement>;
const list = (query: Record<string, string> = {}) =>
  stage.rest.get(Routes.entitlements(own()), { query: new URLSearchParams(query) }) as Promise<APIEntitlement[]>;
const consume = (id: string) => stage.rest.post(Routes.consumeEntitlement(own(), id));
const subscriptions = (user: string) =>
  stage.rest.get(Routes.skuSubscriptions(PLAN.id), { query: new URLSearchParams({ user_id: user }) }) as Promise<
    APISubscription[]
  >;

/** Ann subscribes; the ids of what she got. */
function subscribe(): { entitlement: string; subscription: string } {
  const { entitlement, subscription = '' } = ann.buy(PLAN.id);
  return { entitlement, subscription };
}

test('lists what is sold, and the group that every subscription has', async () => {
  const skus = await stage.rest.get(Routes.skus(own()));
  expect(skus).toMatchObject([
    { id: PACK.id, type: 3, name: 'Small pack', slug: 'small-pack', flags: 4 },
    { id: PLAN.id, type: 5, flags: 260 },
    { type: 6, name: 'Plus plan' },
  ]);
});

test('does not open with ids that Discord never made', async () => {
  await expect(openStage({ skus: [{ ...PACK, id: 'pack' }] })).rejects.toThrow('not one of Discord');
  await expect(openStage({ skus: [PACK, PACK] })).rejects.toThrow('same id');
});

describe('a consumable', () => {
  test('that was bought is told and listed, before and after it is consumed', async () => {
    const { entitlement: id } = ann.buy(PACK.id);
    expect(stage.premium).toMatchObject([
      {
        event: 'ENTITLEMENT_CREATE',
        data: { id, sku_id: PACK.id, user_id: ann.userId, type: 1, consumed: false, ends_at: null },
      },
    ]);
    await consume(id);
    expect(await list()).toMatchObject([{ id, consumed: true, deleted: false }]);
  });

  test('is not sold again before it was consumed, to others it is', async () => {
    const { entitlement: id } = ann.buy(PACK.id);
    expect(() => ann.buy(PACK.id)).toThrow('You already own Small pack');
    stage.simulator.person({ name: 'Bob' }).buy(PACK.id);
    await consume(id);
    ann.buy(PACK.id);
    expect(events()).toEqual(['ENTITLEMENT_CREATE', 'ENTITLEMENT_CREATE', 'ENTITLEMENT_CREATE']);
  });

  test('is sold again and again in test mode, as a test purchase', async () => {
    const bought = [1, 2].map(() => ann.buy(PACK.id, { testMode: true }).entitlement);
    const [one, other] = await Promise.all(bought.map(entitlement));
    expect([one?.type, other?.type]).toEqual([4, 4]);
  });

  test('is consumed once', async () => {
    const { entitlement: id } = ann.buy(PACK.id);
    await consume(id);
    expect(await codeOf(consume(id))).toBe(10029);
    expect(await codeOf(consume(subscribe().entitlement))).toBe(40018);
    expect(await codeOf(consume('1'))).toBe(10029);
  });

  test('that was refunded is gone, for the list as well unless deleted ones are asked for', async () => {
    const { entitlement: id } = ann.buy(PACK.id);
    stage.simulator.premium.refund(id);
    expect(stage.premium.at(-1)).toMatchObject({ event: 'ENTITLEMENT_DELETE', data: { id, deleted: true } });
    expect(await list()).toEqual([]);
    expect(await list({ exclude_deleted: 'false' })).toMatchObject([{ id, deleted: true }]);
    expect(await entitlement(id)).toMatchObject({ deleted: true });
    expect(() => stage.simulator.premium.refund(id)).toThrow('no such entitlement');
  });
});

describe('a subscription', () => {
  test('begins with an open-ended entitlement, and the events come as documented', async () => {
    const { entitlement: id, subscription } = subscribe();
    expect(stage.premium).toMatchObject([
      { event: 'SUBSCRIPTION_CREATE', data: { id: subscription, status: 2, entitlement_ids: [] } },
      { event: 'ENTITLEMENT_CREATE', data: { id, type: 8, starts_at: at(START), ends_at: null } },
      { event: 'SUBSCRIPTION_UPDATE', data: { id: subscription, status: 0, entitlement_ids: [id], renewal_sku_ids: [PLAN.id] } },
    ]);
    expect(await subscriptions(ann.userId)).toMatchObject([
      { current_period_start: at(START), current_period_end: at(Date.UTC(2026, 1, 28)) },
    ]);
    expect(() => ann.buy(PLAN.id)).toThrow('already subscribed');
  });

  test('renews with new bounds of its period while the entitlement stays as it is', async () => {
    const { entitlement: id, subscription } = subscribe();
    const before = await entitlement(id);
    stage.simulator.premium.renew(subscription);
    expect(stage.premium.slice(3)).toMatchObject([
      { event: 'SUBSCRIPTION_UPDATE', data: { current_period_start: at(Date.UTC(2026, 1, 28)), status: 0 } },
    ]);
    expect(await entitlement(id)).toEqual(before);
  });

  test('that was cancelled renews no more, unless the person resumes it', () => {
    const { subscription } = subscribe();
    const { premium } = stage.simulator;
    premium.cancel(subscription);
    expect(stage.premium.at(-1)).toMatchObject({ data: { status: 2, canceled_at: at(START), renewal_sku_ids: null } });
    expect(() => premium.renew(subscription)).toThrow('cancelled');
    premium.resume(subscription);
    expect(stage.premium.at(-1)).toMatchObject({ data: { status: 0, canceled_at: null } });
    premium.renew(subscription);
    expect(() => premium.renew('1')).toThrow('no such subscription');
  });

  test('that ends gives its entitlement an end', async () => {
    const { entitlement: id, subscription } = subscribe();
    clock.forward(1000);
    stage.simulator.premium.end(subscription);
    expect(stage.premium.slice(3)).toMatchObject([
      { event: 'ENTITLEMENT_UPDATE', data: { id, ends_at: at(START + 1000), deleted: false } },
      { event: 'SUBSCRIPTION_UPDATE', data: { id: subscription, status: 1 } },
    ]);
    expect(await list({ exclude_ended: 'true' })).toEqual([]);
    expect(await list()).toMatchObject([{ id }]);
    expect(() => stage.simulator.premium.renew(subscription)).toThrow('over');
    expect(ann.buy(PLAN.id).subscription).not.toBe(subscription);
  });

  test('that was refunded loses its entitlement and is inactive', async () => {
    const { entitlement: id, subscription } = subscribe();
    stage.simulator.premium.refund(id);
    expect(events().slice(3)).toEqual(['ENTITLEMENT_DELETE', 'SUBSCRIPTION_UPDATE']);
    expect(await subscriptions(ann.userId)).toMatchObject([{ id: subscription, status: 1 }]);
  });

  test('is shown for one user only, who must be named', async () => {
    const { subscription } = subscribe();
    expect(await subscriptions(stage.simulator.person({ name: 'Bob' }).userId)).toEqual([]);
    expect(await codeOf(stage.rest.get(Routes.skuSubscriptions(PLAN.id)))).toBe(50035);
    expect(await stage.rest.get(Routes.skuSubscription(PLAN.id, subscription))).toMatchObject({ id: subscription });
    expect(await codeOf(stage.rest.get(Routes.skuSubscription(PLAN.id, '1')))).toBe(0);
    expect(await codeOf(stage.rest.get(Routes.skuSubscriptions('1')))).toBe(10027);
  });
});

describe('the list of entitlements', () => {
  test('is narrowed by user, SKU and id, and promises no order', async () => {
    const bob = stage.simulator.person({ name: 'Bob' });
    const [one, two, three] = [ann.buy(PACK.id), subscribe(), bob.buy(PACK.id)].map(({ entitlement: id }) => id);
    const ids = async (query: Record<string, string>) => (await list(query)).map(({ id }) => id);
    expect(await ids({})).toEqual([three, two, one]);
    expect(await ids({ user_id: ann.userId })).toEqual([two, one]);
    expect(await ids({ sku_ids: `${PACK.id},1` })).toEqual([three, one]);
    expect(await ids({ after: one ?? '', limit: '1' })).toEqual([two]);
    expect(await ids({ before: three ?? '', limit: '1' })).toEqual([two]);
    expect(await ids({ guild_id: '1' })).toEqual([]);
  });

  test.each([{ limit: '0' }, { limit: '101' }, { after: 'x' }, { sku_ids: '1,x' }, { exclude_ended: 'perhaps' }])(
    'refuses %o',
    async (query) => {
      expect(await codeOf(stage.rest.get(Routes.entitlements(own()), { query: new URLSearchParams(query) }))).toBe(50035);
    },
  );

  test('is nobody else’s', async () => {
    expect(await codeOf(stage.rest.get(Routes.entitlements('1')))).toBe(20012);
    expect(await codeOf(stage.rest.get(Routes.skus('1')))).toBe(20012);
  });
});

describe('a test entitlement', () => {
  const create = (sku: string, owner = ann.userId) =>
    stage.rest.post(Routes.entitlements(own()), { body: { sku_id: sku, owner_id: owner, owner_type: 2 } });

  test('comes without times, and has neither start nor subscription', async () => {
    const made = (await create(PLAN.id)) as APIEntitlement;
    expect(made).not.toHaveProperty('starts_at');
    expect(await entitlement(made.id)).toMatchObject({ type: 8, starts_at: null, ends_at: null });
    expect(await subscriptions(ann.userId)).toEqual([]);
    expect(events()).toEqual(['ENTITLEMENT_CREATE']);
  });

  test('can be deleted, what was paid for cannot', async () => {
    const made = (await create(PACK.id)) as APIEntitlement;
    await stage.rest.delete(Routes.entitlement(own(), made.id));
    expect(events()).toEqual(['ENTITLEMENT_CREATE', 'ENTITLEMENT_DELETE']);
    expect(await codeOf(stage.rest.delete(Routes.entitlement(own(), made.id)))).toBe(10029);
    expect(await codeOf(stage.rest.delete(Routes.entitlement(own(), ann.buy(PACK.id).entitlement)))).toBe(40019);
    expect(await codeOf(stage.rest.delete(Routes.entitlement(own(), subscribe().entitlement)))).toBe(40019);
  });

  test('is made for SKUs and users that exist', async () => {
    expect(await codeOf(create('1'))).toBe(50057);
    expect(await codeOf(create(PACK.id, '1'))).toBe(10013);
    expect(await codeOf(stage.rest.post(Routes.entitlements(own()), { body: { sku_id: PACK.id } }))).toBe(50035);
  });
});

test('events can be lost or repeated, each kind by itself', () => {
  stage.simulator.premiumEventTimes = (event) => (event === 'ENTITLEMENT_CREATE' ? 2 : 0);
  subscribe();
  expect(events()).toEqual(['ENTITLEMENT_CREATE', 'ENTITLEMENT_CREATE']);
});

test('a gift of the developer is known as one', async () => {
  const id = stage.simulator.premium.gift(ann.userId, PACK.id);
  expect(await entitlement(id)).toMatchObject({ type: 3, consumed: false });
});

test('interactions bring subscriptions along that hold, and no one-time purchases', async () => {
  await stage.register(HELP);
  ann.buy(PACK.id);
  const { entitlement: id, subscription } = subscribe();
  expect((await commandOf(stage, () => ann.command('help'))).entitlements).toMatchObject([{ id }]);
  stage.simulator.premium.end(subscription);
  expect((await commandOf(stage, () => ann.command('help'))).entitlements).toEqual([]);
});

describe('a premium button', () => {
  const premium = (sku: string) => [{ type: 1, components: [{ type: 2, style: 6, sku_id: sku }] }];

  test('shows name and price, and buys when it is pressed', async () => {
    await stage.register(HELP);
    const routes = through(stage, await commandOf(stage, () => ann.command('help')));
    await routes.callback({ type: 4, data: { content: 'Buy', components: premium(PACK.id) } });
    const { id, buttons } = await ann.until(({ text }) => text === 'Buy');
    expect(buttons).toEqual([[{ id: PACK.id, label: 'Small pack', tone: 'primary', price: '$4.99' }]]);
    ann.press(id, PACK.id);
    await eventually(() => stage.premium[0]);
    expect(stage.premium).toMatchObject([{ event: 'ENTITLEMENT_CREATE', data: { user_id: ann.userId, sku_id: PACK.id } }]);
    expect(stage.interactions).toHaveLength(1);
    expect(() => ann.press(id, PACK.id)).toThrow('You already own Small pack');
  });

  test('is refused for a SKU that the application does not have', async () => {
    await stage.register(HELP);
    const routes = through(stage, await commandOf(stage, () => ann.command('help')));
    expect(await codeOf(routes.callback({ type: 4, data: { content: 'Buy', components: premium('1') } }))).toBe(50057);
  });
});

test('the outside checks complain about wrong payloads of the shop', async () => {
  const { entitlement: id } = ann.buy(PACK.id);
  const right = await entitlement(id);
  const path = `/applications/1/entitlements/${id}`;
  expect(checkAnswer('GET', path, 200, right)).toEqual([]);
  expect(checkAnswer('GET', path, 200, { ...right, type: 9 })).not.toEqual([]);
  expect(checkAnswer('GET', path, 200, { ...right, more: 1 })).not.toEqual([]);
  expect(checkAnswer('GET', '/applications/1/entitlements', 200, [{ ...right, ends_at: 'soon' }])).not.toEqual([]);
  expect(checkAnswer('POST', '/applications/1/entitlements', 200, right)).not.toEqual([]);
  expect(checkAnswer('GET', '/applications/1/skus', 200, [{ id: '1' }])).not.toEqual([]);
  expect(checkAnswer('GET', '/applications/1/skus', 200, {})).not.toEqual([]);
  expect(checkGateway('ENTITLEMENT_CREATE', { ...right, sku_id: undefined })).not.toEqual([]);
  expect(checkGateway('SUBSCRIPTION_CREATE', right)).not.toEqual([]);
});
