import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Log } from '../log.ts';
import published from './catalog.json' with { type: 'json' };

/** A pack is bought once; a plan is paid every month. */
export interface Item {
  id: string;
  kind: 'pack' | 'plan';
  name: string;
  /** What a pack brings, or a plan each month. */
  credits: number;
  /** Amounts are in the smallest unit of their currency. A rail without a price does not sell the item. */
  stripe?: { amountMinor: number; currency: string; priceId?: string | undefined } | undefined;
  stars?: number | undefined;
  discord?: { amountMinor: number; sku: string } | undefined;
}

export interface Catalog {
  /** Changes with every change of the file; stored with each order. */
  version: string;
  items: readonly Item[];
}

/** A difference between rails that a platform's rules forbid, as a code for the log. */
export interface PriceWarning {
  code: 'discord_price_missing' | 'discord_price_higher' | 'stars_price_missing';
  item: string;
}

/** Telegram's most for a monthly subscription, and for an invoice. */
const STARS_LIMIT = { plan: 10_000, pack: 100_000 } as const;

const amount = z.number().int().positive().max(Number.MAX_SAFE_INTEGER);
const itemSchema = z
  .strictObject({
    id: z.string().regex(/^(pack|plan)-[a-z0-9]{1,20}$/, 'must be pack-… or plan-…'),
    kind: z.enum(['pack', 'plan']),
    name: z.string().min(1).max(32),
    credits: z.number().int().positive().max(1_000_000),
    stripe: z.strictObject({ amountMinor: amount, currency: z.string().regex(/^[a-z]{3}$/) }).optional(),
    stars: amount.optional(),
    discord: z.strictObject({ amountMinor: amount }).optional(),
  })
  .refine(({ id, kind }) => id.startsWith(kind), 'the id must begin with the kind')
  .refine(({ kind, stars = 1 }) => stars <= STARS_LIMIT[kind], 'more Stars than Telegram takes')
  .refine(({ stripe, stars, discord }) => stripe ?? stars ?? discord, 'nothing says what it costs');

const catalogSchema = z
  .strictObject({ version: z.string().min(1).max(40), items: z.array(itemSchema).min(1) })
  .refine(({ items }) => new Set(items.map(({ id }) => id)).size === items.length, 'two items have the same id');

export interface CatalogSettings {
  CATALOG_FILE?: string | undefined;
  STRIPE_PRICES: Record<string, string>;
  DISCORD_SKUS: Record<string, string>;
}

/** The catalogue with the rails' own ids filled in. Throws one error that names everything that is wrong with it. */
export function readCatalog({ CATALOG_FILE, STRIPE_PRICES, DISCORD_SKUS }: CatalogSettings): Catalog {
  const data: unknown = CATALOG_FILE ? JSON.parse(readFileSync(CATALOG_FILE, 'utf8')) : published;
  const parsed = catalogSchema.safeParse(data);
  const ids = parsed.data?.items.map(({ id }) => id) ?? [];
  const strangers = [...Object.keys(STRIPE_PRICES), ...Object.keys(DISCORD_SKUS)].filter((id) => !ids.includes(id));
  const complaints = parsed.success
    ? strangers.map((id) => `${id} is in STRIPE_PRICES or DISCORD_SKUS and not in the catalogue`)
    : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  if (!parsed.success || complaints.length > 0) throw new Error(`The catalogue cannot be used:\n  ${complaints.join('\n  ')}`);
  const { version, items } = parsed.data;
  return {
    version,
    items: items.map(({ stripe, discord, ...item }) => {
      const sku = DISCORD_SKUS[item.id];
      return {
        ...item,
        ...(stripe && { stripe: { ...stripe, priceId: STRIPE_PRICES[item.id] } }),
        ...(discord && sku && { discord: { ...discord, sku } }),
      };
    }),
  };
}

export const itemOf = (catalog: Catalog, id: string): Item | undefined => catalog.items.find((item) => item.id === id);

/** The item that Discord sells under this SKU. */
export const itemOfSku = (catalog: Catalog, sku: string): Item | undefined =>
  catalog.items.find(({ discord }) => discord?.sku === sku);

/**
 * What the platforms' rules ask for and the catalogue does not give: whatever is sold by Stripe must be for sale in Stars on
 * Telegram, and as a Premium App at no higher price on Discord.
 */
export function priceWarnings(catalog: Catalog): PriceWarning[] {
  return catalog.items.flatMap(({ id, stripe, stars, discord }) => {
    if (!stripe) return [];
    const found: PriceWarning[] = [];
    if (!stars) found.push({ code: 'stars_price_missing', item: id });
    if (!discord) found.push({ code: 'discord_price_missing', item: id });
    else if (discord.amountMinor > stripe.amountMinor) found.push({ code: 'discord_price_higher', item: id });
    return found;
  });
}

/** Says so at start, once for each item. */
export function warnOfPrices(catalog: Catalog, log: Log): void {
  for (const { code, item } of priceWarnings(catalog)) log.warn('a rail lacks a fair price', { code, where: item });
}
