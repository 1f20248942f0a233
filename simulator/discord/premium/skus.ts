import type { APISKU } from 'discord-api-types/v10';
import type { World } from '../world.ts';

/** What the application sells, as a test seeds it. `price` is what the client shows on a premium button: `$4.99`. */
export interface SkuOptions {
  /** 17 to 20 digits. */
  id: string;
  name: string;
  kind: 'consumable' | 'subscription';
  price: string;
}

export interface Sku extends SkuOptions {
  /** A subscription's group, which Discord makes by itself and which nobody can buy. */
  group: string | undefined;
}

const TYPES = { consumable: 3, subscription: 5, group: 6 } as const;
const AVAILABLE = 1 << 2;
const USER_SUBSCRIPTION = 1 << 8;

/** The SKUs by id; fails where Discord could not have made such an id, or two of them. */
export function createSkus(wanted: readonly SkuOptions[], id: () => string): Map<string, Sku> {
  const skus = wanted.map((sku): Sku => {
    if (!/^\d{17,20}$/.test(sku.id)) throw new Error(`the SKU id ${sku.id} is not one of Discord's`);
    return { ...sku, group: sku.kind === 'subscription' ? id() : undefined };
  });
  const known = new Map(skus.map((sku) => [sku.id, sku]));
  if (known.size < skus.length) throw new Error('two SKUs have the same id');
  return known;
}

/** The SKU as Discord's API lists it; a subscription's group follows it (docs: resources/sku). */
export function showSku(world: World, { id, name, kind, group }: Sku): APISKU[] {
  const slug = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  const flags = kind === 'subscription' ? AVAILABLE | USER_SUBSCRIPTION : AVAILABLE;
  const common = { application_id: world.applicationId, name, slug, flags };
  const shown = [{ ...common, id, type: TYPES[kind] }];
  return group === undefined ? shown : [...shown, { ...common, id: group, type: TYPES.group }];
}
