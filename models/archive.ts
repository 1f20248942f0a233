import { type Connection, Schema } from 'mongoose';
import type { Sealed } from './key.ts';

export const ARCHIVES = 'archives';

export const ARCHIVE_STATES = ['queued', 'packing', 'packed', 'ready', 'failed', 'gone'] as const;
export type ArchiveState = (typeof ARCHIVE_STATES)[number];

/**
 * What a person takes away: everything that is held about them, in one ZIP, from the wish to its end. It is packed from the beginning again
 * when its process dies. `packed`: it is stored, and the person is to be told; `ready`: they were.
 */
export interface ArchiveDocument {
  _id: string;
  /** The account that asked; it opens with this account's key, and with it ends. */
  accountId: string;
  keyId: string;
  /** Goes up with every change; every change names the one it was decided on. */
  rev: number;
  state: ArchiveState;
  /** Everything, or no media. */
  content: 'all' | 'data';
  /** Where the person is told. Sealed. */
  place: Sealed;
  tries: number;
  /** Files packed so far, of all; `missing` could not be read and are named in the manifest. */
  files?: { packed: number; all: number; missing: number };
  /** Bytes of the ZIP. */
  size?: number;
  /** Which attempt wrote the stored object: each has a name of its own. */
  object?: string;
  /** Objects of earlier attempts, to be removed. */
  leftovers: string[];
  newsAt?: Date;
  leaseUntil?: Date;
  /** When tidy looks after it. */
  dueAt?: Date;
  createdAt: Date;
  /** From then on it is removed. */
  expiresAt: Date;
}

const text = { type: String, required: true } as const;
const whole = { type: Number, required: true, validate: Number.isSafeInteger } as const;

export const archiveSchema = new Schema<ArchiveDocument>(
  {
    _id: text,
    accountId: text,
    keyId: text,
    rev: whole,
    state: { ...text, enum: ARCHIVE_STATES },
    content: { ...text, enum: ['all', 'data'] },
    place: text,
    tries: whole,
    files: new Schema({ packed: whole, all: whole, missing: whole }, { _id: false }),
    size: Number,
    object: String,
    leftovers: [String],
    newsAt: Date,
    leaseUntil: Date,
    dueAt: Date,
    createdAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
  },
  { collection: ARCHIVES, versionKey: false, strict: 'throw', strictQuery: 'throw', autoIndex: false, autoCreate: false },
)
  .index({ accountId: 1, createdAt: -1 })
  .index({ dueAt: 1 }, { sparse: true });

export const archives = (connection: Connection) => connection.model<ArchiveDocument>('Archive', archiveSchema);
