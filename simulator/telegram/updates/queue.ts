import type { Update } from '@grammyjs/types';

export type UpdateKind = Exclude<keyof Update, 'update_id'>;

/** An update the bot has not confirmed yet. */
export interface Waiting {
  update: Update;
  /** Updates of one line reach a webhook strictly one after the other: a chat's messages, a person's presses. */
  line: string;
  /** Milliseconds since the epoch. */
  at: number;
  /** How often it must still be delivered. */
  left: number;
  /** It has been handed out since it was last confirmed. */
  delivered: boolean;
  /** It was confirmed before and comes once more all the same. */
  again: boolean;
}

export interface UpdateQueue {
  /** Oldest first. */
  readonly waiting: Waiting[];
  /** As set by the last call that named them; an empty list stands for the default. */
  allowed: readonly UpdateKind[];
  push(content: Omit<Update, 'update_id'>, line: string): void;
  /** One delivery is done: the update goes, unless it is to be delivered again. */
  confirm(entry: Waiting): void;
  clear(): void;
  onPush(listener: () => void): void;
}

/** Telegram keeps an update for a day. */
export const KEPT_MS = 24 * 60 * 60 * 1000;
const NOT_BY_DEFAULT: readonly UpdateKind[] = ['chat_member', 'message_reaction', 'message_reaction_count'];

export function createUpdateQueue(parts: {
  now(): number;
  nextId(): number;
  /** How many times each update is delivered. */
  times(): number;
  seen(update: Update): void;
}): UpdateQueue {
  const waiting: Waiting[] = [];
  const listeners: (() => void)[] = [];
  const wanted = (kind: string, allowed: readonly string[]) =>
    allowed.length > 0 ? allowed.includes(kind) : !NOT_BY_DEFAULT.some((name) => name === kind);
  const queue: UpdateQueue = {
    waiting,
    allowed: [],
    push(content, line) {
      if (!Object.keys(content).some((kind) => wanted(kind, queue.allowed))) return;
      const update: Update = { update_id: parts.nextId(), ...content };
      waiting.push({ update, line, at: parts.now(), left: parts.times(), delivered: false, again: false });
      parts.seen(update);
      for (const listener of listeners) listener();
    },
    confirm(entry) {
      entry.left--;
      entry.delivered = false;
      entry.again = true;
      if (entry.left <= 0) waiting.splice(waiting.indexOf(entry), 1);
    },
    clear: () => waiting.splice(0),
    onPush: (listener) => listeners.push(listener),
  };
  return queue;
}

/** Drops what is older than a day. */
export function expire(queue: UpdateQueue, now: number): void {
  for (const entry of queue.waiting.filter(({ at }) => now - at > KEPT_MS)) queue.waiting.splice(queue.waiting.indexOf(entry), 1);
}
