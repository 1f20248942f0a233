import { type Connection, Schema } from 'mongoose';
import type { Sealed } from './key.ts';

export const ACCOUNTS = 'accounts';

/** A person. Identities are keyed hashes of platform and platform user id; the name is sealed under the account's own key. */
export interface AccountDocument {
  _id: string;
  identities: { platform: 'discord' | 'telegram'; hash: string }[];
  keyId: string;
  status: 'active';
  name?: Sealed;
  language?: string;
  settings: { style?: string; aspectRatio?: string; seconds?: number };
  createdAt: Date;
}

const text = { type: String, required: true } as const;

export const accountSchema = new Schema<AccountDocument>(
  {
    _id: text,
    identities: [new Schema({ platform: { ...text, enum: ['discord', 'telegram'] }, hash: text }, { _id: false })],
    keyId: text,
    status: { ...text, enum: ['active'] },
    name: String,
    language: String,
    settings: new Schema({ style: String, aspectRatio: String, seconds: Number }, { _id: false, minimize: false }),
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
).index({ 'identities.hash': 1 }, { unique: true });

export const accounts = (connection: Connection) => connection.model<AccountDocument>('Account', accountSchema);
