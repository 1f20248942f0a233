import type { Api } from 'grammy';
import { describe, type Log } from '../../core/log.ts';
import { isConflict, retryAfter, withoutSecrets } from './refusals.ts';
import { ALLOWED_UPDATES } from './update.ts';

/** Seconds that Telegram holds an empty poll. */
const LONG_POLL = 30;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
const CONFIRM_MS = 3000;

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
        await parts.take(updates);
        offset = Math.max(...updates.map(({ update_id }) => update_id)) + 1;
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

/** grammY's types know only the signal of its own polyfill; Node's works as well. */
function signalOf(signal: AbortSignal): Parameters<Api['getUpdates']>[1] {
  return signal as Parameters<Api['getUpdates']>[1];
}
