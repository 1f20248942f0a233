import { z } from 'zod';
import { PROCESSED_EVENTS } from '../../models/processed-event.ts';
import type { App } from '../app.ts';
import { type Item, itemOfSku } from './catalog.ts';
import { keepHint } from './events.ts';
import { type Payment, paymentOf } from './payment.ts';
import { orderOfShop } from './premium-orders.ts';
import type { PremiumRail, PremiumSubscription } from './rail.ts';
import { applyReversals } from './reverse.ts';
import { closePlanOrder, landPack, landPeriod } from './settle.ts';
import type { Acted } from './stripe-land.ts';
import { GRACE_MS, keepSubscription } from './subscriptions.ts';

/** What Discord's gateway has said: which entitlement or subscription to look at. */
export interface PremiumHint {
  kind: 'entitlement' | 'subscription';
  id: string;
  user: string;
  sku: string;
}

const hintSchema = z.object({ kind: z.enum(['entitlement', 'subscription']), id: z.string(), user: z.string(), sku: z.string() });
const sealedAt = (id: string) => ({ collection: PROCESSED_EVENTS, id, path: 'objectId' });

/** Stores a hint and rings for it. It names a person, so it is stored sealed. */
export async function premiumChanged(app: App, hint: PremiumHint): Promise<void> {
  const _id = `dc_${hint.kind}_${hint.id}`;
  const objectId = app.keys.sealDeployment(sealedAt(_id), JSON.stringify(hint));
  await keepHint(app, { _id, source: 'discord', type: hint.kind, objectId });
}

/** Acts on a stored hint. */
export async function actOnPremium(app: App, eventId: string, sealed: string): Promise<Acted> {
  const hint = hintSchema.parse(JSON.parse(app.keys.unsealDeployment(sealedAt(eventId), sealed)));
  return hint.kind === 'entitlement' ? settleEntitlement(app, hint.id, hint) : settlePremiumSubscription(app, hint);
}

/**
 * Brings in what Discord says of an entitlement now. A consumable is granted first and consumed then: the person cannot buy it again
 * until it is, so what a crash left in between shows and is done again.
 */
export async function settleEntitlement(app: App, id: string, hint?: PremiumHint): Promise<Acted> {
  const rail = railOf(app);
  const entitlement = await rail.entitlement(id);
  if (!entitlement || entitlement.deleted) return takeBack(app, rail, { ...hint, ...entitlement, id });
  const item = itemOfSku(app.catalog, entitlement.sku);
  if (!item) return 'ignored';
  if (entitlement.isTest && !app.config.DISCORD_TEST_PURCHASES) {
    app.log.warn('a test purchase was not credited', { code: 'test_purchase', where: item.id });
    return 'ignored';
  }
  if (entitlement.kind === 'subscription') return settlePremiumSubscription(app, entitlement);
  if (entitlement.kind !== 'consumable' || item.kind !== 'pack') return 'ignored';
  // Of somebody who has left: nothing is granted, and nobody gets an account for it.
  if ((await paymentOf(app, 'discord', id))?.forgottenAt) {
    if (!entitlement.consumed) await rail.consume(id);
    return 'done';
  }
  const order = await orderOfShop(app, entitlement.user, item);
  await landPack(app, order, { ext: id, ...priceOf(item), at: app.now() }, `discord:ent:${id}`);
  if (!entitlement.consumed) await rail.consume(id);
  return 'done';
}

/** Grants every month of a subscription while an entitlement says that it gives access. */
export async function settlePremiumSubscription(app: App, { sku, user }: Pick<PremiumHint, 'sku' | 'user'>): Promise<Acted> {
  const rail = railOf(app);
  const item = itemOfSku(app.catalog, sku);
  if (item?.kind !== 'plan') return 'ignored';
  for (const subscription of await rail.subscriptions(sku, user)) {
    const syncedAt = new Date(app.now());
    // A month that was paid before its person left: they come back with the next one, if at all.
    if ((await paymentOf(app, 'discord', `${subscription.id}:${subscription.periodStart}`))?.forgottenAt) continue;
    const isActive = await givesAccess(app, rail, subscription);
    const order = await orderOfShop(app, user, item);
    if (isActive) await landMonth(app, order, item, subscription);
    const { id, periodStart, periodEnd, status } = subscription;
    await keepSubscription(app, {
      _id: id,
      accountId: order.accountId,
      provider: 'discord',
      item: item.id,
      status: isActive ? (status === 'active' ? 'active' : 'ending') : 'ended',
      periodStart: new Date(periodStart),
      periodEnd: new Date(periodEnd),
      syncedAt,
      rev: 0,
    });
  }
  return 'done';
}

function railOf(app: App): PremiumRail {
  if (!app.rails.premium) throw new Error('an entitlement is to be settled and Discord is not configured');
  return app.rails.premium;
}

/** The entitlement decides on access, not the subscription's own status. */
async function givesAccess(app: App, rail: PremiumRail, { entitlements }: PremiumSubscription): Promise<boolean> {
  for (const id of entitlements) {
    const found = await rail.entitlement(id);
    const isTaken = found && (!found.isTest || app.config.DISCORD_TEST_PURCHASES);
    if (isTaken && !found.deleted && (found.endsAt ?? Number.POSITIVE_INFINITY) > app.now()) return true;
  }
  return false;
}

async function landMonth(
  app: App,
  order: Payment,
  item: Item,
  { id, periodStart, periodEnd }: PremiumSubscription,
): Promise<void> {
  const month = {
    cause: `discord:sub:${id}:${periodStart}`,
    credits: item.id === order.item ? order.credits : item.credits,
    expiresAt: periodEnd + GRACE_MS,
  };
  await landPeriod(app, order, { ext: `${id}:${periodStart}`, ...priceOf(item), at: app.now() }, item.id, [month]);
  if (order.kind === 'plan_order') await closePlanOrder(app, order, {});
}

const priceOf = ({ discord }: Item) => ({ amountMinor: discord?.amountMinor ?? 0, currency: 'usd' });

/**
 * Discord has refunded it, or somebody has removed it: an entitlement that merely ends is not deleted. All of a pack goes back, and of
 * a plan the month that it was in.
 */
async function takeBack(
  app: App,
  rail: PremiumRail,
  { id, sku, user }: { id: string; sku?: string; user?: string },
): Promise<Acted> {
  const payment =
    (await paymentOf(app, 'discord', id)) ?? (sku && user ? await monthOf(app, rail, id, { sku, user }) : undefined);
  if (!payment?.grantedAt) return 'ignored';
  const whole = { id: `discord:${id}`, kind: 'refund', state: 'deleted', rank: 1, counts: true } as const;
  await applyReversals(app, payment._id, [{ ...whole, amountMinor: payment.amountMinor ?? 0 }], app.now());
  if (sku && user && payment.kind === 'plan_period') await settlePremiumSubscription(app, { sku, user });
  return 'done';
}

/** The newest paid month of the subscription that an entitlement belonged to. */
async function monthOf(
  app: App,
  rail: PremiumRail,
  entitlement: string,
  { sku, user }: Pick<PremiumHint, 'sku' | 'user'>,
): Promise<Payment | undefined> {
  const subscription = (await rail.subscriptions(sku, user)).find(({ entitlements }) => entitlements.includes(entitlement));
  return subscription && paymentOf(app, 'discord', `${subscription.id}:${subscription.periodStart}`);
}
