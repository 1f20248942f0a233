import { type Connection, Schema } from 'mongoose';

export const KEYS = 'keys';

/** Text that only `core/keys.ts` can read: format version, key version, nonce, ciphertext and tag. Plain text does not compile into it. */
export type Sealed = `1.${number}.${string}.${string}.${string}`;

/** An account's data key, wrapped by the deployment's master key. Destroying it leaves this document behind without `wrapped`, for good. */
export interface KeyDocument {
  /** A keyed hash of the account's id. */
  _id: string;
  state: 'active' | 'destroyed';
  /** Which master key wraps it. */
  kekId: string;
  wrapped?: Sealed;
  version: number;
  createdAt: Date;
  destroyedAt?: Date;
}

const text = { type: String, required: true } as const;

export const keySchema = new Schema<KeyDocument>(
  {
    _id: text,
    state: { ...text, enum: ['active', 'destroyed'] },
    kekId: text,
    wrapped: String,
    version: { type: Number, required: true, validate: Number.isSafeInteger },
    createdAt: { type: Date, required: true },
    destroyedAt: Date,
  },
  { collection: KEYS, versionKey: false, strict: 'throw', strictQuery: 'throw', autoIndex: false, autoCreate: false },
);

export const keys = (connection: Connection) => connection.model<KeyDocument>('Key', keySchema);
