import { Routes } from 'discord.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPremiumRail } from '../../../bots/discord/index.ts';
import type { PremiumRail } from '../../../core/payments/rail.ts';
import type { AskedRequest, DiscordPerson } from '../../../simulator/discord/index.ts';
import { createStage, PACK, PLAN, requestsTo, type Stage } from './stage.ts';

const UNKNOWN = '1200000000000000000';
const DAY = 86_400_000;

let stage: Stage;
let rail: PremiumRail;
let alice: DiscordPerson;
beforeEach(async () => {
  stage = await createStage();
  const { token, api } = stage.simulator;
  rail = createPremiumRail({ token, api, log: stage.log });
  alice = stage.simulator.person({ name: 'Alice' });
});
afterEach(async () => {
  await rail.entitlements();
  await stage.close();
});

const toEntitlements = ({ path }: AskedRequest) => path.includes('/entitlements');
const toConsume = ({ path }: AskedRequest) => path.endsWith('/consume');

/** Alice subscribes; the ids of what she got. */
function subscribe(): { entitlement: string; subscription: string } {
  const { entitlement, subscription = '' } = alice.buy(PLAN.id);
  return { entitlement, subscription };
}

describe('an entitlement', () => {
  test('says what it is of and whose it is', async () => {
    const { entitlement: id } = alice.buy(PACK.id);
    const bought = { user: alice.userId, consumed: false, deleted: false, isTest: false, endsAt: undefined };
    expect(await rail.entitlement(id)).toEqual({ id, sku: PACK.id, kind: 'consumable', ...bought });
    const plan = subscribe();
    expect(await rail.entitlement(plan.entitlement)).toEqual({
      id: plan.entitlement,
      sku: PLAN.id,
      kind: 'subscription',
      ...bought,
    });
  });

  test('that ended or was refunded says so', async () => {
    const { entitlement: pack } = alice.buy(PACK.id);
    const plan = subscribe();
    stage.pass(DAY);
    stage.simulator.premium.refund(pack);
    stage.simulator.premium.end(plan.subscription);
    expect(await rail.entitlement(pack)).toMatchObject({ deleted: true });
    expect(await rail.entitlement(plan.entitlement)).toMatchObject({ endsAt: stage.now(), deleted: false });
  });

  test('that nobody paid for is a test: bought in test mode, given by the developer, or made by the API', async () => {
    const unpaid = [
      alice.buy(PACK.id, { testMode: true }).entitlement,
      alice.buy(PLAN.id, { testMode: true }).entitlement,
      stage.simulator.premium.gift(alice.userId, PACK.id),
      stage.simulator.premium.gift(alice.userId, PLAN.id),
      await testEntitlement(PACK.id),
      await testEntitlement(PLAN.id),
    ];
    const seen = await Promise.all(unpaid.map((id) => rail.entitlement(id)));
    expect(seen.map((each) => each?.isTest)).toEqual(unpaid.map(() => true));
  });

  test('that Discord does not know is undefined', async () => {
    expect(await rail.entitlement(UNKNOWN)).toBeUndefined();
  });

  test('of a SKU that is not in the list any more is of another kind', async () => {
    const { entitlement: id } = alice.buy(PACK.id);
    stage.simulator.forced.push({ match: ({ path }) => path.endsWith('/skus'), status: 200, body: [] });
    expect(await rail.entitlement(id)).toMatchObject({ kind: 'other' });
    expect(await rail.entitlement(id)).toMatchObject({ kind: 'consumable' });
  });
});

describe('all entitlements', () => {
  test('come in pages, oldest first, with the consumed, the ended and the deleted ones', async () => {
    const { entitlement: first } = alice.buy(PACK.id);
    await rail.consume(first);
    const { entitlement: second, subscription } = subscribe();
    stage.simulator.premium.end(subscription);
    const { entitlement: third } = alice.buy(PACK.id);
    stage.simulator.premium.refund(third);
    const more = Array.from({ length: 100 }, () => alice.buy(PACK.id, { testMode: true }).entitlement);
    const page = await rail.entitlements();
    const rest = await rail.entitlements(page.at(-1)?.id);
    expect([...page, ...rest].map(({ id }) => id)).toEqual([first, second, third, ...more]);
    expect([page.length, rest.length]).toEqual([100, 3]);
    expect(page.slice(0, 3)).toMatchObject([{ consumed: true }, { endsAt: stage.now() }, { deleted: true }]);
    expect(await rail.entitlements(rest.at(-1)?.id)).toEqual([]);
  });
});

