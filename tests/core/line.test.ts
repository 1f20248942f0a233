import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextInLine, ordinal } from '../../core/generations/line.ts';

const waitings = fc
  .array(fc.constantFrom('ann', 'ben', 'cleo'))
  .map((owners) => owners.map((accountId, index) => ({ id: String(index), accountId })));

test('whoever has the fewest running comes first, and among those who waits longest', () => {
  fc.assert(
    fc.property(waitings, fc.array(fc.constantFrom('ann', 'ben', 'cleo')), (waiting, running) => {
      const next = waiting.find(({ id }) => id === nextInLine(waiting, running));
      if (!next) {
        expect(waiting).toEqual([]);
        return;
      }
      const count = (accountId: string) => running.filter((one) => one === accountId).length;
      for (const other of waiting) {
        const ahead =
          count(other.accountId) < count(next.accountId) ||
          (count(other.accountId) === count(next.accountId) && Number(other.id) < Number(next.id));
        expect(ahead).toBe(false);
      }
    }),
  );
});

test.each([
  [1, '1st'],
  [2, '2nd'],
  [3, '3rd'],
  [4, '4th'],
  [11, '11th'],
  [12, '12th'],
  [13, '13th'],
  [21, '21st'],
  [102, '102nd'],
  [111, '111th'],
])('%i is written %s', (position, words) => {
  expect(ordinal(position)).toBe(words);
});
