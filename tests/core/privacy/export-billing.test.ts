import { expect, test } from 'vitest';
import { openAccount } from '../../../core/accounts.ts';
import { billingRows } from '../../../core/privacy/export/billing.ts';
import { csvRow } from '../../../core/privacy/export/csv.ts';
import type { PaymentDocument } from '../../../models/payment.ts';
import { openApp } from '../../support/app.ts';
import { createScriptedProvider } from '../../support/provider.ts';
import { buildRequest } from '../../support/requests.ts';

const AT = new Date('2026-11-24T10:00:00Z');

test('quotes after RFC 4180 and leaves nothing that a table program would act on', () => {
  expect(csvRow(['plain', 'a,b', 'say "hi"', 'two\nlines', 12, -3])).toBe('plain,"a,b","say ""hi""","two\nlines",12,-3\r\n');
  const attacks = ['=HYPERLINK("http://x","y")', '+1', '-1+2', '@SUM(A1)', '\t=1', '\r=1'];
  for (const attack of attacks) {
    const cell = csvRow([attack]).slice(0, -2);
    expect(cell.replace(/^"/, '')).toMatch(/^'/);
  }
});

test('has one row for each payment, in the currency’s own decimals, with what went back', async () => {
  const app = await openApp({ provider: await createScriptedProvider() }, { WELCOME_CREDITS: '0' });
  const account = await openAccount(app, buildRequest({}, '1'));
  const paid = async (_id: string, changes: Partial<PaymentDocument>) =>
    app.models.payments.create({
      ...{
        _id,
        accountId: account.id,
        keyId: account.keyId,
        provider: 'stripe',
        kind: 'pack',
        item: 'pack-s',
        catalogVersion: '1',
      },
      ...{ credits: 60, status: 'paid', lots: [], reversals: [], rev: 0, createdAt: AT, paidAt: AT },
      ...changes,
    } as PaymentDocument);
  await paid('p1', { amountMinor: 499, currency: 'usd', ext: '=cmd|x' });
  await paid('p2', {
    provider: 'telegram_stars',
    amountMinor: 350,
    currency: 'XTR',
    ext: 's2',
    createdAt: new Date(AT.getTime() + 1),
  });
  await paid('p3', {
    ...{ amountMinor: 500, currency: 'jpy', ext: 's3', status: 'part_reversed', createdAt: new Date(AT.getTime() + 2) },
    reversals: [
      { id: 'r1', kind: 'refund', amountMinor: 200, state: 'succeeded', rank: 1, counts: true },
      { id: 'r2', kind: 'refund', amountMinor: 100, state: 'failed', rank: 1, counts: false },
    ],
  });
  await paid('p4', { status: 'created', ext: 's4' });
  await paid('p5', { kind: 'plan_order', ext: 's5' });
  const rows: string[] = [];
  for await (const row of billingRows(app.models, app.catalog, [{ ...account, platforms: ['telegram'] }]))
    rows.push(row.trimEnd());
  expect(rows).toEqual([
    'date,account,paid with,item,amount with tax,currency,status,credits,refunded,disputed,number,number there',
    "2026-11-24T10:00:00.000Z,telegram,stripe,Small pack,4.99,USD,paid,60,0.00,0.00,p1,'=cmd|x",
    '2026-11-24T10:00:00.000Z,telegram,telegram_stars,Small pack,350,XTR,paid,60,0,0,p2,s2',
    '2026-11-24T10:00:00.000Z,telegram,stripe,Small pack,500,JPY,part_reversed,60,200,0,p3,s3',
  ]);
});
