import type { WebhookInfo } from '@grammyjs/types';
import { type Fields, flag, integer, text } from '../calls/fields.ts';
import { badRequest } from '../calls/refusal.ts';
import { readAllowed, type Timer } from './polling.ts';
import { expire, KEPT_MS, type UpdateQueue, type Waiting } from './queue.ts';

export interface Webhook {
  isSet(): boolean;
  set(fields: Fields): true;
  remove(fields: Fields): true;
  info(): WebhookInfo;
  close(): void;
}

interface Target {
  url: string;
  secret: string | undefined;
  connections: number;
  abort: AbortController;
}

/** How far the delivery of an update has got. */
interface Attempt {
  sending: boolean;
  fails: number;
  /** Seconds waited before the last repeat. */
  delay: number;
  /** Milliseconds since the epoch. */
  wakeAt: number;
}

const LONGEST_DELAY = 60;
const LONGEST_RETRY_AFTER = 3600;
const GONE_MS = 23 * 60 * 60 * 1000;
const ANSWER_MS = 60_000;

/**
 * Delivers as WebhookActor of the real server does: lines side by side, each strictly in order; what fails is sent
 * again at once, then at doubling distances. Unlike the public server it takes plain HTTP, as with --local.
 */
export function createWebhook(
  queue: UpdateQueue,
  parts: { now(): number; timer: Timer; random(): number; delivered(entry: Waiting, status: number): void },
): Webhook {
  let target: Target | undefined;
  let lastError: { at: number; message: string } | undefined;
  let goneSince: number | undefined;
  const attempts = new Map<Waiting, Attempt>();
  const timers = new Set<() => void>();
  queue.onPush(pump);

  function pump(): void {
    if (!target) return;
    expire(queue, parts.now());
    const lines = new Set<string>();
    for (const entry of [...queue.waiting]) {
      if (lines.has(entry.line)) continue;
      lines.add(entry.line);
      const attempt = attempts.get(entry) ?? { sending: false, fails: 0, delay: 1, wakeAt: 0 };
      attempts.set(entry, attempt);
      const busy = [...attempts.values()].filter(({ sending }) => sending).length;
      if (!attempt.sending && attempt.wakeAt <= parts.now() && busy < target.connections) void deliver(target, entry, attempt);
    }
  }

  async function deliver(to: Target, entry: Waiting, attempt: Attempt): Promise<void> {
    attempt.sending = true;
    const answer = await post(to, entry);
    attempt.sending = false;
    if (to !== target) return;
    parts.delivered(entry, answer.status);
    if (answer.status >= 200 && answer.status < 300) {
      goneSince = undefined;
      attempts.delete(entry);
      queue.confirm(entry);
    } else fail(entry, attempt, answer);
    pump();
  }

  function fail(entry: Waiting, attempt: Attempt, answer: Answer): void {
    const now = parts.now();
    lastError = { at: now, message: answer.error };
    goneSince = answer.status === 410 ? (goneSince ?? now) : undefined;
    if (goneSince !== undefined && now - goneSince > GONE_MS) {
      stop();
      return;
    }
    const doubled = Math.min(LONGEST_DELAY * (1 + parts.random()), attempt.delay * 2);
    if (answer.retryAfter === 0 && attempt.fails > 0) attempt.delay = doubled;
    const seconds = answer.retryAfter || (attempt.fails > 0 ? attempt.delay : 0);
    attempt.fails++;
    attempt.wakeAt = now + seconds * 1000;
    if (attempt.wakeAt > entry.at + KEPT_MS) {
      attempts.delete(entry);
      queue.waiting.splice(queue.waiting.indexOf(entry), 1);
    } else if (seconds > 0) wakeIn(seconds * 1000);
  }

  function wakeIn(milliseconds: number): void {
    const cancel = parts.timer(milliseconds, () => {
      timers.delete(cancel);
      pump();
    });
    timers.add(cancel);
  }

  function stop(): void {
    target?.abort.abort();
    target = undefined;
    for (const cancel of timers) cancel();
    timers.clear();
    attempts.clear();
  }

  return {
    isSet: () => target !== undefined,
    set(fields) {
      const next = readTarget(fields);
      queue.allowed = readAllowed(fields) ?? queue.allowed;
      stop();
      if (flag(fields, 'drop_pending_updates')) queue.clear();
      target = next;
      lastError = goneSince = undefined;
      pump();
      return true;
    },
    remove(fields) {
      stop();
      if (flag(fields, 'drop_pending_updates')) queue.clear();
      return true;
    },
    info: () => ({
      url: target?.url ?? '',
      has_custom_certificate: false,
      pending_update_count: queue.waiting.length,
      ...(target && { max_connections: target.connections, ip_address: '127.0.0.1' }),
      ...(target && lastError && { last_error_date: Math.floor(lastError.at / 1000), last_error_message: lastError.message }),
      ...(queue.allowed.length > 0 && { allowed_updates: [...queue.allowed] }),
    }),
    close: stop,
  };
}

interface Answer {
  /** 0 when there was none. */
  status: number;
  /** Seconds. */
  retryAfter: number;
  error: string;
}

async function post({ url, secret, abort }: Target, { update }: Waiting): Promise<Answer> {
  const headers = { 'content-type': 'application/json', ...(secret && { 'x-telegram-bot-api-secret-token': secret }) };
  const signal = AbortSignal.any([abort.signal, AbortSignal.timeout(ANSWER_MS)]);
  try {
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(update), redirect: 'manual', signal });
    await response.arrayBuffer();
    const retryAfter = Math.min(Math.max(Number(response.headers.get('retry-after')) || 0, 0), LONGEST_RETRY_AFTER);
    return {
      status: response.status,
      retryAfter,
      error: `Wrong response from the webhook: ${response.status} ${response.statusText}`,
    };
  } catch {
    return { status: 0, retryAfter: 0, error: 'Webhook connection closed' };
  }
}

function readTarget(fields: Fields): Target | undefined {
  const url = text(fields, 'url') ?? '';
  if (url === '') return undefined;
  if (!URL.canParse(url) || !/^https?:/.test(url)) throw badRequest(`bad webhook: invalid URL '${url}'`);
  const secret = text(fields, 'secret_token');
  if (secret !== undefined && secret.length > 256) throw badRequest('secret token is too long');
  if (secret !== undefined && !/^[A-Za-z0-9_-]*$/.test(secret)) throw badRequest('secret token contains unallowed characters');
  const connections = Math.min(Math.max(integer(fields, 'max_connections') ?? 40, 1), 100);
  return { url, secret, connections, abort: new AbortController() };
}
