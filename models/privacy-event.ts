import { type Connection, Schema } from 'mongoose';

export const PRIVACY_EVENTS = 'privacyevents';

export const ACCESS_REASONS = [
  'support_request',
  'refund',
  'payment_question',
  'abuse_report',
  'legal_duty',
  'quality_review',
  'fault',
] as const;
export type AccessReason = (typeof ACCESS_REASONS)[number];

export const PRIVACY_ACTIONS = [
  'looked_at_account',
  'looked_at_payment',
  'looked_at_video',
  'archive_asked',
  'archive_fetched',
  'archive_removed',
  'name_corrected',
  'mail_corrected',
  'language_corrected',
  'erasure_asked',
  'erasure_kept',
  'erased',
] as const;
export type PrivacyAction = (typeof PRIVACY_ACTIONS)[number];

/** Who did what with somebody's data: their access log. Holds no value and no name. Written once; each row holds the hash of the one before it. */
export interface PrivacyEventDocument {
  /** `<account id>#<seq>` */
  _id: string;
  accountId: string;
  /** 1, 2, 3 … without a gap. */
  seq: number;
  actor: 'person' | 'staff' | 'system';
  /** Of staff: as whom, never who. */
  role?: string;
  action: PrivacyAction;
  /** Of staff: why. */
  reason?: AccessReason;
  /** Milliseconds since the epoch. */
  at: number;
  previous: string;
  hash: string;
}

const text = { type: String, required: true } as const;
const whole = { type: Number, required: true, validate: Number.isSafeInteger } as const;

export const privacyEventSchema = new Schema<PrivacyEventDocument>(
  {
    _id: text,
    accountId: text,
    seq: whole,
    actor: { ...text, enum: ['person', 'staff', 'system'] },
    role: String,
    action: { ...text, enum: PRIVACY_ACTIONS },
    reason: { type: String, enum: ACCESS_REASONS },
    at: whole,
    previous: { type: String, default: '' },
    hash: text,
  },
  { collection: PRIVACY_EVENTS, versionKey: false, strict: 'throw', strictQuery: 'throw', autoIndex: false, autoCreate: false },
).index({ accountId: 1, seq: 1 }, { unique: true });

export const privacyEvents = (connection: Connection) =>
  connection.model<PrivacyEventDocument>('PrivacyEvent', privacyEventSchema);
