import { type Connection, Schema } from 'mongoose';

export const DOWNLOADS = 'downloads';

/** A link to one stored thing of one account. It opens with a code that only the chat has shown; too many wrong ones end it. */
export interface DownloadDocument {
  /** 22 random letters: the address. */
  _id: string;
  accountId: string;
  keyId: string;
  what: 'video' | 'archive';
  /** Id of the generation or archive. */
  target: string;
  /** Keyed hash of the code. */
  codeHash: string;
  wrongCodes: number;
  /** When it was first fetched, where the access log is told of it. */
  fetchedAt?: Date;
  createdAt: Date;
  /** From then on the link is dead, and the document is removed. */
  expiresAt: Date;
}

const text = { type: String, required: true } as const;
const date = { type: Date, required: true } as const;

export const downloadSchema = new Schema<DownloadDocument>(
  {
    _id: text,
    accountId: text,
    keyId: text,
    what: { ...text, enum: ['video', 'archive'] },
    target: text,
    codeHash: text,
    wrongCodes: { type: Number, required: true, validate: Number.isSafeInteger },
    fetchedAt: Date,
    createdAt: date,
    expiresAt: date,
  },
  { collection: DOWNLOADS, versionKey: false, strict: 'throw', strictQuery: 'throw', autoIndex: false, autoCreate: false },
)
  .index({ accountId: 1 })
  .index({ target: 1 })
  .index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

export const downloads = (connection: Connection) => connection.model<DownloadDocument>('Download', downloadSchema);
