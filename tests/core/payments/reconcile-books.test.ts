import { expect, test } from 'vitest';
import type { Entry } from '../../../core/credits/types.ts';
import { checkGrants } from '../../../core/payments/reconcile-books.ts';
import { checkDays, count, type Days } from '../../../core/payments/reconcile-days.ts';

const payment = { _id: 'p', kind: 'pack', status: 'paid', credits: 100, lots: [{ id: 'l', credits: 100 }] } as const;
const paid = { ...payment, lots: [...payment.lots] };

const grant = (amount: number, lotId = 'l', op = 'grant:l'): Entry => ({
  ...{ _id: 'a#1', accountId: 'a', seq: 1, op, opHash: '', type: 'grant', lotId, paymentId: 'p', result: {}, at: 0 },
  postings: [
    { account: 'available', amount: amount - 5 },
    { account: 'debt', amount: 5 },
    { account: 'sys:source:purchased', amount: -amount },
  ],
  after: { available: amount, held: 0, debt: 0 },
});

test('a paid payment with its one grant is in order, although the grant repaid a debt', () => {
  expect(checkGrants([paid], [grant(100)])).toEqual([]);
  expect(checkGrants([{ ...paid, status: 'reversed' }], [grant(100)])).toEqual([]);
});

test('no grant, a second one, another size and a grant for nothing are each reported', () => {
  const codes = (...input: Parameters<typeof checkGrants>) => checkGrants(...input).map(({ code, count: off }) => [code, off]);
  expect(codes([paid], [])).toEqual([['I8_paid_not_granted', -100]]);
  expect(codes([paid], [grant(100), grant(100, 'l', 'grant:again')])).toEqual([['I8_wrong_size', 100]]);
  expect(codes([paid], [grant(99)])).toEqual([['I8_wrong_size', -1]]);
  expect(codes([{ ...paid, status: 'expired' }], [grant(100)])).toEqual([['I8_granted_unpaid', 100]]);
  expect(codes([{ ...paid, kind: 'plan_order' }], [])).toEqual([]);
});

test('days on which the rail reports something else are named with the difference', () => {
  const days: Days = new Map();
  const at = Date.UTC(2026, 10, 24, 23, 59);
  count(days, at, 'usd', { theirs: 499, ours: 499 });
  count(days, at + 60_000, 'usd', { theirs: 499, ours: 0 });
  count(days, at + 60_000, 'XTR', { theirs: -350, ours: -350 });
  expect(checkDays(days)).toEqual([{ code: 'I11_day_differs', reference: '2026-11-25 usd', count: -499 }]);
});
