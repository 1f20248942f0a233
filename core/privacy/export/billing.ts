import type { Models } from '../../../models/index.ts';
import type { PaymentDocument } from '../../../models/payment.ts';
import { type Catalog, itemOf } from '../../payments/catalog.ts';
import { csvRow } from './csv.ts';
import type { Person } from './people.ts';

const HEADINGS = [
  'date',
  'account',
  'paid with',
  'item',
  'amount with tax',
  'currency',
  'status',
  'credits',
  'refunded',
  'disputed',
  'number',
  'number there',
];

/** One row for each payment that money stands for or stood for, oldest first; mere orders are in the JSON. */
export async function* billingRows(models: Models, catalog: Catalog, people: readonly Person[]): AsyncGenerator<string> {
  yield csvRow(HEADINGS);
  for (const { id, platforms } of people) {
    const paid = models.payments.collection.find<PaymentDocument>(
      { accountId: id, kind: { $ne: 'plan_order' }, status: { $nin: ['created', 'open', 'expired'] } },
      { sort: { createdAt: 1 } },
    );
    for await (const payment of paid) yield rowOf(payment, platforms.join(' '), catalog);
  }
}

function rowOf(payment: PaymentDocument, account: string, catalog: Catalog): string {
  const { _id, provider, item, amountMinor, currency = '', status, credits, reversals, paidAt, createdAt, ext = '' } = payment;
  const back = (kind: 'refund' | 'dispute') =>
    reversals.filter((one) => one.kind === kind && one.counts).reduce((sum, one) => sum + one.amountMinor, 0);
  return csvRow([
    (paidAt ?? createdAt).toISOString(),
    account,
    provider,
    itemOf(catalog, item)?.name ?? item,
    amountMinor === undefined ? '' : decimal(amountMinor, currency),
    currency.toUpperCase(),
    status,
    credits,
    decimal(back('refund'), currency),
    decimal(back('dispute'), currency),
    _id,
    ext,
  ]);
}

/** "4.99"; Stars are whole. Amounts are in the smallest unit of the currency. */
function decimal(amountMinor: number, currency: string): string {
  if (!/^[a-z]{3}$/i.test(currency) || currency.toUpperCase() === 'XTR') return String(amountMinor);
  const { maximumFractionDigits: digits = 2 } = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions();
  return (amountMinor / 10 ** digits).toFixed(digits);
}
