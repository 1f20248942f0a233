import { type Api, GrammyError } from 'grammy';
import { describe } from '../../core/log.ts';
import type { BotParts } from '../parts.ts';
import type { Checkout } from './money.ts';
import { withoutSecrets } from './refusals.ts';

/** Telegram gives 10 s: core.telegram.org/bots/api#answerprecheckoutquery. The rest is for the way there. */
const DECIDE_MS = 8000;
const ATTEMPTS = 2;

const LATER = { ok: false, reason: 'This cannot be paid just now. Please try again in a minute. You were not charged.' } as const;

export interface CheckoutParts extends Pick<BotParts, 'log' | 'preCheckout'> {
  api: Api;
  token: string;
  /** Resolves after so many milliseconds; rejects when the signal aborts. */
  pause(milliseconds: number, signal: AbortSignal): Promise<unknown>;
}

export interface Checkouts {
  /** Begins to answer at once, beside whatever else is under way; resolves false when Telegram did not take the answer. */
  answer(checkout: Checkout): Promise<boolean>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

/** Answers the questions before payments, in time even when nobody decides. */
export function createCheckouts(parts: CheckoutParts): Checkouts {
  const { api, log, token } = parts;
  const under = new Set<Promise<unknown>>();

  async function answer({ id, question, query }: Checkout): Promise<boolean> {
    const verdict = await decide(parts, id, query);
    const words = verdict.ok ? {} : { error_message: verdict.reason };
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await api.answerPreCheckoutQuery(question, verdict.ok, words);
      } catch (error) {
        const isRefused = error instanceof GrammyError && error.error_code === 400;
        if (!isRefused && attempt < ATTEMPTS) continue;
        log.error('telegram.checkout_unanswered', { request: id, ...describe(withoutSecrets(error, token)) });
        return false;
      }
    }
  }

  return {
    answer(checkout) {
      const answering = answer(checkout);
      under.add(answering);
      void answering.finally(() => under.delete(answering));
      return answering;
    },
    async idle() {
      while (under.size > 0) await Promise.all(under);
    },
  };
}

type Verdict = Awaited<ReturnType<BotParts['preCheckout']>>;

async function decide({ preCheckout, pause, log }: CheckoutParts, id: string, query: Checkout['query']): Promise<Verdict> {
  const decided = new AbortController();
  const late = async () => {
    await pause(DECIDE_MS, decided.signal);
    log.error('telegram.checkout_late', { request: id });
    return LATER;
  };
  try {
    return await Promise.race([preCheckout(query), late()]);
  } catch (error) {
    log.error('telegram.checkout_failed', { request: id, ...describe(error) });
    return LATER;
  } finally {
    decided.abort();
  }
}
