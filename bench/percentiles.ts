/** The smallest value that at least `share` (0 to 1) of the values do not exceed: the nearest rank, never in between. Throws on none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const found = sorted[Math.max(Math.ceil(share * sorted.length), 1) - 1];
  if (found === undefined) throw new Error('no values, no percentile');
  return found;
}

export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** How one figure differed from round to round. */
export function spread(values: readonly number[]): Spread {
  return { median: percentile(values, 0.5), min: Math.min(...values), max: Math.max(...values) };
}
