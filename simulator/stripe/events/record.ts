import type Stripe from 'stripe';
import { type JsonObject, render } from '../api/render.ts';
import { includes } from '../knobs.ts';
import { API_VERSION, DAY, type Emit, keepNewest, type World } from '../world.ts';
import { OLD_VERSION, olden } from './old-version.ts';

/** An event as it is posted and listed: a snapshot of its object. */
export interface RecordedEvent extends Omit<Stripe.EventBase, 'data' | 'type'> {
  type: string;
  data: { object: JsonObject; previous_attributes?: JsonObject };
}

export interface Events {
  emit: Emit;
  /** Those of the last 30 days, oldest first. */
  recorded(): readonly RecordedEvent[];
  /** Events that come to be while `work` runs name this API request as their cause. */
  during<Result>(request: Stripe.Event.Request, work: () => Result): Result;
}

const KEPT = 20_000;

/** What happened, in order; each event goes on to `post`. */
export function createEvents(world: Omit<World, 'emit'>, post: (event: RecordedEvent) => void): Events {
  const events: RecordedEvent[] = [];
  let cause: Stripe.Event.Request = { id: null, idempotency_key: null };

  return {
    emit(type, object, before) {
      if (includes(world.knobs.neverGenerate, type)) return;
      const old = world.knobs.oldApiVersion;
      const snapshot = render(object);
      const event: RecordedEvent = {
        id: world.id('evt'),
        object: 'event',
        api_version: old ? OLD_VERSION : API_VERSION,
        created: world.now(),
        data: {
          object: old ? olden(world, snapshot) : snapshot,
          ...(before !== undefined && { previous_attributes: render(before) }),
        },
        livemode: false,
        pending_webhooks: 0,
        request: cause,
        type,
      };
      keepNewest(events, event, KEPT);
      post(event);
    },
    recorded: () => events.filter(({ created }) => created > world.now() - 30 * DAY),
    during(request, work) {
      cause = request;
      try {
        return work();
      } finally {
        cause = { id: null, idempotency_key: null };
      }
    },
  };
}
