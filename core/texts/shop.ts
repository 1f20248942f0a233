import type { Span } from '../chat.ts';
import type { Item } from '../payments/catalog.ts';
import { money, secondsOf } from './money.ts';

/** The ways to pay that a person has at this place. */
export type Way = 'stars' | 'card' | 'premium';

export interface Offer {
  item: Item;
  ways: readonly Way[];
}

const PRICE: Record<Way, (item: Item) => string | undefined> = {
  stars: ({ stars }) => (stars ? money(stars, 'XTR') : undefined),
  card: ({ stripe }) => stripe && money(stripe.amountMinor, stripe.currency),
  premium: ({ discord }) => discord && money(discord.amountMinor, 'usd'),
};

/** "350 Stars", or nothing where it is not sold that way. */
export const priceIn = (item: Item, way: Way): string | undefined => PRICE[way](item);

/** "300 credits each month, 150 s of video". */
export const worthOf = ({ kind, credits }: Pick<Item, 'kind' | 'credits'>): string =>
  `${credits} credits${kind === 'plan' ? ' each month' : ''}, ${secondsOf(credits)} s of video`;

/** Everything that is for sale here, what it costs and what it is worth. */
export function shopText(offers: readonly Offer[]): Span[] {
  const packs = offers.filter(({ item }) => item.kind === 'pack');
  const plans = offers.filter(({ item }) => item.kind === 'plan');
  return [
    ...(packs.length > 0
      ? [{ bold: 'Packs' }, ' are paid once, and their credits never expire.\n', ...packs.flatMap(lineOf)]
      : []),
    ...(plans.length > 0
      ? [
          { bold: 'Plans' },
          ' renew each month until you end them, which /billing shows you. Their credits last for the month and 3 days more.\n',
          ...plans.flatMap(lineOf),
        ]
      : []),
  ];
}

function lineOf({ item, ways }: Offer): Span[] {
  // A card and the Discord shop mostly cost the same, which need not be said twice.
  const prices = [...new Set(ways.flatMap((way) => priceIn(item, way) ?? []))].join(' or ');
  return [{ bold: item.name }, `: ${worthOf(item)}${prices ? `, ${prices}${item.kind === 'plan' ? ' a month' : ''}` : ''}\n`];
}
