import { setTimeout as wait } from 'node:timers/promises';
import { GatewayDispatchEvents } from 'discord.js';
import { z } from 'zod';
import { describe } from '../../core/log.ts';
import type { BotParts } from '../parts.ts';

type Hint = Parameters<BotParts['premiumChanged']>[0];

/** They belong to no intent and to no guild: shard 0 gets them all. */
export const PREMIUM_EVENTS: readonly (readonly [GatewayDispatchEvents, Hint['kind']])[] = [
  [GatewayDispatchEvents.EntitlementCreate, 'entitlement'],
  [GatewayDispatchEvents.EntitlementUpdate, 'entitlement'],
  [GatewayDispatchEvents.EntitlementDelete, 'entitlement'],
  [GatewayDispatchEvents.SubscriptionCreate, 'subscription'],
  [GatewayDispatchEvents.SubscriptionUpdate, 'subscription'],
  [GatewayDispatchEvents.SubscriptionDelete, 'subscription'],
];

/** Milliseconds before the second, third and last try to hand a hint on. */
const PAUSES = [300, 1500, 5000];

const Snowflake = z.string().regex(/^\d{1,20}$/);
const Entitlement = z.object({ id: Snowflake, user_id: Snowflake, sku_id: Snowflake });
const Subscription = z.object({ id: Snowflake, user_id: Snowflake, sku_ids: z.array(Snowflake) });

/** A raw ENTITLEMENT_* or SUBSCRIPTION_* payload as hints, one for each SKU; undefined when it is of an unknown shape. */
export function readPremiumEvent(kind: Hint['kind'], raw: unknown): Hint[] | undefined {
  if (kind === 'entitlement') {
    const { data } = Entitlement.safeParse(raw);
    return data && [{ kind, id: data.id, user: data.user_id, sku: data.sku_id }];
  }
  const { data } = Subscription.safeParse(raw);
  return data?.sku_ids.map((sku) => ({ kind, id: data.id, user: data.user_id, sku }));
}

/** Hands each event on as hints, trying again for some seconds. Never throws: reconciliation finds what is lost here. */
export function createPremiumListener({ log, premiumChanged }: Pick<BotParts, 'log' | 'premiumChanged'>) {
  async function hand(hint: Hint): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await premiumChanged(hint);
      } catch (error) {
        const pause = PAUSES[attempt - 1];
        const about = { platform: 'discord', state: hint.kind, attempt, ...describe(error) };
        if (pause === undefined) return log.error('premium event lost', { ...about, code: 'premium_event_lost' });
        log.warn('premium event not taken', about);
        await wait(pause);
      }
    }
  }

  return async (kind: Hint['kind'], raw: unknown): Promise<void> => {
    const hints = readPremiumEvent(kind, raw);
    if (!hints) return log.warn('premium event ignored', { platform: 'discord', code: `unknown_${kind}` });
    await Promise.all(hints.map(hand));
  };
}
