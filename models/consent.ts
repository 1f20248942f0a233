import { type Connection, Schema } from 'mongoose';

export const CONSENTS = 'consents';

export const PURPOSES = ['gallery', 'marketing', 'improvement'] as const;
export type Purpose = (typeof PURPOSES)[number];

/** One yes or no of a person's to one purpose. Written once, never changed; each row holds the hash of the one before it. */
export interface ConsentDocument {
  /** `<account id>#<seq>` */
  _id: string;
  accountId: string;
  /** 1, 2, 3 … without a gap. */
  seq: number;
  purpose: Purpose;
  /** The one thing it is about: the generation, for the gallery. */
  subject?: string;
  act: 'grant' | 'withdraw';
  /** The words that were shown, and the policy that was in force. */
  text: string;
  textHash: string;
  policyVersion: string;
  language: string;
  channel: 'discord' | 'telegram' | 'mail' | 'erasure';
  /** Milliseconds since the epoch. */
  at: number;
  previous: string;
  hash: string;
}

const text = { type: String, required: true } as const;
const whole = { type: Number, required: true, validate: Number.isSafeInteger } as const;

export const consentSchema = new Schema<ConsentDocument>(
  {
    _id: text,
    accountId: text,
    seq: whole,
    purpose: { ...text, enum: PURPOSES },
    subject: String,
    act: { ...text, enum: ['grant', 'withdraw'] },
    text,
    textHash: text,
    policyVersion: text,
    language: text,
    channel: { ...text, enum: ['discord', 'telegram', 'mail', 'erasure'] },
    at: whole,
    previous: { type: String, default: '' },
    hash: text,
  },
  { collection: CONSENTS, versionKey: false, strict: 'throw', strictQuery: 'throw', autoIndex: false, autoCreate: false },
)
  .index({ accountId: 1, seq: 1 }, { unique: true })
  // Who ever said yes to a purpose: whether it still holds is asked anew for each.
  .index({ purpose: 1, act: 1, accountId: 1 });

export const consents = (connection: Connection) => connection.model<ConsentDocument>('Consent', consentSchema);
