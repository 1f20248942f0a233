import { type Connection, Schema } from 'mongoose';

export const NEWS_SENT = 'newssent';

/** That news went, or was about to go, to an account by one way: written before it is sent, so that nobody reads it twice. */
export interface NewsSentDocument {
  /** `<broadcast>:<account id>:<way>` */
  _id: string;
  accountId: string;
  broadcast: string;
  way: 'telegram' | 'mail';
  /** The row of the consent ledger that allowed it. */
  consent: string;
  at: Date;
}

const text = { type: String, required: true } as const;

export const newsSentSchema = new Schema<NewsSentDocument>(
  {
    _id: text,
    accountId: text,
    broadcast: text,
    way: { ...text, enum: ['telegram', 'mail'] },
    consent: text,
    at: { type: Date, required: true },
  },
  { collection: NEWS_SENT, versionKey: false, strict: 'throw', strictQuery: 'throw', autoIndex: false, autoCreate: false },
).index({ accountId: 1 });

export const newsSent = (connection: Connection) => connection.model<NewsSentDocument>('NewsSent', newsSentSchema);
