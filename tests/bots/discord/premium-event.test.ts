import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readPremiumEvent } from '../../../bots/discord/premium-event.ts';
import type { BotParts } from '../../../bots/parts.ts';
import type { DiscordPerson } from '../../../simulator/discord/index.ts';
import { createStage, PACK, PLAN, type Stage } from './stage.ts';

type Hint = Parameters<BotParts['premiumChanged']>[0];

let stage: Stage;
let alice: DiscordPerson;
beforeEach(async () => {
  stage = await createStage();
  alice = stage.simulator.person({ name: 'Alice' });
});
afterEach(() => stage.close());

/** A bot that keeps the hints it hands on; `fails` is asked before each. */
async function listen(fails: (hint: Hint) => Promise<void> = async () => undefined) {
  const hints: Hint[] = [];
  const premiumChanged = async (hint: Hint) => {
    await fails(hint);
    hints.push(hint);
  };
  const bot = await stage.start(async () => ({ text: [] }), { premiumChanged });
  return { bot, hints };
}

const logs = () => stage.logged.map((line): Record<string, unknown> => JSON.parse(line));
const logged = (event: string) => logs().filter(({ msg }) => msg === event);

describe('what happens in the shop', () => {
  test('is handed on as hints: a purchase, a refund', async () => {
    const { hints } = await listen();
    const { entitlement: id } = alice.buy(PACK.id);
    stage.simulator.premium.refund(id);
    const hint = { kind: 'entitlement', id, user: alice.userId, sku: PACK.id };
    await expect.poll(() => hints).toEqual([hint, hint]);
  });

  test('is handed on as hints: a subscription with its renewals and its end', async () => {
    const { hints } = await listen();
    const { entitlement, subscription = '' } = alice.buy(PLAN.id);
    stage.simulator.premium.renew(subscription);
    stage.simulator.premium.end(subscription);
    const about = { user: alice.userId, sku: PLAN.id };
    const ofSubscription = { kind: 'subscription', id: subscription, ...about };
    const ofEntitlement = { kind: 'entitlement', id: entitlement, ...about };
    const begun = [ofSubscription, ofEntitlement, ofSubscription];
    await expect.poll(() => hints).toEqual([...begun, ofSubscription, ofEntitlement, ofSubscription]);
  });

  test('is handed on as often as Discord says it', async () => {
    const { hints } = await listen();
    stage.simulator.premiumEventTimes = () => 2;
    const { entitlement: id } = alice.buy(PACK.id);
    await expect.poll(() => hints.map((hint) => hint.id)).toEqual([id, id]);
  });

  test('of an unknown shape is passed over, and the log has a code for it', async () => {
    const { hints } = await listen();
    stage.simulator.dispatch('SUBSCRIPTION_UPDATE', { id: 'x', user_id: 'secret-person' });
    stage.simulator.premium.gift(alice.userId, PACK.id);
    await expect.poll(() => hints.length).toBe(1);
    expect(logged('premium event ignored')).toMatchObject([{ code: 'unknown_subscription' }]);
    expect(stage.logged.join('\n')).not.toContain('secret-person');
    expect(stage.complaints.splice(0).every((words) => words.startsWith('SUBSCRIPTION_UPDATE'))).toBe(true);
  });
});

describe('when a hint cannot be taken', () => {
  test('it is handed on again', async () => {
    let outages = 2;
    const { hints } = await listen(async () => {
      if (outages-- > 0) throw new Error('no database');
    });
    const { entitlement: id } = alice.buy(PACK.id);
    await expect.poll(() => hints.map((hint) => hint.id), { timeout: 5000 }).toEqual([id]);
    expect(logged('premium event not taken').map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  test('for good, it is logged as lost, without the person', async () => {
    const { hints } = await listen(async () => {
      throw new Error('no database');
    });
    alice.buy(PACK.id);
    await expect.poll(() => logged('premium event lost').length, { timeout: 12_000 }).toBe(1);
    expect(logged('premium event lost')).toMatchObject([{ code: 'premium_event_lost', state: 'entitlement', attempt: 4 }]);
    expect(hints).toEqual([]);
    expect(stage.logged.join('\n')).not.toContain(alice.userId);
  });

  test('closing waits for it, and takes what comes meanwhile', async () => {
    let finish = () => {};
    const taken = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let begun = 0;
    const { bot, hints } = await listen(() => {
      begun += 1;
      return taken;
    });
    alice.buy(PACK.id);
    await expect.poll(() => begun).toBe(1);
    const closed = bot.close();
    alice.buy(PACK.id, { testMode: true });
    await expect.poll(() => begun).toBe(2);
    finish();
    await closed;
    expect(hints).toHaveLength(2);
  });
});

test('a subscription to several SKUs makes a hint for each', () => {
  const raw = { id: '1', user_id: '2', sku_ids: ['3', '4'] };
  const hint = { kind: 'subscription', id: '1', user: '2' };
  expect(readPremiumEvent('subscription', raw)).toEqual([
    { ...hint, sku: '3' },
    { ...hint, sku: '4' },
  ]);
});
