import { type Connection, Schema } from 'mongoose';
import type { Sealed } from './key.ts';

export const STORED_UPDATES = 'storedupdates';

/** A Telegram update that is confirmed and not handled yet. `chat` is a keyed hash; `body` is sealed and erased once handled. */
export interface StoredUpdateDocument {
  _id: string;
  chat: string;
  body?: Sealed;
  state: 'waiting' | 'done';
  receivedAt: Date;
  /** While it waits: when another process may take it over from the one that took it. */
  dueAt?: Date;
}

const text = { type: String, required: true } as const;

export const storedUpdateSchema = new Schema<StoredUpdateDocument>(
  {
    _id: text,
    chat: text,
    body: String,
    state: { ...text, enum: ['waiting', 'done'] },
    receivedAt: { type: Date, required: true },
    dueAt: Date,
  },
  { collection: STORED_UPDATES, versionKey: false, strict: 'throw', strictQuery: 'throw', autoIndex: false, autoCreate: false },
)
  .index({ dueAt: 1 }, { sparse: true })
  // Telegram repeats an update for a day at most; a second day is for clocks and outages of ours.
  .index({ receivedAt: 1 }, { expireAfterSeconds: 2 * 86_400 });

export const storedUpdates = (connection: Connection) =>
  connection.model<StoredUpdateDocument>('StoredUpdate', storedUpdateSchema);
