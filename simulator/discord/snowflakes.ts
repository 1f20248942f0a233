import { createHmac } from 'node:crypto';

const DISCORD_EPOCH = 1_420_070_400_000;

/** Ids that carry the clock's milliseconds and the seed, and always grow, however often the same millisecond asks. */
export function createSnowflakes(now: () => number, seed: number): () => string {
  const machine = BigInt(seed & 0x3ff) << 12n;
  let last = 0n;
  return () => {
    const candidate = (BigInt(Math.trunc(now()) - DISCORD_EPOCH) << 22n) | machine;
    last = candidate > last ? candidate : last + 1n;
    return last.toString();
  };
}

/** Words that look random and repeat with the seed: tokens, session ids, signatures. */
export function createSecrets(seed: number): (about: string) => string {
  return (about) => createHmac('sha256', `discord-simulator-${seed}`).update(about).digest('hex');
}
