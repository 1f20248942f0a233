import { type Connection, Schema } from 'mongoose';
import type { Sealed } from './key.ts';

export const ACCOUNTS = 'accounts';

/** A person. Identities are keyed hashes of platform and platform user id; the name is sealed under the account's own key. */
export interface AccountDocument {
  _id: string;
  identities: { platform: 'discord' | 'telegram'; hash: string }[];
  keyId: string;
  /** `leaving`: it will be deleted unless the person changes their mind; `erasing`: it is being deleted, and nothing is written for it any more. */
  status: 'active' | 'leaving' | 'erasing';
  /** The erasure that it is leaving by. */
  leaving?: string;
  name?: Sealed;
  language?: string;
  /** A confirmed address. */
  mail?: Sealed;
  /** An address that waits for the code that was sent to it: JSON of the address, sealed, and a keyed hash of the code. */
  mailProof?: { address: Sealed; codeHash: string; tries: number; until: Date };
  /** The person's private Telegram chat, where the bot may write first. Sealed. */
  home?: Sealed;
  /** The newest policy version that the person was told of, and when. */
  policy?: { version: string; at: Date };
  /** The last day on which something was asked for. */
  seenAt?: Date;
  /** When the person was last told that an unused account will be deleted. */
  remindedAt?: Date;
  /** When it will be deleted because nobody uses it: stands here as soon as they were told. */
  unusedUntil?: Date;
  /** `ask`: above so many credits a video is asked about first; 0 never asks. */
  settings: { style?: string; aspectRatio?: string; seconds?: number; ask?: number };
  /** The credit account that it uses: its own, or the one of `partner`. Absent in accounts that are older than sharing: its own. */
  wallet?: string;
  /** The account on the other platform with which it shares one wallet; stored on both. */
  partner?: string;
  /** The link that has joined the two and whose credits have not arrived yet. */
  joining?: string;
  /** Codes that were tried and wrong, until that hour is over. */
  linkTries?: { count: number; until: Date };
  createdAt: Date;
}

const text = { type: String, required: true } as const;

export const accountSchema = new Schema<AccountDocument>(
  {
    _id: text,
    identities: [new Schema({ platform: { ...text, enum: ['discord', 'telegram'] }, hash: text }, { _id: false })],
    keyId: text,
    status: { ...text, enum: ['active', 'leaving', 'erasing'] },
    leaving: String,
    name: String,
    language: String,
    mail: String,
    mailProof: new Schema(
      { address: text, codeHash: text, tries: { type: Number, required: true }, until: { type: Date, required: true } },
      { _id: false },
    ),
    home: String,
    policy: new Schema({ version: text, at: { type: Date, required: true } }, { _id: false }),
    seenAt: Date,
    remindedAt: Date,
    unusedUntil: Date,
    settings: new Schema({ style: String, aspectRatio: String, seconds: Number, ask: Number }, { _id: false, minimize: false }),
    wallet: String,
    partner: String,
    joining: String,
    linkTries: new Schema({ count: { type: Number, required: true }, until: { type: Date, required: true } }, { _id: false }),
    createdAt: { type: Date, required: true },
  },
  {
    collection: ACCOUNTS,
    versionKey: false,
    strict: 'throw',
    strictQuery: 'throw',
    autoIndex: false,
    autoCreate: false,
    minimize: false,
  },
)
  .index({ 'identities.hash': 1 }, { unique: true })
  .index({ 'mailProof.until': 1 }, { sparse: true })
  .index({ seenAt: 1 }, { sparse: true });

export const accounts = (connection: Connection) => connection.model<AccountDocument>('Account', accountSchema);
