import { tooManyRequests } from './refusal.ts';

/** Messages: one a second in a chat after a short burst, 20 a minute in a group, 30 a second altogether. */
const BURST = 5;
const GROUP = { count: 20, milliseconds: 60_000 };
const ALL = { count: 30, milliseconds: 1000 };

/** Counts what the bot sends; throws 429 with the whole seconds to wait. Telegram's true thresholds are not published. */
export function createFlood(now: () => number): (chat: number) => void {
  const sent = new Map<number, number[]>();
  const everything: number[] = [];
  const buckets = new Map<number, { tokens: number; at: number }>();

  return (chat) => {
    const at = now();
    const inChat = sent.get(chat) ?? [];
    sent.set(chat, inChat);
    const bucket = buckets.get(chat) ?? { tokens: BURST, at };
    const tokens = Math.min(BURST, bucket.tokens + (at - bucket.at) / 1000);
    const waits = [
      tokens < 1 ? (1 - tokens) * 1000 : 0,
      chat < 0 ? untilFree(inChat, GROUP, at) : 0,
      untilFree(everything, ALL, at),
    ];
    const wait = Math.max(...waits);
    if (wait > 0) throw tooManyRequests(Math.ceil(wait / 1000));
    buckets.set(chat, { tokens: tokens - 1, at });
    if (chat < 0) inChat.push(at);
    everything.push(at);
  };
}

/** Milliseconds until the window has room; forgets what has left it. */
function untilFree(times: number[], { count, milliseconds }: { count: number; milliseconds: number }, at: number): number {
  while (times[0] !== undefined && times[0] <= at - milliseconds) times.shift();
  const oldest = times[times.length - count];
  return oldest === undefined ? 0 : oldest + milliseconds - at;
}
