import { type Connection, Schema } from 'mongoose';

export const BROADCASTS = 'broadcasts';

/** A message of an operator's to many: news to those who said yes to it, or word of a new policy version to everybody. */
export interface BroadcastDocument {
  _id: string;
  kind: 'news' | 'policy';
  state: 'sending' | 'sent' | 'stopped';
  /** Of news: what it says. */
  subject?: string;
  text?: string;
  /** Of a policy notice: which version. */
  version?: string;
  /** The account that was looked at last. */
  cursor: string;
  sent: number;
  skipped: number;
  createdAt: Date;
  finishedAt?: Date;
  leaseUntil?: Date;
  dueAt?: Date;
}

const text = { type: String, required: true } as const;
const whole = { type: Number, required: true, validate: Number.isSafeInteger } as const;

export const broadcastSchema = new Schema<BroadcastDocument>(
  {
    _id: text,
    kind: { ...text, enum: ['news', 'policy'] },
    state: { ...text, enum: ['sending', 'sent', 'stopped'] },
    subject: String,
    text: String,
    version: String,
    cursor: { type: String, default: '' },
    sent: whole,
    skipped: whole,
    createdAt: { type: Date, required: true },
    finishedAt: Date,
    leaseUntil: Date,
    dueAt: Date,
  },
  { collection: BROADCASTS, versionKey: false, strict: 'throw', strictQuery: 'throw', autoIndex: false, autoCreate: false },
).index({ dueAt: 1 }, { sparse: true });

export const broadcasts = (connection: Connection) => connection.model<BroadcastDocument>('Broadcast', broadcastSchema);
