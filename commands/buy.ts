import type { App } from '../core/app.ts';
import type { Button, Reply } from '../core/chat.ts';
import { TELEGRAM_LINKS_ACCEPTED } from '../core/config.ts';
import { UserError } from '../core/errors.ts';
import { type Item, itemOf } from '../core/payments/catalog.ts';
import { openOrder, payUrl, type Rail } from '../core/payments/orders.ts';
import { activePlanOf } from '../core/payments/subscriptions.ts';
import { nameOf } from '../core/texts/payments.ts';
import { type Offer, priceIn, shopText, type Way, worthOf } from '../core/texts/shop.ts';
import { type Call, defineCommand } from './command.ts';

const RAILS: Record<Way, Rail> = { stars: 'telegram_stars', card: 'stripe', premium: 'discord' };
/** What both platforms show. */
const MOST_ROWS = 5;
const MOST_IN_A_ROW = 5;

type Buying = Pick<Call, 'app' | 'account' | 'place' | 'at'>;

export const buy = defineCommand({
  name: 'buy',
  about: 'Get more credits: packs and monthly plans',
  private: true,
  options: {
    item: { type: 'text', about: 'What to buy', max: 40, hidden: true },
    with: {
      type: 'choice',
      about: 'How to pay',
      hidden: true,
      choices: [
        { value: 'stars', label: 'Telegram Stars' },
        { value: 'card', label: 'Card' },
        { value: 'premium', label: 'Discord shop' },
      ],
    },
  },
  run: ({ options, ...call }) => (options.item ? one(call, options.item, options.with) : list(call)),
});

/** The first is what is meant when the person does not say: on Telegram Stars, whatever else the operator has switched on. */
function waysAt({ app, place }: Buying): Way[] {
  const linked = app.stripe !== undefined && app.address.url !== undefined;
  if (place.platform === 'discord') return linked ? ['premium', 'card'] : ['premium'];
  return linked && app.config.TELEGRAM_STRIPE_LINKS === TELEGRAM_LINKS_ACCEPTED ? ['stars', 'card'] : ['stars'];
}

const offerOf = (item: Item, ways: readonly Way[]): Offer => ({ item, ways: ways.filter((way) => priceIn(item, way)) });

async function list(call: Buying): Promise<Reply> {
  const { app, account, at } = call;
  const ways = waysAt(call);
  const offers = app.catalog.items.map((item) => offerOf(item, ways)).filter((offer) => offer.ways.length > 0);
  if (offers.length === 0) return { text: ['Nothing is for sale here at the moment. /balance shows what you have.'] };
  const isFrozen = account.credits.restrictions.length > 0;
  const plan = await activePlanOf(app, account.id, at);
  const open = isFrozen ? [] : offers.filter(({ item }) => !plan || item.kind === 'pack');
  return {
    text: [
      ...shopText(offers),
      ...(plan ? [`\nYou have ${nameOf(itemOf(app.catalog, plan.item), plan.item)}; /billing changes or ends it.`] : []),
      ...(isFrozen ? ['\nA payment of yours is being disputed, so nothing can be bought now. /paysupport helps.'] : []),
    ],
    buttons: rowsOf(await Promise.all(open.map((offer) => buttonsOf(call, offer)))),
  };
}

async function buttonsOf(call: Buying, { item, ways }: Offer): Promise<Button[]> {
  const buttons: Button[] = [];
  for (const way of ways) {
    const { sku } = item.discord ?? {};
    if (way === 'premium' && sku) {
      // Discord sells at the press of this very button, so the order that says whom to tell must be there before.
      await order(call, item.id, way);
      buttons.push({ sku });
    } else if (way !== 'premium') {
      const label = `${item.name}: ${priceIn(item, way)}${way === 'card' ? ' by card' : ''}`;
      buttons.push({ label, command: `buy item=${item.id} with=${way}`, ...(way === ways[0] && { tone: 'primary' as const }) });
    }
  }
  return buttons;
}

/** One row for each item; when there are more items than rows, as many in a row as it takes. */
function rowsOf(items: readonly Button[][]): Button[][] {
  const together = Math.max(1, Math.ceil(items.length / MOST_ROWS));
  const rows: Button[][] = [];
  for (let from = 0; from < items.length; from += together) rows.push(items.slice(from, from + together).flat());
  return rows.filter((row) => row.length > 0).map((row) => row.slice(0, MOST_IN_A_ROW));
}

const order = ({ app, account, place, at }: Buying, item: string, way: Way) =>
  openOrder(app, { account, place, item, provider: RAILS[way], at });

async function one(call: Buying, id: string, wanted: Way | undefined): Promise<Reply> {
  const { app } = call;
  const item = itemOf(app.catalog, id);
  const { ways } = item ? offerOf(item, waysAt(call)) : { ways: waysAt(call) };
  const way = wanted ?? ways[0];
  if (item && (!way || !ways.includes(way))) {
    throw new UserError('not_sold_here', 'This cannot be bought that way here. /buy shows what can.');
  }
  const { _id, amountMinor = 0 } = await order(call, id, way ?? 'card');
  if (!item || !way) throw new Error('an order was opened for nothing');
  if (way === 'card') return cardReply(app, item, _id);
  if (way === 'premium') return { text: about(item), buttons: item.discord ? [[{ sku: item.discord.sku }]] : [] };
  const monthly = item.kind === 'plan';
  return {
    text: about(item),
    invoice: { title: item.name, description: worthOf(item), order: _id, stars: amountMinor, monthly },
    buttons: [[{ label: 'Other packs and plans', command: 'buy' }]],
  };
}

function cardReply(app: App, item: Item, orderId: string): Reply {
  const url = payUrl(app, orderId);
  if (!url) throw new UserError('not_sold_here', 'This cannot be bought that way here. /buy shows what can.');
  const tax = app.config.STRIPE_TAX ? ', plus tax where it applies' : '';
  return {
    text: [
      ...about(item),
      `\n${priceIn(item, 'card')}${item.kind === 'plan' ? ' a month' : ''}${tax}. The link leads to Stripe’s page; nothing is charged before you confirm there.`,
    ],
    buttons: [[{ label: `Pay ${priceIn(item, 'card')}`, url }], [{ label: 'I have paid', command: 'paid' }]],
  };
}

const about = (item: Item): Reply['text'] => [
  { bold: item.name },
  `: ${worthOf(item)}. `,
  item.kind === 'plan' ? 'It renews each month until you end it; /billing shows how.' : 'Paid once; the credits never expire.',
];
