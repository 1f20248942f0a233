import type { App } from '../core/app.ts';
import type { Span } from '../core/chat.ts';
import { reduce } from '../core/credits/ledger.ts';
import type { CreditAccount, Entry, LotKind } from '../core/credits/types.ts';
import { itemOf } from '../core/payments/catalog.ts';
import { itemsOfPayments, lastEntries } from '../core/receipts.ts';
import { credits } from '../core/texts/amounts.ts';
import { secondsOf } from '../core/texts/money.ts';
import { movementOf } from '../core/texts/movements.ts';
import { nameOf } from '../core/texts/payments.ts';
import { defineCommand } from './command.ts';

/** Movements that are shown, of so many that are looked at: some move nothing. */
const SHOWN = 5;
const READ = 15;

export const balance = defineCommand({
  name: 'balance',
  about: 'How many credits you have and where they went',
  private: true,
  options: {},
  async run({ app, account, at }) {
    // What has expired by now is not shown, although nobody has written that down yet.
    const { account: now } = reduce(account.credits, { key: 'look', type: 'expire' }, at);
    const movements = await movementsOf(app, now._id);
    return {
      text: [
        { bold: `You have ${credits(now.available)}.` },
        `${reserved(now)}\nThat is ${secondsOf(now.available)} s of video at two credits a second.\n`,
        ...parts(now),
        ...(movements.length > 0 ? ['\n', { bold: 'Lately' }, '\n', ...movements] : []),
      ],
      buttons: [
        [
          { label: 'Buy credits', command: 'buy', tone: 'primary' },
          { label: 'Receipts', command: 'receipt' },
          { label: 'My videos', command: 'videos' },
        ],
      ],
    };
  },
});

function reserved({ held, debt }: CreditAccount): string {
  const words = held > 0 ? ` ${held} more are reserved for videos that are being made.` : '';
  return debt > 0 ? `${words} You owe ${credits(debt)} after a refund: the next ones you get pay for them.` : words;
}

/** Where they come from, in the order in which they are spent. */
function parts({ lots }: CreditAccount): Span[] {
  const of = (...kinds: LotKind[]) => lots.filter(({ kind, remaining }) => remaining > 0 && kinds.includes(kind));
  const sum = (some: CreditAccount['lots']) => some.reduce((total, { remaining }) => total + remaining, 0);
  const allowance = of('allowance');
  const ends = allowance.flatMap(({ expiresAt }) => expiresAt ?? []);
  const gifts = sum(of('promo', 'goodwill'));
  const purchased = sum(of('purchased'));
  return [
    ...(allowance.length > 0 ? [`Plan: ${sum(allowance)}`] : []),
    ...(ends.length > 0 ? [allowance.length > 1 ? ', the first end ' : ', ends ', { when: new Date(Math.min(...ends)) }] : []),
    ...(allowance.length > 0 ? ['\n'] : []),
    ...(gifts > 0 ? [`Gifts: ${gifts}\n`] : []),
    ...(purchased > 0 ? [`Purchased: ${purchased}, for as long as you like\n`] : []),
  ];
}

async function movementsOf(app: App, wallet: string): Promise<Span[]> {
  const entries = await lastEntries(app, wallet, READ);
  const items = await itemsOfPayments(
    app,
    entries.flatMap(({ paymentId }) => paymentId ?? []),
  );
  const bought = ({ paymentId = '' }: Entry) => {
    const item = items.get(paymentId);
    return item && nameOf(itemOf(app.catalog, item), item);
  };
  const moved = entries.flatMap((entry) => {
    const words = movementOf(entry, bought(entry));
    return words ? [{ words, at: new Date(entry.at) }] : [];
  });
  return moved.slice(0, SHOWN).flatMap(({ words, at }): Span[] => [`${words}, `, { when: at }, '\n']);
}
