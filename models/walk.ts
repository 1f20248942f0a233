import { type Connection, Schema } from 'mongoose';

export const WALKS = 'walks';

export const WALK_NAMES = ['journal', 'retention', 'usage'] as const;
export type WalkName = (typeof WALK_NAMES)[number];

/** How far something that goes over everything again and again has come, and who is at it. */
export interface WalkDocument {
  _id: WalkName;
  cursor: string;
  nextAt: Date;
  leaseUntil?: Date;
}

const text = { type: String, required: true } as const;

export const walkSchema = new Schema<WalkDocument>(
  {
    _id: { ...text, enum: WALK_NAMES },
    cursor: { type: String, default: '' },
    nextAt: { type: Date, required: true },
    leaseUntil: Date,
  },
  { collection: WALKS, versionKey: false, strict: 'throw', strictQuery: 'throw', autoIndex: false, autoCreate: false },
);

export const walks = (connection: Connection) => connection.model<WalkDocument>('Walk', walkSchema);
