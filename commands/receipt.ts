import type { Account } from '../core/accounts.ts';
import type { App } from '../core/app.ts';
import type { Button, Reply, Span } from '../core/chat.ts';
import type { Entry } from '../core/credits/types.ts';
import { UserError } from '../core/errors.ts';
import type { Generation } from '../core/generations/generation.ts';
import { historyPage } from '../core/generations/history.ts';
import { ownGeneration } from '../core/generations/read.ts';
import { itemOf } from '../core/payments/catalog.ts';
import type { Payment } from '../core/payments/payment.ts';
import { entriesOfGeneration, entriesOfPayment, lastPayments, monthsOfPlan, ownPayment } from '../core/receipts.ts';
import { credits } from '../core/texts/amounts.ts';
import { describeLook } from '../core/texts/generations.ts';
import { money } from '../core/texts/money.ts';
import { movementOf } from '../core/texts/movements.ts';
import { nameOf, railWords, stateWords } from '../core/texts/payments.ts';
import { defineCommand } from './command.ts';

/** Receipts in the list, as many as fit in one row of buttons. */
const LISTED = 5;
const MONTHS = 12;

export const receipt = defineCommand({
  name: 'receipt',
  about: 'What a video or a payment did to your credits',
  private: true,
  options: { id: { type: 'text', about: 'Of which video or payment', max: 64, hidden: true } },
  async run({ app, account, options: { id } }) {
    if (!id) return list(app, account);
    const generation = await ownGeneration(app, account.id, id);
    if (generation) return ofGeneration(app, generation);
    const payment = await ownPayment(app, account.id, id);
    if (payment) return ofPayment(app, payment);
    throw new UserError('not_yours', 'I cannot find that receipt among yours. /receipt shows the newest.');
  },
});

async function list(app: App, account: Account): Promise<Reply> {
  const payments = await lastPayments(app, account.id, LISTED);
  const generations = await historyPage(app, account.id, 0, LISTED);
  const newest = [...payments.map((payment) => lineOfPayment(app, payment)), ...generations.map(lineOfGeneration)]
    .sort((a, b) => b.at.getTime() - a.at.getTime())
    .slice(0, LISTED);
  if (newest.length === 0) return { text: ['There is nothing to show yet: no video was made and nothing was bought.'] };
  return {
    text: [
      { bold: 'Your newest receipts' },
      '\n',
      ...newest.flatMap(({ words, at }, index): Span[] => [{ bold: `${index + 1}. ` }, `${words}, `, { when: at }, '\n']),
    ],
    buttons: [newest.map(({ id }, index): Button => ({ label: `${index + 1}`, command: `receipt id=${id}` }))],
  };
}

interface Line {
  id: string;
  words: string;
  at: Date;
}

const lineOfPayment = (app: App, payment: Payment): Line => ({
  id: payment._id,
  words: `${titleOf(app, payment)}, ${priceOf(payment)}, ${stateWords(payment)}`,
  at: payment.createdAt,
});

const lineOfGeneration = ({ _id, seconds, price, createdAt }: Generation): Line => ({
  id: _id,
  words: `Video of ${seconds} s, ${credits(price)}`,
  at: createdAt,
});

async function ofGeneration(app: App, generation: Generation): Promise<Reply> {
  const { _id, price, createdAt, hasImage, state } = generation;
  const entries = await entriesOfGeneration(app, generation);
  const picture = hasImage ? ' and two for the picture' : '';
  return {
    text: [
      { bold: 'Receipt for a video' },
      '\nNumber ',
      { code: _id },
      `\n${describeLook(generation)}, asked for `,
      { when: createdAt },
      `\nPrice: ${credits(price)}, two a second${picture}\n`,
      ...(state === 'rejected' ? ['It did not start, so nothing was reserved or charged.\n'] : []),
      ...entries.flatMap((entry) => lineOfEntry(entry)),
    ],
    buttons: BACK,
  };
}

async function ofPayment(app: App, payment: Payment): Promise<Reply> {
  const { _id, provider, createdAt, paidAt, kind } = payment;
  const entries = await entriesOfPayment(app, payment);
  const title = titleOf(app, payment);
  return {
    text: [
      { bold: `Receipt for ${title}` },
      '\nNumber ',
      { code: _id },
      `\n${credits(payment.credits)} for ${priceOf(payment)}, ${railWords(provider)}: ${stateWords(payment)}\nOrdered `,
      { when: createdAt },
      ...(paidAt ? [', paid ', { when: paidAt }] : []),
      '\n',
      ...entries.flatMap((entry) => lineOfEntry(entry, title)),
      ...payment.reversals.flatMap(lineOfReversal(payment)),
      ...(kind === 'plan_order' ? await monthsText(app, payment) : []),
    ],
    buttons: BACK,
  };
}

const titleOf = (app: App, { item, kind }: Payment): string => {
  const name = nameOf(itemOf(app.catalog, item), item);
  return kind === 'plan_period' ? `${name}, a month` : name;
};

const priceOf = ({ amountMinor = 0, currency = 'usd' }: Payment): string => money(amountMinor, currency);

const BACK: Button[][] = [
  [
    { label: 'Newest receipts', command: 'receipt' },
    { label: 'Balance', command: 'balance' },
  ],
];

function lineOfEntry(entry: Entry, bought?: string): Span[] {
  const words = movementOf(entry, bought);
  return words ? [`${words}, `, { when: new Date(entry.at) }, ', entry ', { code: entry._id }, '\n'] : [];
}

const lineOfReversal =
  ({ currency = 'usd' }: Payment) =>
  ({ kind, amountMinor, state, counts }: Payment['reversals'][number]): Span[] => {
    const what = kind === 'refund' ? 'Refund' : 'Dispute';
    return [`${what} of ${money(amountMinor, currency)}: ${state}${counts ? '' : ', which takes nothing back'}\n`];
  };

async function monthsText(app: App, order: Payment): Promise<Span[]> {
  const months = await monthsOfPlan(app, order, MONTHS);
  return months.flatMap((month): Span[] => [
    `Month of ${credits(month.credits)}, ${priceOf(month)}, ${stateWords(month)}, `,
    { when: month.paidAt ?? month.createdAt },
    ', number ',
    { code: month._id },
    '\n',
  ]);
}
