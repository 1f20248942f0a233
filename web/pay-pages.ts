import type { Item } from '../core/payments/catalog.ts';
import type { Obstacle } from '../core/payments/checkout.ts';
import type { Payment } from '../core/payments/payment.ts';
import { money, secondsOf } from '../core/texts/money.ts';
import { escapeHtml, type Page } from './page.ts';

export interface OrderShown {
  order: Payment;
  item: Item;
  token: string;
  tax: boolean;
}

/** What will be paid, for what, and the one button that leads to paying it. */
export function orderPage({ order, item, token, tax }: OrderShown): Page {
  const monthly = item.kind === 'plan';
  const price = money(order.amountMinor ?? 0, order.currency ?? '');
  const rows = [
    ['Credits', `${order.credits}${monthly ? ' each month' : ''}`],
    ['Enough for', `${secondsOf(order.credits)} seconds of video`],
    ['Price', `${price}${monthly ? ' a month' : ', once'}${tax ? ', plus tax where it applies' : ''}`],
    ['Lasts', monthly ? 'To each month’s end, and 3 days more' : 'Your credits never expire'],
  ];
  return {
    title: item.name,
    main: `<h1>${escapeHtml(item.name)}</h1>
<dl>
${rows.map(([name = '', value = '']) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`).join('\n')}
</dl>
<form method="post">
<input type="hidden" name="token" value="${escapeHtml(token)}">
<button type="submit">Continue to payment</button>
</form>
<p class="note">You pay on Stripe’s page; we never see your card. Nothing is charged before you confirm there.${
      monthly ? ' The plan renews each month until you end it with /billing.' : ''
    }</p>`,
  };
}

type Notice = Obstacle | 'unknown' | 'foreign';

const NOTICES: Record<Notice, readonly [title: string, text: string]> = {
  unknown: ['No such order', 'This link leads to no order of ours. In the chat, /buy gives you a new one.'],
  foreign: [
    'Please open the link again',
    'This button was pressed from somewhere else. Open the link from your chat and try again.',
  ],
  paid: ['Already paid', 'This order is paid, and nothing more is due. In the chat, /balance shows your credits.'],
  processing: ['Payment on its way', 'Your bank is still working on this payment. The chat tells you as soon as it arrives.'],
  failed: ['The payment did not go through', 'Nothing was charged. In the chat, /buy gives you a new link.'],
  expired: ['This link has expired', 'Nothing was charged. In the chat, /buy gives you a new one.'],
  reversed: ['Refunded', 'This order was paid and has been refunded. In the chat, /buy gives you a new one.'],
  plan_active: ['You have a plan already', 'Nothing was charged. In the chat, /billing changes or ends your plan.'],
  account_restricted: ['Not possible right now', 'A payment of yours is being disputed. In the chat, /paysupport helps.'],
  account_leaving: ['Your account is being deleted', 'Nothing was charged. Keep your account in the chat to buy again.'],
  not_sold: ['Not for sale', 'This cannot be bought any more. In the chat, /buy shows what can.'],
};

/** Why there is nothing to pay here. */
export function plainPage(notice: Notice): Page {
  const [title, text] = NOTICES[notice];
  return { title, main: `<h1>${escapeHtml(title)}</h1>\n<p>${escapeHtml(text)}</p>` };
}

/** After paying. The webhook may be slower than the person, so it promises what it knows. */
export function donePage({ status }: Payment): Page {
  const landed = status === 'paid';
  const title = landed ? 'Thank you' : 'Thank you, almost there';
  const text = landed
    ? 'Your payment has arrived and your credits are there. You can close this page and go back to the chat.'
    : 'Your payment is being confirmed. The chat tells you as soon as your credits are there; you can close this page.';
  return { title, main: `<h1>${escapeHtml(title)}</h1>\n<p>${escapeHtml(text)}</p>` };
}
