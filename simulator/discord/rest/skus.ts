import { checked, fields, snowflake } from '../forms/form.ts';
import { type Subscription, showSubscription } from '../premium/shown.ts';
import { showSku } from '../premium/skus.ts';
import type { World } from '../world.ts';
import { PAGE, type PageQuery, pageOf, readQuery } from './pages.ts';
import { type Answer, refusal, statusRefusal } from './refusals.ts';

/** GET /applications/:application/skus */
export function listSkus(world: World, [application]: readonly string[]): Answer {
  if (application !== world.applicationId) throw refusal(20012);
  return { status: 200, body: [...world.premium.skus.values()].flatMap((sku) => showSku(world, sku)) };
}

const subscriptionsQuery = fields({ ...PAGE, user_id: snowflake }, ['user_id']);

function subscriptionsTo(world: World, sku = ''): Subscription[] {
  if (!world.premium.skus.has(sku)) throw refusal(10027);
  return [...world.premium.subscriptions.values()].filter((each) => each.sku === sku);
}

/** GET /skus/:sku/subscriptions: those of one user, who must be named. */
export function listSubscriptions(world: World, [sku]: readonly string[], query: Record<string, string>): Answer {
  const all = subscriptionsTo(world, sku);
  const asked = checked<PageQuery & { user_id: string }>(subscriptionsQuery, readQuery(query));
  const mine = all.filter(({ user }) => user === asked.user_id);
  return { status: 200, body: pageOf(mine, asked, 50).map(showSubscription) };
}

/** GET /skus/:sku/subscriptions/:subscription */
export function readSubscription(world: World, [sku, wanted]: readonly string[]): Answer {
  const subscription = subscriptionsTo(world, sku).find((each) => each.id === wanted);
  if (!subscription) throw statusRefusal(404, 'Not Found');
  return { status: 200, body: showSubscription(subscription) };
}
