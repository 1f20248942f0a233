import { createHash } from 'node:crypto';
import type { Knobs } from '../knobs.ts';
import { type Answer, Refusal } from './refusals.ts';

interface Bucket {
  used: number;
  since: number;
}

/** What the headers say while no limit is set. */
const GENEROUS = { requests: 5, perMs: 1000 };
const INVALID_WINDOW_MS = 10 * 60_000;

/** Buckets per route, the limit over everything, and the count of invalid requests (docs: topics/rate-limits). */
export function createRateLimits(knobs: Knobs, now: () => number) {
  const buckets = new Map<string, Bucket>();
  let invalid: number[] = [];

  function bucket(key: string, perMs: number): Bucket {
    const known = buckets.get(key);
    if (known && now() - known.since < perMs) return known;
    const fresh = { used: 0, since: now() };
    buckets.set(key, fresh);
    return fresh;
  }

  function tooMany(waitMs: number, scope: 'user' | 'global', headers: Record<string, string>): Refusal {
    const seconds = waitMs / 1000;
    const global = scope === 'global';
    return new Refusal({
      status: 429,
      body: { message: 'You are being rate limited.', retry_after: seconds, global, code: 0 },
      headers: {
        ...headers,
        'retry-after': String(Math.ceil(seconds)),
        'x-ratelimit-scope': scope,
        ...(global && { 'x-ratelimit-global': 'true' }),
      },
    });
  }

  return {
    /** Counts a request; gives the headers of its answer, or throws the 429. `counts` towards the limit over everything. */
    take(key: string, counts: boolean): Record<string, string> {
      const { globalPerSecond, routeLimit } = knobs;
      if (counts && globalPerSecond !== undefined) {
        const all = bucket('everything', 1000);
        if (all.used >= globalPerSecond) throw tooMany(all.since + 1000 - now(), 'global', {});
        all.used += 1;
      }
      const { requests, perMs } = routeLimit ?? GENEROUS;
      const own = routeLimit ? bucket(key, perMs) : { used: 0, since: now() };
      const resetMs = own.since + perMs - now();
      const full = own.used >= requests;
      if (!full) own.used += 1;
      const headers = {
        'x-ratelimit-limit': String(requests),
        'x-ratelimit-remaining': String(requests - own.used),
        'x-ratelimit-reset': ((now() + resetMs) / 1000).toFixed(3),
        'x-ratelimit-reset-after': (resetMs / 1000).toFixed(3),
        'x-ratelimit-bucket': createHash('md5').update(key).digest('hex'),
      };
      if (full) throw tooMany(resetMs, 'user', headers);
      return headers;
    },

    /** 401, 403 and 429 count as invalid, but not a 429 of a shared resource. */
    settle({ status, headers = {} }: Answer): void {
      const shared = status === 429 && headers['x-ratelimit-scope'] === 'shared';
      if ([401, 403, 429].includes(status) && !shared) invalid.push(now());
    },

    /** Invalid requests of the last ten minutes: 10,000 get the address banned. */
    invalid(): number {
      invalid = invalid.filter((at) => now() - at < INVALID_WINDOW_MS);
      return invalid.length;
    },
  };
}

export type RateLimits = ReturnType<typeof createRateLimits>;
