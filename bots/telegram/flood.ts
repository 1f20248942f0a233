import { setMaxListeners } from 'node:events';
import { Redis } from 'ioredis';
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { SendOptions } from '../../core/chat.ts';
import { describe, type Log } from '../../core/log.ts';
import { createOrder } from './order.ts';
import { TelegramFailure } from './refusals.ts';

/** How much may be said: 1 a second in a chat (in bursts of 3), 20 a minute in a group, 30 a second altogether (core.telegram.org/bots/faq). */
const LIMITS = {
  chat: { points: 3, duration: 3 },
  group: { points: 20, duration: 60 },
  all: { points: 30, duration: 1 },
} as const;
type LimitName = keyof typeof LIMITS;

/** News leaves this many points of every window to results. */
const RESERVE = { chat: 1, group: 5, all: 10 } as const;

/**
 * Counts over the time that has just passed, as Telegram does: fixed windows would let twice as much through where two of them meet.
 * KEYS[1] holds the count, or more than the limit during a silence; beside it stand the moments that are counted.
 */
const SLIDING = `
local points, span, limit = tonumber(ARGV[1]), ARGV[2] * 1000, tonumber(ARGV[3])
local held = tonumber(redis.call('get', KEYS[1]) or 0)
if held > limit then return {held, redis.call('pttl', KEYS[1])} end
local time = redis.call('time')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local moments = KEYS[1] .. ':moments'
redis.call('zremrangebyscore', moments, '-inf', now - span)
local count = redis.call('zcard', moments) + points
if count > limit then
  return {count, math.max(1, redis.call('zrange', moments, 0, 0, 'withscores')[2] + span - now)}
end
redis.call('zadd', moments, now, time[1] .. '.' .. time[2])
redis.call('pexpire', moments, span)
redis.call('set', KEYS[1], count, 'PX', span)
return {count, span}
`;

/** A longer wait is given back as a failure, for the job to be repeated later. */
const LONGEST_WAIT_MS = 70_000;

const EVERYBODY = 'everybody';

export interface FloodParts {
  log: Log;
  /** One limit for all processes; without it, or while it is away, each process counts for itself. */
  redis?: { url: string; prefix: string } | undefined;
  /** Makes a key from a chat's id that does not tell the id. */
  hide(text: string): string;
}

export interface Flood {
  /** Resolves true once it may be said. For news that is over the limit it resolves false at once: nothing is to be said. */
  pass(chat: string, group: boolean, kind: SendOptions['kind']): Promise<boolean>;
  /** Resolves once a call may be made that says nothing: it counts among all only. */
  act(): Promise<void>;
  /** Telegram asked for silence: nobody speaks for this many seconds. */
  silence(seconds: number): Promise<void>;
  close(): void;
}

/** Keeps Telegram's sending limits. Never fails for want of Redis. */
export function createFlood({ log, redis, hide }: FloodParts): Flood {
  const client = redis && connect(redis.url, log);
  const closing = new AbortController();
  setMaxListeners(Number.POSITIVE_INFINITY, closing.signal); // one for every send that waits
  const limiter = (name: LimitName): RateLimiterAbstract => {
    const options = { ...LIMITS[name], keyPrefix: `${redis?.prefix ?? ''}:telegram:flood:${name}` };
    const memory = new RateLimiterMemory(options);
    if (!client) return memory;
    const shared = { ...options, storeClient: client, rejectIfRedisNotReady: true, insuranceLimiter: memory };
    return new RateLimiterRedis({ ...shared, customIncrTtlLuaScript: SLIDING });
  };
  const limiters = { chat: limiter('chat'), group: limiter('group'), all: limiter('all') };
  const order = createOrder(Number.POSITIVE_INFINITY);

  async function take(name: LimitName, key: string, kind: SendOptions['kind']): Promise<boolean> {
    if (kind === 'news') {
      const used = (await limiters[name].get(key))?.consumedPoints ?? 0;
      return used < LIMITS[name].points - RESERVE[name] && (await over(limiters[name], key)) === 0;
    }
    // Only the first of those who wait asks again and again.
    await order.run(`${name} ${key}`, () => wait(name, key));
    return true;
  }

  async function wait(name: LimitName, key: string): Promise<void> {
    for (;;) {
      const left = await over(limiters[name], key);
      if (left === 0) return;
      if (left > LONGEST_WAIT_MS) throw new TelegramFailure('flood', 'Telegram asks for a longer silence than a send may wait');
      await pause(left, closing.signal);
    }
  }

  return {
    async pass(chat, group, kind) {
      const key = hide(chat);
      if (group && !(await take('group', key, kind))) return false;
      return (await take('chat', key, kind)) && take('all', EVERYBODY, kind);
    },
    async act() {
      await take('all', EVERYBODY, 'result');
    },
    async silence(seconds) {
      await limiters.all.block(EVERYBODY, Math.ceil(seconds));
    },
    close() {
      closing.abort();
      client?.disconnect();
    },
  };
}

/** Milliseconds until it may be tried again, 0 when a point was taken. */
async function over(limiter: RateLimiterAbstract, key: string): Promise<number> {
  try {
    await limiter.consume(key);
    return 0;
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return Math.max(1, refusal.msBeforeNext);
    throw refusal;
  }
}

function connect(url: string, log: Log): Redis {
  const client = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: 1000,
    connectTimeout: 5000,
    retryStrategy: (attempt) => Math.min(attempt * 200, 5000),
  });
  let away = false;
  client.on('ready', () => {
    away = false;
  });
  client.on('error', (error) => {
    if (!away) log.warn('telegram.flood.redis_away', describe(error));
    away = true;
  });
  return client;
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(new TelegramFailure('closing', 'stopped while waiting to send'));
    };
    if (signal.aborted) return stop();
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal.addEventListener('abort', stop, { once: true });
  });
}
