import type { Ids } from '../ids.ts';
import { includes, type Knobs } from '../knobs.ts';
import { keepNewest } from '../world.ts';
import type { RecordedEvent } from './record.ts';
import { sign } from './signature.ts';

export interface Webhook {
  url: string;
  /** `whsec_…`; the simulator's own where left out. */
  secret?: string;
  /** Types that are sent; all where left out. */
  events?: readonly string[];
}

export interface Delivery {
  event: string;
  type: string;
  /** 1 for the first. */
  attempt: number;
  /** 0 where there was no answer. */
  status: number;
  /** Milliseconds since the epoch. */
  at: number;
}

/** Runs something later and returns a way to cancel it. */
export type Timer = (milliseconds: number, run: () => void) => () => void;

export interface Deliveries {
  readonly log: readonly Delivery[];
  readonly held: readonly RecordedEvent[];
  aim(webhook: Webhook | undefined): void;
  post(event: RecordedEvent): void;
  /** Posts an event once more, whatever became of it before. */
  resend(event: RecordedEvent): Promise<void>;
  /** Sends what is held: shuffled under `reorder`, or as `arrange` says. Resolves when all was answered. */
  release(arrange?: (held: RecordedEvent[]) => RecordedEvent[]): Promise<void>;
  /** Resolves when no post is on its way; retries that wait for their time do not count. */
  idle(): Promise<void>;
  close(): void;
}

const MINUTE = 60_000;
const PAUSES = [5, 30, 120, 300, 600].map((minutes) => minutes * MINUTE);
const LONGEST_PAUSE = 720 * MINUTE;
/** Live deliveries are tried for three days (docs.stripe.com/webhooks). */
const TRIED_FOR = 3 * 24 * 60 * MINUTE;
const ANSWER_MS = 30_000;
const KEPT = 5000;

/** Posts events one after the other, signed; what is not answered with 2xx is posted again after growing pauses. */
export function createDeliveries(parts: { knobs: Knobs; ids: Ids; secret: string; now(): number; timer: Timer }): Deliveries {
  const { knobs, ids, now } = parts;
  const log: Delivery[] = [];
  const held: RecordedEvent[] = [];
  const waiting = new Set<() => void>();
  const open = new Set<Promise<void>>();
  const abort = new AbortController();
  let target: Webhook | undefined;
  let line = Promise.resolve();

  function follow(work: Promise<void>): Promise<void> {
    const followed = work.finally(() => open.delete(followed));
    open.add(followed);
    return followed;
  }

  const queue = (event: RecordedEvent): Promise<void> => {
    line = line.then(async () => {
      const copies = Array.from({ length: 1 + knobs.duplicate }, () => attempt(event, 1, now()));
      await Promise.all(copies);
    });
    return follow(line);
  };

  async function attempt(event: RecordedEvent, nth: number, firstAt: number): Promise<void> {
    if (!target || abort.signal.aborted) return;
    const status = await send(target, event);
    keepNewest(log, { event: event.id, type: event.type, attempt: nth, status, at: now() }, KEPT);
    if (status >= 200 && status < 300) event.pending_webhooks = 0;
    const pause = PAUSES[nth - 1] ?? LONGEST_PAUSE;
    if (event.pending_webhooks === 0 || abort.signal.aborted || now() + pause > firstAt + TRIED_FOR) return;
    const cancel = parts.timer(pause, () => {
      waiting.delete(cancel);
      if (event.pending_webhooks > 0) follow(attempt(event, nth + 1, firstAt));
    });
    waiting.add(cancel);
  }

  async function send({ url, secret = parts.secret }: Webhook, event: RecordedEvent): Promise<number> {
    const body = JSON.stringify(event, null, 2);
    const seconds = Math.floor(now() / 1000) - (knobs.staleTimestamp ? 600 : 0);
    const signature = sign(body, knobs.badSignature ? `${secret}x` : secret, seconds);
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      'stripe-signature': signature,
      'user-agent': 'Stripe/1.0',
    };
    const signal = AbortSignal.any([abort.signal, AbortSignal.timeout(ANSWER_MS)]);
    try {
      const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
      await response.arrayBuffer();
      return response.status;
    } catch {
      return 0;
    }
  }

  const idle = async () => {
    while (open.size > 0) await Promise.all(open);
  };

  return {
    log,
    held,
    aim(webhook) {
      target = webhook;
    },
    post(event) {
      if (!target || (target.events && !target.events.includes(event.type))) return;
      event.pending_webhooks = 1;
      if (includes(knobs.drop, event.type)) return;
      if (knobs.hold || knobs.reorder) held.push(event);
      else queue(event);
    },
    resend: queue,
    async release(arrange) {
      const taken = held.splice(0);
      const arranged = arrange ? arrange(taken) : knobs.reorder ? shuffled(taken, ids) : taken;
      for (const event of arranged) queue(event);
      await idle();
    },
    idle,
    close() {
      abort.abort();
      for (const cancel of waiting) cancel();
      waiting.clear();
    },
  };
}

function shuffled<Entry>(entries: Entry[], ids: Ids): Entry[] {
  return entries
    .map((entry) => ({ entry, place: ids.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ entry }) => entry);
}
