import type { Item } from './catalog.ts';
import type { Stripe } from './stripe.ts';

const lookupKeyOf = (item: string): string => `lpm-${item}`;

/** Which of Stripe's prices stands for which item. Asked once for each and remembered: an amount of a price never changes. */
export function createPrices(client: Stripe, isTest: boolean) {
  const priceIds = new Map<string, Promise<string>>();
  const itemIds = new Map<string, string | undefined>();

  async function find(item: Item): Promise<string> {
    const { stripe } = item;
    if (!stripe) throw new Error(`${item.id} is not sold by Stripe`);
    const [found] = stripe.priceId
      ? [await client.prices.retrieve(stripe.priceId)]
      : (await client.prices.list({ lookup_keys: [lookupKeyOf(item.id)], active: true, limit: 1 })).data;
    const price = found && costs(found, item) ? found : isTest && !stripe.priceId ? await make(item, stripe) : undefined;
    if (!price) throw new Error(`Stripe has ${found ? 'another price' : 'no price'} for ${item.id}`);
    itemIds.set(price.id, item.id);
    return price.id;
  }

  /** In test mode and at the simulator nobody should have to fill in prices by hand. */
  const make = (item: Item, { amountMinor, currency }: NonNullable<Item['stripe']>) =>
    client.prices.create({
      currency,
      unit_amount: amountMinor,
      lookup_key: lookupKeyOf(item.id),
      transfer_lookup_key: true,
      metadata: { item: item.id },
      product_data: { name: item.name },
      ...(item.kind === 'plan' && { recurring: { interval: 'month' } }),
    });

  return {
    /** Throws when Stripe's price is missing or differs from the catalogue. */
    priceOf(item: Item): Promise<string> {
      const known = priceIds.get(item.id);
      if (known) return known;
      const asked = find(item);
      priceIds.set(item.id, asked);
      asked.catch(() => priceIds.delete(item.id));
      return asked;
    },

    /** Id of the item that a price was made for, retired prices included; undefined for a price that is none of ours. */
    async itemIdOf(priceId: string, items: readonly Item[]): Promise<string | undefined> {
      const named = items.find(({ stripe }) => stripe?.priceId === priceId)?.id;
      if (named) return named;
      if (!itemIds.has(priceId)) {
        const { metadata, lookup_key } = await client.prices.retrieve(priceId);
        itemIds.set(priceId, metadata.item ?? (lookup_key?.startsWith('lpm-') ? lookup_key.slice(4) : undefined));
      }
      return itemIds.get(priceId);
    },
  };
}

const costs = ({ unit_amount, currency, recurring }: Stripe.Price, { kind, stripe }: Item): boolean =>
  unit_amount === stripe?.amountMinor &&
  currency === stripe?.currency &&
  (kind === 'plan' ? recurring?.interval === 'month' && recurring.interval_count === 1 : !recurring);
