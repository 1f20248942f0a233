import type { APIEntitlement, APISubscription } from 'discord-api-types/v10';
import type { World } from '../world.ts';

/** Types of entitlements (docs: resources/entitlement). */
export const ENTITLEMENT_TYPES = { purchase: 1, gift: 3, test: 4, subscription: 8 } as const;
/** Statuses of subscriptions (docs: resources/subscription, since 2026-06-16 in this order). */
const STATUSES = { active: 0, inactive: 1, ending: 2 } as const;

export interface Entitlement {
  id: string;
  sku: string;
  user: string;
  type: keyof typeof ENTITLEMENT_TYPES;
  /** Only what can be consumed says whether it was. */
  consumed: boolean | undefined;
  deleted: boolean;
  /** Milliseconds since the epoch; only bought subscriptions have a start. */
  startsAt: number | undefined;
  endsAt: number | undefined;
}

export interface Subscription {
  id: string;
  sku: string;
  user: string;
  entitlements: string[];
  periodStart: number;
  periodEnd: number;
  status: keyof typeof STATUSES;
  canceledAt: number | undefined;
}

const time = (at: number | undefined) => (at === undefined ? null : new Date(at).toISOString());

/** An entitlement as Discord's API and gateway show it. */
export function showEntitlement(world: World, entitlement: Entitlement): APIEntitlement {
  const { id, sku, user, type, consumed, deleted, startsAt, endsAt } = entitlement;
  return {
    id,
    sku_id: sku,
    application_id: world.applicationId,
    user_id: user,
    type: ENTITLEMENT_TYPES[type],
    deleted,
    starts_at: time(startsAt),
    ends_at: time(endsAt),
    ...(consumed !== undefined && { consumed }),
  };
}

/** A subscription as Discord's API and gateway show it. */
export function showSubscription(subscription: Subscription): APISubscription {
  const { id, sku, user, entitlements, periodStart, periodEnd, status, canceledAt } = subscription;
  return {
    id,
    user_id: user,
    sku_ids: [sku],
    entitlement_ids: [...entitlements],
    renewal_sku_ids: status === 'active' ? [sku] : null,
    current_period_start: new Date(periodStart).toISOString(),
    current_period_end: new Date(periodEnd).toISOString(),
    status: STATUSES[status],
    canceled_at: time(canceledAt),
  };
}

/** What an interaction brings along: subscriptions that hold, and no one-time purchases (discord-api-docs issues 7038, 7364). */
export function entitlementsOf(world: World, user: string): APIEntitlement[] {
  const now = world.now();
  return [...world.premium.entitlements.values()]
    .filter((each) => each.user === user && each.consumed === undefined && !each.deleted)
    .filter((each) => each.endsAt === undefined || each.endsAt > now)
    .map((each) => showEntitlement(world, each));
}
