import type { World } from '../world.ts';
import { type Entitlement, type Subscription, showEntitlement, showSubscription } from './shown.ts';
import type { Sku } from './skus.ts';

export interface Bought {
  entitlement: string;
  subscription?: string;
}

/** Tells the bot, as often as the knob says: such events belong to no guild, so they go to shard 0. */
function tell(world: World, event: string, data: unknown): void {
  const times = world.knobs.premiumEventTimes(event);
  for (let time = 0; time < times; time++) world.dispatch(event, data, undefined);
}

export function tellEntitlement(world: World, happened: 'CREATE' | 'UPDATE' | 'DELETE', entitlement: Entitlement): void {
  tell(world, `ENTITLEMENT_${happened}`, showEntitlement(world, entitlement));
}

function tellSubscription(world: World, happened: 'CREATE' | 'UPDATE', subscription: Subscription): void {
  tell(world, `SUBSCRIPTION_${happened}`, showSubscription(subscription));
}

/** The person has paid. Throws, in the client's words, where Discord would not let them buy. */
export function buy(world: World, user: string, skuId: string, testMode: boolean): Bought {
  const sku = world.premium.skus.get(skuId);
  if (!sku) throw new Error(`nothing of this kind is sold: ${skuId}`);
  if (sku.kind === 'subscription') return subscribe(world, user, sku, testMode);
  const mine = [...world.premium.entitlements.values()].filter((each) => each.user === user && each.sku === skuId);
  // in test mode repeated purchases are permitted without consumption (docs: monetization, one-time purchases)
  const owned = mine.some((each) => !each.consumed && !each.deleted && each.type === 'purchase');
  if (owned && !testMode) throw new Error(`You already own ${sku.name}: it can be bought again once it has been used.`);
  const entitlement = addEntitlement(world, { sku, user, type: testMode ? 'test' : 'purchase' });
  tellEntitlement(world, 'CREATE', entitlement);
  return { entitlement: entitlement.id };
}

/** SUBSCRIPTION_CREATE without an entitlement, the entitlement, then the update that names it (docs: app subscriptions). */
function subscribe(world: World, user: string, sku: Sku, testMode: boolean): Bought {
  const { subscriptions } = world.premium;
  const held = [...subscriptions.values()].some(
    (each) => each.user === user && each.sku === sku.id && each.status !== 'inactive',
  );
  if (held) throw new Error(`You are already subscribed to ${sku.name}.`);
  const at = world.now();
  const subscription: Subscription = {
    id: world.id(),
    sku: sku.id,
    user,
    entitlements: [],
    periodStart: at,
    periodEnd: monthAfter(at),
    status: 'ending',
    canceledAt: undefined,
  };
  subscriptions.set(subscription.id, subscription);
  const before = { ...subscription };
  const entitlement = addEntitlement(world, { sku, user, type: testMode ? 'test' : 'subscription', startsAt: at });
  subscription.entitlements.push(entitlement.id);
  subscription.status = 'active';
  tellSubscription(world, 'CREATE', { ...before, entitlements: [] });
  tellEntitlement(world, 'CREATE', entitlement);
  tellSubscription(world, 'UPDATE', subscription);
  return { entitlement: entitlement.id, subscription: subscription.id };
}

/** A new entitlement that nobody has been told about. */
export function addEntitlement(
  world: World,
  { sku, user, type, startsAt }: { sku: Sku; user: string; type: Entitlement['type']; startsAt?: number },
): Entitlement {
  const consumed = sku.kind === 'consumable' ? false : undefined;
  const entitlement: Entitlement = {
    id: world.id(),
    sku: sku.id,
    user,
    type,
    consumed,
    deleted: false,
    startsAt,
    endsAt: undefined,
  };
  world.premium.entitlements.set(entitlement.id, entitlement);
  return entitlement;
}

/** The developer gives it away: no revenue. */
export function gift(world: World, user: string, skuId: string): string {
  const sku = world.premium.skus.get(skuId);
  if (!sku) throw new Error(`nothing of this kind is sold: ${skuId}`);
  const entitlement = addEntitlement(world, { sku, user, type: 'gift' });
  tellEntitlement(world, 'CREATE', entitlement);
  return entitlement.id;
}

function subscriptionOf(world: World, id: string): Subscription {
  const subscription = world.premium.subscriptions.get(id);
  if (!subscription) throw new Error(`no such subscription: ${id}`);
  if (subscription.status === 'inactive') throw new Error(`the subscription is over: ${id}`);
  return subscription;
}

/** The next period was paid; the entitlement stays as it is. */
export function renew(world: World, id: string): void {
  const subscription = subscriptionOf(world, id);
  if (subscription.status !== 'active') throw new Error(`the subscription was cancelled: ${id}`);
  subscription.periodStart = subscription.periodEnd;
  subscription.periodEnd = monthAfter(subscription.periodStart);
  tellSubscription(world, 'UPDATE', subscription);
}

/** It will not renew, and holds until the period's end. */
export function cancel(world: World, id: string): void {
  const subscription = subscriptionOf(world, id);
  subscription.status = 'ending';
  subscription.canceledAt = world.now();
  tellSubscription(world, 'UPDATE', subscription);
}

/** The person thought better of cancelling. */
export function resume(world: World, id: string): void {
  const subscription = subscriptionOf(world, id);
  subscription.status = 'active';
  subscription.canceledAt = undefined;
  tellSubscription(world, 'UPDATE', subscription);
}

/** The last period is over: the entitlement gets its end, and the subscription is inactive. */
export function end(world: World, id: string): void {
  const subscription = subscriptionOf(world, id);
  subscription.status = 'inactive';
  const ended = subscription.entitlements.flatMap((each) => world.premium.entitlements.get(each) ?? []);
  for (const entitlement of ended) {
    entitlement.endsAt = world.now();
    tellEntitlement(world, 'UPDATE', entitlement);
  }
  tellSubscription(world, 'UPDATE', subscription);
}

/** Discord gave the money back: the entitlement is gone, and a subscription behind it is inactive. */
export function refund(world: World, entitlementId: string): void {
  const entitlement = world.premium.entitlements.get(entitlementId);
  if (!entitlement || entitlement.deleted) throw new Error(`no such entitlement: ${entitlementId}`);
  const paid = [...world.premium.subscriptions.values()].filter((each) => each.entitlements.includes(entitlementId));
  entitlement.deleted = true;
  for (const subscription of paid) subscription.status = 'inactive';
  tellEntitlement(world, 'DELETE', entitlement);
  for (const subscription of paid) tellSubscription(world, 'UPDATE', subscription);
}

/** The same day of the next month, or that month's last day. */
function monthAfter(at: number): number {
  const next = new Date(at);
  const day = next.getUTCDate();
  next.setUTCMonth(next.getUTCMonth() + 1);
  if (next.getUTCDate() !== day) next.setUTCDate(0);
  return next.getTime();
}
