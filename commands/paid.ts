import type { App } from '../core/app.ts';
import type { Button, Reply, Span } from '../core/chat.ts';
import { itemOf } from '../core/payments/catalog.ts';
import { isUnpaid, ordersOf, payUrl } from '../core/payments/orders.ts';
import type { Payment } from '../core/payments/payment.ts';
import { recheckOrder } from '../core/payments/stripe-land.ts';
import { standingOf } from '../core/receipts.ts';
import { credits } from '../core/texts/amounts.ts';
import { nameOf, receiptButton } from '../core/texts/payments.ts';
import { type Command, defineCommand } from './command.ts';

/** Stripe counts our questions, so that one person may make us ask only this often. */
const PAUSE_MS = 60_000;
/** Orders of one person that are asked for at once. */
const MOST = 5;
/** People remembered before those whose pause is over are forgotten. */
const REMEMBERED = 10_000;

/** The times of looking are kept by this process alone: asking twice beside each other does no harm. */
export const createPaid = (): Command => {
  const looked = new Map<string, number>();

  function mayLook(account: string, at: number): boolean {
    if (at - (looked.get(account) ?? Number.NEGATIVE_INFINITY) < PAUSE_MS) return false;
    if (looked.size >= REMEMBERED) for (const [id, time] of looked) if (at - time >= PAUSE_MS) looked.delete(id);
    looked.set(account, at);
    return true;
  }

  return defineCommand({
    name: 'paid',
    about: 'Look again when a payment seems missing',
    private: true,
    options: {},
    async run({ app, account, at }) {
      const orders = (await ordersOf(app, account.id)).filter(isAwaited).slice(0, MOST);
      if (orders.length > 0 && !mayLook(account.id, at)) {
        return { text: ['I looked less than a minute ago. Please give the bank a moment and ask me again then.'] };
      }
      for (const order of orders) await recheckOrder(app, order);
      const ids = new Set(orders.map(({ _id }) => _id));
      const now = (await ordersOf(app, account.id)).filter(({ _id }) => ids.has(_id));
      const { available } = await standingOf(app, account.credits._id);
      return found(app, now, available);
    },
  });
};

/** Only Stripe is asked from here: what was paid with Stars or in Discord's shop is told to us by the chat itself. */
const isAwaited = (order: Payment): boolean =>
  order.provider === 'stripe' && (order.status === 'processing' || (isUnpaid(order) && order.stripe?.sessionId !== undefined));

function found(app: App, orders: readonly Payment[], available: number): Reply {
  if (orders.length === 0) {
    return {
      text: [
        `I know of no payment that is still awaited. You have ${credits(available)}; /receipt shows what has arrived. `,
        'Payments with Stars or in Discord’s shop arrive by themselves, after an outage within a day. If one does not, /paysupport helps.',
      ],
    };
  }
  const lines = orders.flatMap(({ item, status }): Span[] => [
    { bold: `${nameOf(itemOf(app.catalog, item), item)}: ` },
    `${FINDINGS[status]}\n`,
  ]);
  return { text: [...lines, `You have ${credits(available)}.`], buttons: orders.flatMap((order) => buttonsOf(app, order)) };
}

const UNPAID = 'not paid yet. The link is still good.';
const FINDINGS: Record<Payment['status'], string> = {
  created: UNPAID,
  open: UNPAID,
  processing: 'your bank is still working on it, which may take a few days. The credits come by themselves.',
  paid: 'found, it is paid and its credits are yours.',
  failed: 'it did not go through, and nothing was charged.',
  expired: 'it was not paid in time, and nothing was charged. /buy makes a new link.',
  part_reversed: 'it was paid and partly refunded.',
  reversed: 'it was paid and refunded.',
};

function buttonsOf(app: App, order: Payment): Button[][] {
  const { status } = order;
  const url = payUrl(app, order._id);
  if ((status === 'created' || status === 'open') && url) {
    return [[{ label: `Pay: ${nameOf(itemOf(app.catalog, order.item), order.item)}`, url }]];
  }
  return status === 'paid' || status === 'part_reversed' || status === 'reversed' ? [[receiptButton(order)]] : [];
}
