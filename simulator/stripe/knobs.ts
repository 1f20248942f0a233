/** What a test may turn at any time, as plain fields of the simulator. */

/** A request to the API as it came in. */
export interface AskedRequest {
  method: string;
  /** Without the query. */
  path: string;
  fields: Fields;
  idempotencyKey: string | undefined;
  /** Milliseconds since the epoch. */
  at: number;
}

/** A request with what it got; status 0 where the connection was broken instead of answered. */
export interface LoggedRequest extends AskedRequest {
  status: number;
  answer: unknown;
  /** The answer was the stored one of an earlier request under the same key. */
  replayed: boolean;
}

/** Form fields, with `a[b]` and `a[0]` as groups. */
export interface Fields {
  [name: string]: string | Fields;
}

/** Answers with an error; `takesEffect`: after doing what was asked. It is replayed under its key like any other answer. */
export interface ForcedAnswer {
  match(request: AskedRequest): boolean;
  status: number;
  takesEffect?: boolean;
}

/** Breaks the connection after the request was read: `request` before anything happened, `answer` after it took effect. */
export interface LostConnection {
  match(request: AskedRequest): boolean;
  lose: 'request' | 'answer';
}

export type Forced = ForcedAnswer | LostConnection;

/** All events, none, or those of these types. */
export type Which = boolean | readonly string[];

export interface Knobs {
  /** Each answers the next matching request, once. */
  forced: Forced[];
  /** How many copies of each event are posted beside the first, all at once. */
  duplicate: number;
  /** Deliveries are kept back until `release()`. */
  hold: boolean;
  /** As `hold`; `release()` sends them shuffled by the seed. */
  reorder: boolean;
  /** Events that are listed but never posted. */
  drop: Which;
  /** Events that do not come to be at all: neither posted nor listed. */
  neverGenerate: Which;
  /** Events are rendered in the API version of early 2025, with its fields where they were then. */
  oldApiVersion: boolean;
  /** Deliveries are signed with a wrong secret. */
  badSignature: boolean;
  /** Deliveries are signed with a time stamp of ten minutes ago. */
  staleTimestamp: boolean;
  /** Status of new refunds; a bank's refund is pending for days. */
  refundStatus: 'succeeded' | 'pending';
  /** Added to sessions and invoices with automatic tax, in percent. */
  taxPercent: number;
  /** What a promotion code takes off, in percent. */
  promotionCodes: Record<string, number>;
  /** Lines that come embedded in an invoice before `has_more`. */
  embeddedLines: number;
}

export function createKnobs(): Knobs {
  return {
    forced: [],
    duplicate: 0,
    hold: false,
    reorder: false,
    drop: false,
    neverGenerate: false,
    oldApiVersion: false,
    badSignature: false,
    staleTimestamp: false,
    refundStatus: 'succeeded',
    taxPercent: 0,
    promotionCodes: { FREE: 100, HALF: 50 },
    embeddedLines: 10,
  };
}

export const includes = (which: Which, type: string): boolean => (typeof which === 'boolean' ? which : which.includes(type));
