import { expect, test } from 'vitest';
import { percentile, spread } from '../../bench/percentiles.ts';
import { judge, type Round } from '../../bench/report.ts';

const seen = (platform: 'discord' | 'telegram', acknowledged: number) => ({
  platform,
  request: `${platform}-${acknowledged}`,
  acknowledged,
  answered: acknowledged + 500,
});

/** A round in which the slowest of each platform is acknowledged after so many milliseconds. */
function buildRound(slowest: { discord?: number; telegram?: number } = {}): Round {
  const { discord = 100, telegram = 100 } = slowest;
  const quick = Array.from({ length: 49 }, () => [seen('discord', 10), seen('telegram', 10)]).flat();
  const floor = [seen('discord', 50), seen('telegram', 50)];
  return { product: [...quick, seen('discord', discord), seen('telegram', telegram)], floor, strain: { ran: 50, waited: 5 } };
}

test('a percentile is one of the values and takes the slowest of fifty for p99', () => {
  const values = Array.from({ length: 50 }, (_, index) => 50 - index);
  expect(percentile(values, 0.99)).toBe(50);
  expect(percentile(values, 0.5)).toBe(25);
  expect(percentile([7], 0.5)).toBe(7);
  expect(() => percentile([], 0.5)).toThrow('no values');
  expect(spread([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
});

test('passes while one round in three is noisy', () => {
  expect(judge([buildRound(), buildRound({ telegram: 900 }), buildRound()]).passed).toBe(true);
});

test.each([{ discord: 300 }, { telegram: 300 }])('does not pass when most rounds reach the bound: %o', (slowest) => {
  const { passed, lines } = judge([buildRound(slowest), buildRound(), buildRound(slowest)]);
  expect(passed).toBe(false);
  expect(lines.filter((line) => line.endsWith('FAIL'))).toHaveLength(1);
});
