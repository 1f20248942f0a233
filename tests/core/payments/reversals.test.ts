import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Reversal } from '../../../core/payments/payment.ts';
import { mergeReversals, newsOf, reversedOf, statusOf, targetsOf } from '../../../core/payments/reversals.ts';

const refund = (amountMinor: number, changes: Partial<Reversal> = {}): Reversal => ({
  id: 're_1',
  kind: 'refund',
  amountMinor,
  state: 'succeeded',
  rank: 2,
  counts: true,
  ...changes,
});

const payment = (amountMinor: number, ...credits: number[]) => ({
  amountMinor,
  lots: credits.map((each, i) => ({ id: `lot${i + 1}`, credits: each })),
});

test.each([
  ['nothing back', 499, 0, 100, 0],
  ['all back', 499, 499, 100, 100],
  ['a part back, rounded up', 499, 100, 100, 21],
  ['the smallest part back', 499, 1, 100, 1],
  ['more back than was paid', 499, 900, 100, 100],
  ['a payment of nothing', 0, 499, 100, 0],
])('%s takes its share of the credits', (_, amount, back, credits, target) => {
  expect(targetsOf(payment(amount, credits), [refund(back)])).toEqual([{ lotId: 'lot1', target }]);
});

const components = fc.array(
  fc.record({
    id: fc.constantFrom('re_1', 're_2', 'du_1'),
    kind: fc.constantFrom('refund' as const, 'dispute' as const),
    amountMinor: fc.integer({ min: 1, max: 2_000 }),
    state: fc.constant('x'),
    rank: fc.integer({ min: 0, max: 50 }),
    counts: fc.boolean(),
  }),
  { maxLength: 12 },
);
const lots = fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 4 });

test('the lots of one invoice share what goes back in proportion, none more than it brought', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), lots, components, (amount, credits, known) => {
      const paid = payment(amount, ...credits);
      const targets = targetsOf(paid, known);
      const whole = credits.reduce((sum, each) => sum + each, 0);
      const total = targets.reduce((sum, { target }) => sum + target, 0);
      expect(total).toBe(Math.ceil((whole * reversedOf(amount, known)) / amount));
      for (const [i, { target }] of targets.entries()) {
        const fair = (total * (credits[i] ?? 0)) / whole;
        expect(target).toBeGreaterThanOrEqual(0);
        expect(target).toBeLessThanOrEqual(credits[i] ?? 0);
        expect(Math.abs(target - fair)).toBeLessThan(1);
      }
    }),
  );
});

/** One component has one state at each rank, as a rail tells it. */
const consistent = (all: readonly Reversal[]): Reversal[] => [
  ...new Map(all.map((one) => [`${one.id} ${one.rank}`, one])).values(),
];

test('components end the same in whatever order and however often they are learnt', () => {
  fc.assert(
    fc.property(components.map(consistent), fc.infiniteStream(fc.nat()), (all, chance) => {
      const mixed = [...all, ...all].map((one) => ({ one, at: chance.next().value })).sort((a, b) => a.at - b.at);
      const once = mergeReversals([], all);
      const often = mixed.reduce<Reversal[]>((known, { one }) => mergeReversals(known, [one]), []);
      const byId = (list: Reversal[]) => [...list].sort((a, b) => (a.id < b.id ? -1 : 1));
      expect(byId(often)).toEqual(byId(once));
      expect(mergeReversals(once, all)).toEqual(once);
    }),
  );
});

test('a status follows from how much of the money is back', () => {
  expect(statusOf(499, [])).toBe('paid');
  expect(statusOf(499, [refund(499, { counts: false })])).toBe('paid');
  expect(statusOf(499, [refund(1)])).toBe('part_reversed');
  expect(statusOf(499, [refund(499)])).toBe('reversed');
});

test('the person hears of what is new to them, and of nothing twice', () => {
  const open = refund(499, { id: 'du_1', kind: 'dispute' });
  const won = { ...open, counts: false, rank: 40 };
  expect(newsOf([], [refund(1)])).toBe('refunded');
  expect(newsOf([refund(1)], [refund(1, { rank: 3 })])).toBeUndefined();
  expect(newsOf([], [open])).toBe('disputed');
  expect(newsOf([open], [won])).toBe('dispute_won');
  expect(newsOf([won], [won])).toBeUndefined();
});
