import { createHash } from 'node:crypto';

export interface Ids {
  /** `cs_test_…`: the prefix and letters that the seed and a count decide. */
  next(prefix: string, letters?: number): string;
  /** From 0 to below 1. */
  random(): number;
}

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Ids as Stripe gives them, the same ones again for the same seed. */
export function createIds(seed: number): Ids {
  let count = 0;
  const bytes = (about: string) => createHash('sha512').update(`${seed}:${about}`).digest();
  return {
    next(prefix, letters = 24) {
      const word = [...bytes(`${prefix}:${++count}`)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
      return `${prefix}_${word.slice(0, letters)}`;
    },
    random: () => bytes(`random:${++count}`).readUInt32BE(0) / 2 ** 32,
  };
}
