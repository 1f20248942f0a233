import { type Connection, Schema } from 'mongoose';

export const POLICY_NOTICES = 'policynotices';

/** That an account was told of a policy version: in the chat, by e-mail, or not yet. */
export interface PolicyNoticeDocument {
  /** `<version>:<account id>` */
  _id: string;
  accountId: string;
  version: string;
  /** When it was read in the chat. */
  chatAt?: Date;
  /** `none`: no confirmed address, or no significant change. */
  mail: 'none' | 'due' | 'sent' | 'failed';
  mailAt?: Date;
  tries: number;
  createdAt: Date;
  dueAt?: Date;
}

const text = { type: String, required: true } as const;

export const policyNoticeSchema = new Schema<PolicyNoticeDocument>(
  {
    _id: text,
    accountId: text,
    version: text,
    chatAt: Date,
    mail: { ...text, enum: ['none', 'due', 'sent', 'failed'] },
    mailAt: Date,
    tries: { type: Number, required: true, validate: Number.isSafeInteger },
    createdAt: { type: Date, required: true },
    dueAt: Date,
  },
  { collection: POLICY_NOTICES, versionKey: false, strict: 'throw', strictQuery: 'throw', autoIndex: false, autoCreate: false },
)
  .index({ accountId: 1 })
  .index({ dueAt: 1 }, { sparse: true });

export const policyNotices = (connection: Connection) =>
  connection.model<PolicyNoticeDocument>('PolicyNotice', policyNoticeSchema);
