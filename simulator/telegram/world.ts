import type { ApiError, Update, UserFromGetMe } from '@grammyjs/types';
import type { Fields } from './calls/fields.ts';
import type { Refusal } from './calls/refusal.ts';
import type { Chats } from './chats/rooms.ts';
import type { Files } from './files/store.ts';
import type { Ids } from './ids.ts';
import type { Books } from './stars/books.ts';
import type { Timer } from './updates/polling.ts';
import type { UpdateQueue } from './updates/queue.ts';

/** One call of the bot, for assertions. */
export interface TelegramCall {
  method: string;
  fields: Fields;
  /** `field` is the name of the multipart part; `size` in bytes. */
  files: { field: string; name: string; size: number }[];
  result?: unknown;
  error?: ApiError;
  /** Milliseconds since the epoch. */
  at: number;
}

/** A delivery to the webhook; `status` 0 when there was no answer. */
export interface Delivery {
  update: Update;
  status: number;
  at: number;
}

export type Exchange =
  | { kind: 'call'; call: TelegramCall }
  | { kind: 'update'; update: Update }
  | { kind: 'delivery'; delivery: Delivery };

/** Answers the next call of this method, once. The two `break` answers drop the connection before or after the call was carried out. */
export interface Forced {
  method: string;
  /** Of several calls of the method only those for which this holds. */
  when?: (fields: Fields) => boolean;
  answer: Refusal | { result: unknown } | 'break before' | 'break after';
}

/** What a test may turn at any time. */
export interface Knobs {
  forced: Forced[];
  /** Chats that blocked the bot, or groups that threw it out: 403. */
  blocked: Set<number>;
  /** People who deleted their account: 403. */
  deactivated: Set<number>;
  /** Bytes. */
  uploadLimit: number;
  /** Bytes. */
  downloadLimit: number;
  /** Each update comes twice, or so many times. */
  deliverTwice: boolean | number;
  /** Groups so large that a video comes back with message_id 0. */
  largeGroups: Set<number>;
  /** Answer 429 as Telegram's published limits say. */
  strict: boolean;
}

/** A press the bot may still answer. */
export interface Press {
  at: number;
  answered(text: string, alert: boolean): void;
}

/** Everything the methods share. */
export interface World {
  readonly token: string;
  readonly me: UserFromGetMe;
  readonly knobs: Knobs;
  readonly ids: Ids;
  readonly chats: Chats;
  readonly files: Files;
  readonly queue: UpdateQueue;
  readonly presses: Map<string, Press>;
  readonly books: Books;
  readonly timer: Timer;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Counts a message to the chat; refuses with 429 when flooding. */
  count(chat: number): void;
}

/** Unix time in seconds, as dates of messages are. */
export const seconds = (world: World): number => Math.floor(world.now() / 1000);
