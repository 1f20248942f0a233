import { autoRetry } from '@grammyjs/auto-retry';
import { Api } from 'grammy';

export const TELEGRAM = 'https://api.telegram.org';

/** Seconds until a call that Telegram does not answer is given up; an upload of 50 MB must fit. */
const TIMEOUT_SECONDS = 120;

/** The Bot API, each call made once. */
export function createApi(token: string, apiRoot: string = TELEGRAM): Api {
  return new Api(token, { apiRoot: apiRoot.replace(/\/+$/, ''), timeoutSeconds: TIMEOUT_SECONDS });
}

/** The Bot API for sending: a 429 is told to `silence` (seconds) and waited for; nothing else is repeated, so nothing arrives twice. */
export function createPatientApi(token: string, apiRoot: string | undefined, silence: (seconds: number) => Promise<void>): Api {
  const api = createApi(token, apiRoot);
  api.config.use(async (call, method, payload, signal) => {
    const answer = await call(method, payload, signal);
    const seconds = answer.ok ? undefined : answer.parameters?.retry_after;
    if (seconds !== undefined) await silence(seconds);
    return answer;
  });
  api.config.use(
    autoRetry({ rethrowHttpErrors: true, rethrowInternalServerErrors: true, maxRetryAttempts: 2, maxDelaySeconds: 30 }),
  );
  return api;
}

/** grammY's types know only the signal of its own polyfill; Node's works as well. */
export function signalOf(signal: AbortSignal): Parameters<Api['getUpdates']>[1] {
  return signal as Parameters<Api['getUpdates']>[1];
}
