import { boolean, checked, fields, oneOf, snowflake } from '../forms/form.ts';
import { addEntitlement, tellEntitlement } from '../premium/shop.ts';
import { type Entitlement, showEntitlement } from '../premium/shown.ts';
import type { World } from '../world.ts';
import { PAGE, type PageQuery, pageOf, readQuery, snowflakes } from './pages.ts';
import { type Answer, refusal } from './refusals.ts';

function requireOwn(world: World, application: string | undefined): void {
  if (application !== world.applicationId) throw refusal(20012);
}

interface EntitlementsQuery extends PageQuery {
  user_id?: string;
  guild_id?: string;
  sku_ids?: string;
  exclude_ended?: boolean;
  exclude_deleted?: boolean;
}

const entitlementsQuery = fields({
  ...PAGE,
  user_id: snowflake,
  guild_id: snowflake,
  sku_ids: snowflakes,
  exclude_ended: boolean,
  exclude_deleted: boolean,
});

/** GET /applications/:application/entitlements: ended ones unless asked otherwise, deleted ones only when asked for. */
export function listEntitlements(world: World, [application]: readonly string[], query: Record<string, string>): Answer {
  requireOwn(world, application);
  const asked = checked<EntitlementsQuery>(entitlementsQuery, readQuery(query));
  const skus = asked.sku_ids?.split(',');
  const wanted = [...world.premium.entitlements.values()]
    .filter(({ user }) => asked.guild_id === undefined && (asked.user_id === undefined || user === asked.user_id))
    .filter(({ sku }) => skus?.includes(sku) ?? true)
    .filter(({ endsAt }) => !asked.exclude_ended || endsAt === undefined || endsAt > world.now())
    .filter(({ deleted }) => asked.exclude_deleted === false || !deleted);
  return { status: 200, body: pageOf(wanted, asked, 100).map((each) => showEntitlement(world, each)) };
}

function entitlementOf(world: World, [application, id = '']: readonly string[]): Entitlement {
  requireOwn(world, application);
  const entitlement = world.premium.entitlements.get(id);
  if (!entitlement) throw refusal(10029);
  return entitlement;
}

/** GET /applications/:application/entitlements/:entitlement */
export function readEntitlement(world: World, params: readonly string[]): Answer {
  return { status: 200, body: showEntitlement(world, entitlementOf(world, params)) };
}

/** POST /applications/:application/entitlements/:entitlement/consume. What a second time gets is not documented: here a refusal. */
export function consumeEntitlement(world: World, params: readonly string[]): Answer {
  const entitlement = entitlementOf(world, params);
  if (entitlement.consumed === undefined) throw refusal(40018);
  if (entitlement.consumed || entitlement.deleted) throw refusal(10029);
  entitlement.consumed = true;
  return { status: 204 };
}

const testForm = fields({ sku_id: snowflake, owner_id: snowflake, owner_type: oneOf(1, 2) }, [
  'sku_id',
  'owner_id',
  'owner_type',
]);

/** POST /applications/:application/entitlements: a test entitlement of a user, without start and end. */
export function createTestEntitlement(world: World, [application]: readonly string[], json: unknown): Answer {
  requireOwn(world, application);
  const form = checked<{ sku_id: string; owner_id: string; owner_type: 1 | 2 }>(testForm, json);
  const sku = world.premium.skus.get(String(form.sku_id));
  const user = String(form.owner_id);
  if (!sku) throw refusal(50057);
  if (form.owner_type !== 2 || !world.users.has(user)) throw refusal(10013);
  const entitlement = addEntitlement(world, { sku, user, type: sku.kind === 'subscription' ? 'subscription' : 'test' });
  tellEntitlement(world, 'CREATE', entitlement);
  const { starts_at: _, ends_at: __, ...partial } = showEntitlement(world, entitlement);
  return { status: 200, body: partial };
}

/** DELETE /applications/:application/entitlements/:entitlement: only what was made for a test. */
export function deleteTestEntitlement(world: World, params: readonly string[]): Answer {
  const entitlement = entitlementOf(world, params);
  const { type, startsAt, deleted } = entitlement;
  if (type !== 'test' && (type !== 'subscription' || startsAt !== undefined)) throw refusal(40019);
  if (deleted) throw refusal(10029);
  entitlement.deleted = true;
  tellEntitlement(world, 'DELETE', entitlement);
  return { status: 204 };
}