describe('consuming', () => {
  test('lets the person buy again', async () => {
    const { entitlement: id } = alice.buy(PACK.id);
    expect(() => alice.buy(PACK.id)).toThrow('already own');
    await rail.consume(id);
    expect(await rail.entitlement(id)).toMatchObject({ consumed: true });
    alice.buy(PACK.id);
  });

  test('twice is as good as once, though Discord refuses the second time', async () => {
    const { entitlement: id } = alice.buy(PACK.id);
    await rail.consume(id);
    await rail.consume(id);
    expect(requestsTo(stage.simulator, 'POST', /\/consume$/).map(({ status }) => status)).toEqual([204, 404]);
  });

  test('fails while it may not have happened', async () => {
    const { entitlement: id } = alice.buy(PACK.id);
    stage.simulator.forced.push({ match: toConsume, status: 500 }, { match: toConsume, lose: 'request' });
    await expect(rail.consume(id)).rejects.toMatchObject({ code: 'http_500' });
    await expect(rail.consume(id)).rejects.toMatchObject({ name: 'DiscordFailure' });
    expect(await rail.entitlement(id)).toMatchObject({ consumed: false });
  });

  test('fails for what cannot be consumed, was refunded or is unknown', async () => {
    const { entitlement: refunded } = alice.buy(PACK.id);
    stage.simulator.premium.refund(refunded);
    await expect(rail.consume(subscribe().entitlement)).rejects.toMatchObject({ code: '40018' });
    await expect(rail.consume(refunded)).rejects.toMatchObject({ code: '10029' });
    await expect(rail.consume(UNKNOWN)).rejects.toMatchObject({ code: '10029' });
  });
});

describe('the subscriptions of a person', () => {
  test('say which period is paid for and whether it goes on', async () => {
    const start = stage.now();
    const { entitlement, subscription: id } = subscribe();
    const common = { id, sku: PLAN.id, user: alice.userId, entitlements: [entitlement] };
    const [first] = await rail.subscriptions(PLAN.id, alice.userId);
    expect(first).toEqual({ ...common, periodStart: start, periodEnd: Date.UTC(2026, 11, 24, 12), status: 'active' });
    stage.simulator.premium.renew(id);
    stage.simulator.premium.cancel(id);
    expect(await rail.subscriptions(PLAN.id, alice.userId)).toEqual([
      { ...common, periodStart: first?.periodEnd, periodEnd: Date.UTC(2027, 0, 24, 12), status: 'ending' },
    ]);
  });

  test('come oldest first, and nobody else’s', async () => {
    const { subscription: old } = subscribe();
    stage.simulator.premium.end(old);
    const { subscription: young } = subscribe();
    stage.simulator.person({ name: 'Bob' }).buy(PLAN.id);
    const found = await rail.subscriptions(PLAN.id, alice.userId);
    expect(found.map(({ id, status }) => [id, status])).toEqual([
      [old, 'inactive'],
      [young, 'active'],
    ]);
  });
});

test('asks for the application once, or never when it is told', async () => {
  const asked = () => requestsTo(stage.simulator, 'GET', /^\/applications\/@me$/).length;
  const { token, api, applicationId } = stage.simulator;
  const told = createPremiumRail({ token, api, applicationId, log: stage.log });
  await told.entitlements();
  expect(asked()).toBe(0);
  await rail.entitlements();
  await rail.entitlements();
  expect(asked()).toBe(1);
});

test('errors name the reason and hold neither the token nor anybody', async () => {
  const { api } = stage.simulator;
  const wrong = createPremiumRail({ token: 'MTIz.secret.token', api, log: stage.log });
  const error: unknown = await wrong.entitlements().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'DiscordFailure', status: 401 });
  expect(JSON.stringify([String(error), error, Object(error).stack])).not.toContain('secret');
  stage.simulator.forced.push({ match: toEntitlements, status: 200, body: [{ id: 7 }] });
  stage.complaints.length = 0;
  await expect(rail.entitlements()).rejects.toMatchObject({ code: 'unknown_answer' });
  expect(stage.complaints.splice(0)).not.toEqual([]);
});

async function testEntitlement(sku: string): Promise<string> {
  const { token, api, applicationId } = stage.simulator;
  const answer = await fetch(`${api}/v10${Routes.entitlements(applicationId)}`, {
    method: 'POST',
    headers: { authorization: `Bot ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ sku_id: sku, owner_id: alice.userId, owner_type: 2 }),
  });
  return String(Object(await answer.json()).id);
}
