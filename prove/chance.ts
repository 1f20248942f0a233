/** Everything that is left to chance comes from one number: the same seed makes the same history and the same faults. */
export interface Chance {
  /** A whole number from 0 up to and without `end`. */
  below(end: number): number;
  /** True in `share` of all cases. */
  often(share: number): boolean;
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
}

/** mulberry32, a public-domain generator of 32 bits of state. */
export function chanceOf(seed: number): Chance {
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number) => Math.floor(next() * end);
  return { below, often: (share) => next() < share, pick: (items) => items[below(items.length)] ?? items[0] };
}
