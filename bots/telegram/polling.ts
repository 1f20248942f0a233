import type { Api } from 'grammy';
import type { Update } from 'grammy/types';
import { describe, type Log } from '../../core/log.ts';
import { signalOf } from './api.ts';
import { isConflict, retryAfter, withoutSecrets } from './refusals.ts';
import { ALLOWED_UPDATES } from './update.ts';

/** Seconds that Telegram holds an empty poll. */
const LONG_POLL = 30;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
const CONFIRM_MS = 3000;
/** While updates are being stored it is looked for newer ones: after this pause, then less and less often. */
const LOOK_AGAIN_MS = 10;
const LOOK_AGAIN_AT_LEAST_MS = 1000;

export interface PollingParts {
  api: Api;
  token: string;
  log: Log;
  /** Resolves once the updates are stored. */
  take(updates: readonly unknown[]): Promise<void>;
  /** Resolves after so many milliseconds; rejects when closing. */
  wait(milliseconds: number): Promise<void>;
  closing: AbortSignal;
}

/** Polls until `closing`. An update is confirmed (the offset moves past it) only after it is stored. */
export async function poll(parts: PollingParts): Promise<void> {
  const { api, closing, log, token } = parts;
  let offset = 0;
  let failures = 0;
  while (!closing.aborted) {
    try {
      const updates = await api.getUpdates({ offset, timeout: LONG_POLL, allowed_updates: ALLOWED_UPDATES }, signalOf(closing));
      if (updates.length > 0) {
        offset = await store(parts, updates, offset);
      }
      failures = 0;
    } catch (error) {
      if (closing.aborted) break;
      failures += 1;
      const event = isConflict(error) ? 'telegram.polled_elsewhere' : 'telegram.poll_failed';
      log.warn(event, { ...describe(withoutSecrets(error, token)), attempt: failures });
      const pause = Math.max(backOff(failures), (retryAfter(error) ?? 0) * 1000);
      await parts.wait(pause).catch(() => {});
    }
  }
  if (offset > 0) await confirm(api, offset);
}

/**
 * Resolves with the next offset once the updates are stored. Telegram hands out no more until then, but what it has it repeats:
 * so it is asked again meanwhile, and what others write is begun at once. What one chat writes waits for what it wrote before; the question before a payment waits for nothing.
 */
async function store(parts: PollingParts, first: Update[], offset: number): Promise<number> {
  const { api, closing, take, wait } = parts;
  const begun = new Set<number>();
  const chats = new Set<number | undefined>();
  let left: number[] = [];
  let storing: Promise<unknown> = Promise.resolve();
  const begin = (updates: Update[]) => {
    for (const update of updates) begun.add(update.update_id);
    for (const update of updates) chats.add(chatOf(update));
    storing = Promise.all([storing, take(updates)]);
    storing.catch(() => {}); // it is awaited below, and may fail before that
  };
  begin(first);
  for (let pause = LOOK_AGAIN_MS; !closing.aborted; pause = Math.min(2 * pause, LOOK_AGAIN_AT_LEAST_MS)) {
    const pausing = wait(pause).then(
      () => false,
      () => false,
    );
    if (await Promise.race([storing.then(() => true), pausing])) break;
    const asked = { offset, timeout: 0, allowed_updates: ALLOWED_UPDATES };
    const seen = await api.getUpdates(asked, signalOf(closing)).catch(() => []);
    const newer = seen.filter(({ update_id }) => !begun.has(update_id));
    const others = newer.filter((update) => update.pre_checkout_query || !chats.has(chatOf(update)));
    if (others.length > 0) begin(others);
    left = newer.flatMap(({ update_id }) => (begun.has(update_id) ? [] : [update_id]));
  }
  await storing;
  return left.length > 0 ? Math.min(...left) : Math.max(...begun) + 1;
}

const chatOf = ({ message, callback_query }: Update): number | undefined => (message ?? callback_query?.message)?.chat.id;

/** Tells Telegram what is stored, so that the next start is not given it again. */
async function confirm(api: Api, offset: number): Promise<void> {
  await api
    .getUpdates({ offset, limit: 1, timeout: 0, allowed_updates: ALLOWED_UPDATES }, signalOf(AbortSignal.timeout(CONFIRM_MS)))
    .catch(() => {});
}

/** Milliseconds: 0.5 s, doubling up to 30 s. */
function backOff(failures: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
}
