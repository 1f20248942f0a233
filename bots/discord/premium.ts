import { EntitlementType, Routes, SKUType, SubscriptionStatus } from 'discord.js';
import { z } from 'zod';
import type { Log } from '../../core/log.ts';
import type { Entitlement, PremiumRail, PremiumSubscription } from '../../core/payments/rail.ts';
import { createRest, type DiscordAccess, patience, told } from './calls.ts';
import { DiscordFailure } from './failure.ts';

export interface PremiumAccess extends DiscordAccess {
  /** Asked of Discord where it is left out. */
  applicationId?: string | undefined;
  log: Log;
}

/** Discord's number for an entitlement that is not there. */
const UNKNOWN_ENTITLEMENT = '10029';
/** Both lists give so many at most. */
const PAGE = 100;

const Application = z.object({ id: z.string() });
const Skus = z.array(z.object({ id: z.string(), type: z.number() }));
const RawEntitlement = z.object({
  id: z.string(),
  sku_id: z.string(),
  user_id: z.string().nullish(),
  type: z.number(),
  deleted: z.boolean(),
  consumed: z.boolean().nullish(),
  starts_at: z.string().nullish(),
  ends_at: z.string().nullish(),
});
const RawSubscription = z.object({
  id: z.string(),
  user_id: z.string(),
  entitlement_ids: z.array(z.string()),
  current_period_start: z.iso.datetime({ offset: true }),
  current_period_end: z.iso.datetime({ offset: true }),
  status: z.number(),
});

type Kind = Entitlement['kind'];
const KINDS: Record<number, Kind> = { [SKUType.Consumable]: 'consumable', [SKUType.Subscription]: 'subscription' };
const STATUSES: Record<number, PremiumSubscription['status']> = {
  [SubscriptionStatus.Active]: 'active',
  [SubscriptionStatus.Ending]: 'ending',
  [SubscriptionStatus.Inactive]: 'inactive',
};
const UNPAID: readonly number[] = [EntitlementType.TestModePurchase, EntitlementType.DeveloperGift];

/** Discord's shop by REST, so any process can ask it. Everything fails with a DiscordFailure, which holds no token. */
export function createPremiumRail(access: PremiumAccess): PremiumRail {
  const { bot } = createRest(access);
  let application = access.applicationId;
  let kinds = new Map<string, Kind>();

  /** The answer to a GET, read by the schema. */
  async function read<Result>(schema: z.ZodType<Result>, route: `/${string}`, query: Record<string, string> = {}) {
    const answer = await told(() => bot.get(route, { query: new URLSearchParams(query), ...patience([]) }));
    const { data } = schema.safeParse(answer);
    if (data === undefined) throw new DiscordFailure('unknown_answer');
    return data;
  }

  async function applicationId(): Promise<string> {
    application ??= (await read(Application, Routes.currentApplication())).id;
    return application;
  }

  /** An entitlement does not say what kind of SKU it is of; the list of SKUs is read again when a new one turns up. */
  async function learnKinds(skus: readonly string[]): Promise<void> {
    if (skus.every((sku) => kinds.has(sku))) return;
    const known = await read(Skus, Routes.skus(await applicationId()));
    kinds = new Map(known.map(({ id, type }) => [id, KINDS[type] ?? 'other']));
  }

  async function toEntitlements(raw: readonly z.infer<typeof RawEntitlement>[]): Promise<Entitlement[]> {
    await learnKinds(raw.map((each) => each.sku_id));
    return raw.map((each) => toEntitlement(each, kinds.get(each.sku_id) ?? 'other'));
  }

  async function entitlement(id: string): Promise<Entitlement | undefined> {
    const raw = await unlessUnknown(read(RawEntitlement, Routes.entitlement(await applicationId(), id)));
    return raw && (await toEntitlements([raw]))[0];
  }

  return {
    entitlement,

    async entitlements(after = '0') {
      const query = { after, limit: String(PAGE), exclude_deleted: 'false' };
      const page = await read(z.array(RawEntitlement), Routes.entitlements(await applicationId()), query);
      return (await toEntitlements(page)).sort(byId);
    },

    /** Also resolves when it was consumed before: what Discord answers then is not documented. */
    async consume(id) {
      const route = Routes.consumeEntitlement(await applicationId(), id);
      try {
        await told(async () => void (await bot.post(route, patience([]))));
      } catch (error) {
        const refused =
          error instanceof DiscordFailure && error.status !== undefined && error.status < 500 && error.status !== 429;
        if (!refused || !(await entitlement(id))?.consumed) throw error;
        access.log.info('entitlement was consumed before', { platform: 'discord', code: error.code });
      }
    },

    async subscriptions(sku, user) {
      const found = await read(z.array(RawSubscription), Routes.skuSubscriptions(sku), { user_id: user, limit: String(PAGE) });
      return found.map((each) => toSubscription(each, sku)).sort(byId);
    },
  };
}

async function unlessUnknown<Result>(asked: Promise<Result>): Promise<Result | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof DiscordFailure && error.code === UNKNOWN_ENTITLEMENT) return undefined;
    throw error;
  }
}

function toEntitlement(raw: z.infer<typeof RawEntitlement>, kind: Kind): Entitlement {
  // a subscription that nobody pays for, made by "Create Test Entitlement", has no start
  const isUnpaid = UNPAID.includes(raw.type) || (kind === 'subscription' && !raw.starts_at);
  return {
    id: raw.id,
    sku: raw.sku_id,
    user: raw.user_id ?? '',
    kind,
    consumed: raw.consumed ?? false,
    deleted: raw.deleted,
    isTest: isUnpaid,
    endsAt: raw.ends_at ? Date.parse(raw.ends_at) : undefined,
  };
}

function toSubscription(raw: z.infer<typeof RawSubscription>, sku: string): PremiumSubscription {
  return {
    id: raw.id,
    sku,
    user: raw.user_id,
    entitlements: raw.entitlement_ids,
    periodStart: Date.parse(raw.current_period_start),
    periodEnd: Date.parse(raw.current_period_end),
    // only what is known to run on counts as running
    status: STATUSES[raw.status] ?? 'inactive',
  };
}

/** Ids grow with time; they are numbers of 64 bits. */
function byId(one: { id: string }, other: { id: string }): number {
  return BigInt(one.id) < BigInt(other.id) ? -1 : 1;
}
