import { type Connection, Schema } from 'mongoose';

export const LINK_CODES = 'linkcodes';

export const LINK_STATES = ['shown', 'offered', 'joining', 'done', 'left'] as const;
export type LinkState = (typeof LINK_STATES)[number];

/**
 * Two accounts on their way to one wallet (`link`), or away from it (`unlink`): a code that was shown, what was offered for it, and
 * what came of that. Its id is the id of the buttons that say yes and no, and of the transfer of credits.
 */
export interface LinkCodeDocument {
  _id: string;
  purpose: 'link' | 'unlink';
  state: LinkState;
  /** Who showed the code, whose credit account becomes the wallet of both; of an `unlink` who asked for it. */
  accountId: string;
  platform: 'discord' | 'telegram';
  /** Keyed hash of the code, while it can be used. */
  codeHash?: string;
  /** Who entered the code; of an `unlink` the other account. */
  partner?: string;
  createdAt: Date;
  /** From then on code and buttons do nothing. */
  expiresAt: Date;
  /** When tidy finishes a joining that was left half done. */
  dueAt?: Date;
  /** When it is removed; never while it is joining. */
  forgetAt?: Date;
}

const text = { type: String, required: true } as const;
const date = { type: Date, required: true } as const;

export const linkCodeSchema = new Schema<LinkCodeDocument>(
  {
    _id: text,
    purpose: { ...text, enum: ['link', 'unlink'] },
    state: { ...text, enum: LINK_STATES },
    accountId: text,
    platform: { ...text, enum: ['discord', 'telegram'] },
    codeHash: String,
    partner: String,
    createdAt: date,
    expiresAt: date,
    dueAt: Date,
    forgetAt: Date,
  },
  { collection: LINK_CODES, versionKey: false, strict: 'throw', strictQuery: 'throw', autoIndex: false, autoCreate: false },
)
  .index({ codeHash: 1 }, { unique: true, sparse: true })
  .index({ accountId: 1, state: 1 })
  .index({ partner: 1 }, { sparse: true })
  .index({ dueAt: 1 }, { sparse: true })
  .index({ forgetAt: 1 }, { expireAfterSeconds: 0 });

export const linkCodes = (connection: Connection) => connection.model<LinkCodeDocument>('LinkCode', linkCodeSchema);
