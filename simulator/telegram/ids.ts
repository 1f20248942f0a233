import { randomBytes } from 'node:crypto';

export interface Ids {
  update(): number;
  person(): number;
  /** Private chats share one count of messages, a supergroup has its own. */
  message(chat: number): number;
  /** A file_id or another opaque word of `bytes` random bytes. */
  word(bytes: number): string;
  /** Decimal digits, as callback queries and chat instances have. */
  digits(): string;
}

/** Ids as Telegram gives them, the same ones again for the same seed. */
export function createIds(seed: number, firstMessage: number): Ids {
  const random = generator(seed);
  const messages = new Map<number, number>();
  let nextUpdate = 100_000_000 + Math.floor(random() * 800_000_000);
  let nextPerson = 700_000_000 + Math.floor(random() * 1_000_000);
  return {
    update: () => nextUpdate++,
    person: () => nextPerson++,
    message(chat) {
      const counter = Math.min(chat, 0);
      const next = (messages.get(counter) ?? firstMessage - 1) + 1;
      messages.set(counter, next);
      return next;
    },
    word: (bytes) => Buffer.from(Array.from({ length: bytes }, () => Math.floor(random() * 256))).toString('base64url'),
    digits: () => String(1_000_000_000_000_000 + Math.floor(random() * 8_000_000_000_000_000)),
  };
}

/** An address nobody can guess, whatever the seed. */
export const secret = (): string => randomBytes(16).toString('hex');

/** mulberry32: numbers from 0 to below 1. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
