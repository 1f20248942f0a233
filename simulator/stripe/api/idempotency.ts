import type { Fields } from '../knobs.ts';
import { Refusal } from './refusal.ts';

export interface StoredAnswer {
  status: number;
  body: unknown;
}

export interface Idempotency {
  /** The stored answer, if this key has one. Refuses the key for another request than its first. */
  find(key: string, request: { method: string; path: string; fields: Fields }): StoredAnswer | undefined;
  keep(key: string, request: { method: string; path: string; fields: Fields }, answer: StoredAnswer): void;
}

const KEPT_MS = 24 * 60 * 60 * 1000;

/** Answers by Idempotency-Key for a day, errors of the server included (docs.stripe.com/api/idempotent_requests). */
export function createIdempotency(now: () => number): Idempotency {
  const answers = new Map<string, { fingerprint: string; at: number; answer: StoredAnswer }>();
  const fingerprintOf = (request: { method: string; path: string; fields: Fields }) =>
    JSON.stringify([request.method, request.path, request.fields]);
  return {
    find(key, request) {
      const kept = answers.get(key);
      if (!kept || kept.at + KEPT_MS <= now()) return undefined;
      if (kept.fingerprint !== fingerprintOf(request))
        throw new Refusal(
          400,
          `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
          { type: 'idempotency_error' },
        );
      return kept.answer;
    },
    keep(key, request, answer) {
      for (const [old, { at }] of answers) {
        if (at + KEPT_MS > now()) break;
        answers.delete(old);
      }
      answers.delete(key);
      answers.set(key, { fingerprint: fingerprintOf(request), at: now(), answer });
    },
  };
}
