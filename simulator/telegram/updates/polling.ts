import type { Update } from '@grammyjs/types';
import { type Fields, integer, list } from '../calls/fields.ts';
import { badRequest, conflict, type Refusal } from '../calls/refusal.ts';
import { expire, type UpdateKind, type UpdateQueue } from './queue.ts';

export type Timer = (milliseconds: number, run: () => void) => () => void;

export interface Polling {
  /** getUpdates; `gone` fires when the client hangs up. */
  poll(fields: Fields, gone: AbortSignal): Promise<Update[]>;
  /** Ends a long poll that is under way, as a new webhook or another poll does. */
  end(why: Refusal): void;
}

/** Seconds that one long poll lasts at most. */
const LONGEST = 50;

export function createPolling(queue: UpdateQueue, parts: { now(): number; timer: Timer; hasWebhook(): boolean }): Polling {
  let current: { finish(): void; fail(why: Refusal): void } | undefined;
  queue.onPush(() => current?.finish());

  function poll(fields: Fields, gone: AbortSignal): Promise<Update[]> {
    if (parts.hasWebhook()) {
      throw conflict("can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first");
    }
    current?.fail(conflict('terminated by other getUpdates request; make sure that only one bot instance is running'));
    queue.allowed = readAllowed(fields) ?? queue.allowed;
    expire(queue, parts.now());
    const limit = Math.min(Math.max(integer(fields, 'limit') ?? 100, 1), 100);
    const seconds = Math.min(Math.max(integer(fields, 'timeout') ?? 0, 0), LONGEST);
    confirmBefore(queue, integer(fields, 'offset') ?? 0);
    const ready = take(queue, limit);
    if (ready.length > 0 || seconds === 0) return Promise.resolve(ready);
    return new Promise((resolve, reject) => {
      const stop = () => {
        current = current === turn ? undefined : current;
        cancel();
        gone.removeEventListener('abort', leave);
      };
      const leave = () => {
        stop();
        resolve([]);
      };
      const turn = {
        finish() {
          stop();
          resolve(take(queue, limit));
        },
        fail(why: Refusal) {
          stop();
          reject(why);
        },
      };
      const cancel = parts.timer(seconds * 1000, turn.finish);
      gone.addEventListener('abort', leave);
      current = turn;
    });
  }
  return { poll, end: (why) => current?.fail(why) };
}

/** Only a later offset confirms an update. A negative one counts from the end and forgets all before it. */
function confirmBefore(queue: UpdateQueue, offset: number): void {
  const first = offset < 0 ? (queue.waiting.at(offset)?.update.update_id ?? 0) : offset;
  for (const entry of queue.waiting.filter(({ update }) => update.update_id < first)) {
    if (entry.delivered || !entry.again || offset < 0) queue.confirm(entry);
  }
}

function take(queue: UpdateQueue, limit: number): Update[] {
  const entries = queue.waiting.slice(0, limit);
  for (const entry of entries) entry.delivered = true;
  return entries.map(({ update }) => update);
}

const KINDS: Record<UpdateKind, true> = {
  message: true,
  edited_message: true,
  channel_post: true,
  edited_channel_post: true,
  business_connection: true,
  business_message: true,
  edited_business_message: true,
  deleted_business_messages: true,
  guest_message: true,
  stopped_message_generation: true,
  message_reaction: true,
  message_reaction_count: true,
  inline_query: true,
  chosen_inline_result: true,
  callback_query: true,
  shipping_query: true,
  pre_checkout_query: true,
  purchased_paid_media: true,
  poll: true,
  poll_answer: true,
  my_chat_member: true,
  chat_member: true,
  chat_join_request: true,
  chat_boost: true,
  removed_chat_boost: true,
  managed_bot: true,
  subscription: true,
};

/** allowed_updates, or undefined when the call leaves them as they are. A kind nobody knows is refused, where Telegram would be silent. */
export function readAllowed(fields: Fields): UpdateKind[] | undefined {
  return list(fields, 'allowed_updates')?.map((name) => {
    if (typeof name === 'string' && isKind(name)) return name;
    throw badRequest(`can't parse allowed updates: unknown type ${JSON.stringify(name)}`);
  });
}

const isKind = (name: string): name is UpdateKind => Object.hasOwn(KINDS, name);
