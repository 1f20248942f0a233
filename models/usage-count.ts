import { type Connection, Schema } from 'mongoose';

export const USAGE_COUNTS = 'usagecounts';

/** How many videos of one kind were asked for on one day, by at least 20 accounts. Nothing in it is about anybody: numbers and words from fixed lists. */
export interface UsageCountDocument {
  /** Day, style, ratio, length and outcome, joined. */
  _id: string;
  day: string;
  source: 'words' | 'picture';
  style: string;
  aspectRatio: string;
  length: 'short' | 'middle' | 'long';
  outcome: 'made' | 'late' | 'failed' | 'cancelled' | 'refused';
  videos: number;
}

const text = { type: String, required: true } as const;

export const usageCountSchema = new Schema<UsageCountDocument>(
  {
    _id: text,
    day: text,
    source: { ...text, enum: ['words', 'picture'] },
    style: text,
    aspectRatio: text,
    length: { ...text, enum: ['short', 'middle', 'long'] },
    outcome: { ...text, enum: ['made', 'late', 'failed', 'cancelled', 'refused'] },
    videos: { type: Number, required: true, validate: Number.isSafeInteger },
  },
  { collection: USAGE_COUNTS, versionKey: false, strict: 'throw', strictQuery: 'throw', autoIndex: false, autoCreate: false },
).index({ day: 1 });

export const usageCounts = (connection: Connection) => connection.model<UsageCountDocument>('UsageCount', usageCountSchema);
