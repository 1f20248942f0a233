import type { Button, Reply, Span } from '../chat.ts';
import type { Item } from '../payments/catalog.ts';
import type { Payment, PaymentProvider } from '../payments/payment.ts';
import { reversedOf, targetsOf } from '../payments/reversals.ts';
import { credits } from './amounts.ts';
import { money } from './money.ts';

/** What the person should know of a payment, and what they own now. */
export interface News {
  payment: Payment;
  /** As the catalogue calls it: "Medium pack". */
  name: string;
  /** Milliseconds since the epoch; when the month's credits end. */
  until?: number | undefined;
  available: number;
  debt: number;
}

/** What is said to the person when this became known of their payment; undefined for a word that nobody has put into words. */
export function newsReply(tell: string, news: News): Reply | undefined {
  const { payment } = news;
  switch (tell) {
    case 'paid':
      return { text: paid(news), buttons: [[receiptButton(payment), { label: 'Balance', command: 'balance' }]] };
    case 'processing':
      return {
        text: [
          { bold: 'Your payment is on its way. ' },
          `Some banks take a few days for it. The credits of ${news.name} come by themselves, and I tell you here.`,
        ],
      };
    case 'failed':
      return failed(news);
    case 'action_needed':
      return {
        text: [
          { bold: 'Your bank asks you to confirm a payment. ' },
          `It is for ${news.name}. Until you do, its next month does not begin. Nothing was charged yet.`,
        ],
        buttons: linkTo('Confirm it', payment),
      };
    case 'refunded':
      return { text: [{ bold: 'Refunded. ' }, ...takenBack(news)], buttons: [[receiptButton(payment)]] };
    case 'disputed':
      return {
        text: [
          { bold: 'A payment is disputed. ' },
          ...takenBack(news),
          ' No new video can start until it is settled. If this was not you, /paysupport helps.',
        ],
        buttons: [[receiptButton(payment), { label: 'Payment support', command: 'paysupport' }]],
      };
    case 'dispute_won':
      return {
        text: [
          { bold: 'The dispute is settled. ' },
          `Your payment for ${news.name} stands, and its credits are back. ${standing(news)}`,
        ],
        buttons: [[receiptButton(payment)]],
      };
    default:
      return undefined;
  }
}

function paid(news: News): Span[] {
  const { payment, name, until } = news;
  const month = payment.kind === 'plan_period';
  const end: Span[] = until === undefined ? ['. '] : [', which end ', { when: new Date(until) }, '. '];
  return [
    { bold: month ? `${name} is paid for a month. ` : `${name} is paid, thank you. ` },
    `${payment.credits} credits are yours`,
    ...end,
    standing(news),
  ];
}

/** A renewal has an address where the card can be changed; an order of a pack has not, and is simply ordered again. */
function failed({ payment, name }: News): Reply {
  const bold = 'A payment did not go through. ';
  if (payment.status === 'paid' && payment.stripe?.url) {
    return {
      text: [
        { bold },
        `It was for the next month of ${name}. You can pay it or change the card here. Your credits are untouched.`,
      ],
      buttons: linkTo('Pay or change the card', payment),
    };
  }
  return {
    text: [{ bold }, `It was for ${name}. Nothing was charged, and no credits came or went.`],
    buttons: [[{ label: 'Try again', command: `buy item=${payment.item}`, tone: 'primary' }]],
  };
}

function takenBack(news: News): Span[] {
  const { payment, name } = news;
  const { amountMinor = 0, currency = 'usd', reversals } = payment;
  const back = reversedOf(amountMinor, reversals);
  const part = back < amountMinor ? ` of ${money(amountMinor, currency)}` : '';
  const taken = targetsOf(payment, reversals).reduce((sum, { target }) => sum + target, 0);
  const words = `${money(back, currency)}${part} for ${name} went back, and ${credits(taken)} with it. ${standing(news)}`;
  return [words];
}

const standing = ({ available, debt }: Pick<News, 'available' | 'debt'>): string =>
  debt > 0
    ? `${credits(debt)} of what went back were used already: the next ones you get pay for them.`
    : `You have ${credits(available)}.`;

export const receiptButton = ({ _id }: Pick<Payment, '_id'>): Button => ({ label: 'Receipt', command: `receipt id=${_id}` });

const linkTo = (label: string, { stripe }: Payment): Button[][] => (stripe?.url ? [[{ label, url: stripe.url }]] : []);

/** "Medium pack"; what is not sold any more keeps the name of its id. */
export const nameOf = (item: Pick<Item, 'name'> | undefined, id: string): string => item?.name ?? id;

const RAILS: Record<PaymentProvider, string> = {
  stripe: 'by card (Stripe)',
  telegram_stars: 'with Telegram Stars',
  discord: 'in the Discord shop',
  manual: 'by us',
};

/** How it was paid: "with Telegram Stars". */
export const railWords = (provider: PaymentProvider): string => RAILS[provider];

const STATES: Record<Payment['status'], string> = {
  created: 'not paid yet',
  open: 'not paid yet',
  processing: 'on its way',
  paid: 'paid',
  failed: 'did not go through',
  expired: 'not paid in time',
  part_reversed: 'partly refunded',
  reversed: 'refunded',
};

/** What became of a payment: "paid". */
export const stateWords = ({ status }: Pick<Payment, 'status'>): string => STATES[status];
