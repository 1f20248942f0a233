import type { App } from '../core/app.ts';
import type { Button, Span } from '../core/chat.ts';
import { itemOf } from '../core/payments/catalog.ts';
import { customerOf } from '../core/payments/checkout.ts';
import type { Rail } from '../core/payments/orders.ts';
import { activePlanOf, type Subscription } from '../core/payments/subscriptions.ts';
import { nameOf } from '../core/texts/payments.ts';
import { worthOf } from '../core/texts/shop.ts';
import { defineCommand } from './command.ts';

export const billing = defineCommand({
  name: 'billing',
  about: 'Your plan: when it renews, how to change or end it',
  private: true,
  options: {},
  async run({ app, account, at }) {
    const plan = await activePlanOf(app, account.id, at);
    // The plan may be the one of the account that shares this wallet, and its invoices are where it was bought.
    const portal = await portalOf(app, plan?.accountId ?? account.id);
    const pages: Button[] = portal ? [{ label: 'Cards, invoices and plan', url: portal }] : [];
    if (!plan) {
      return {
        text: [
          'You have no plan, so nothing renews. ',
          portal ? 'Stripe’s page shows your earlier invoices and cards.' : '/buy shows what there is.',
        ],
        buttons: [[...pages, { label: 'Packs and plans', command: 'buy' }]],
      };
    }
    return {
      text: [...planText(app, plan, at), '\n', endingOf(plan, portal !== undefined)],
      buttons: [[...pages, { label: 'Receipts', command: 'receipt' }]],
    };
  },
});

async function portalOf(app: App, accountId: string): Promise<string | undefined> {
  const customer = app.stripe && (await customerOf(app, accountId));
  return customer && app.stripe?.portal(customer, app.address.url ?? 'https://www.lpmai.art');
}

function planText(app: App, { item: id, status, periodEnd }: Subscription, at: number): Span[] {
  const item = itemOf(app.catalog, id);
  const title: Span[] = [{ bold: nameOf(item, id) }, item ? `: ${worthOf(item)}.\n` : '.\n'];
  if (status === 'past_due') return [...title, 'The last renewal did not go through, and it will be tried again.'];
  if (!periodEnd) return title;
  if (status === 'ending') return [...title, 'It was ended and does not renew. Its month ends ', { when: periodEnd }, '.'];
  // The rail may be a moment late with the next month.
  if (periodEnd.getTime() <= at) return [...title, 'Its month is over, and the next one is awaited.'];
  return [...title, 'It renews ', { when: periodEnd }, '.'];
}

const ENDINGS: Record<Rail, string> = {
  stripe: 'To change or end it, open Stripe’s page with the button. What is paid stays yours until its end.',
  telegram_stars:
    'To end it, open Telegram’s Settings → My Stars, choose this subscription and press Cancel. What is paid stays yours until its end.',
  discord:
    'To end it, open Discord’s User Settings → Subscriptions, choose this one and press Cancel. What is paid stays yours until its end.',
};

function endingOf({ provider }: Subscription, hasPortal: boolean): string {
  if (provider === 'manual' || (provider === 'stripe' && !hasPortal)) return 'To change or end it, write to support@lpmai.art.';
  return ENDINGS[provider];
}
