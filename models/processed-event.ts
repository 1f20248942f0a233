import { type Connection, Schema } from 'mongoose';

export const PROCESSED_EVENTS = 'processedevents';

/** A rail's event: a hint which object to fetch. Holds ids only, never the payload. */
export interface ProcessedEventDocument {
  /** `stripe_evt_…`, `dc_…`. */
  _id: string;
  source: 'stripe' | 'discord';
  type: string;
  objectId: string;
  status: 'received' | 'done' | 'ignored';
  tries: number;
  receivedAt: Date;
  doneAt?: Date;
  dueAt?: Date;
}

const text = { type: String, required: true } as const;

export const processedEventSchema = new Schema<ProcessedEventDocument>(
  {
    _id: text,
    source: { ...text, enum: ['stripe', 'discord'] },
    type: text,
    objectId: text,
    status: { ...text, enum: ['received', 'done', 'ignored'] },
    tries: { type: Number, required: true },
    receivedAt: { type: Date, required: true },
    doneAt: Date,
    dueAt: Date,
  },
  { collection: PROCESSED_EVENTS, versionKey: false, strict: 'throw', strictQuery: 'throw', autoIndex: false, autoCreate: false },
)
  .index({ dueAt: 1 }, { sparse: true })
  .index({ receivedAt: 1 }, { expireAfterSeconds: 90 * 86_400 });

export const processedEvents = (connection: Connection) =>
  connection.model<ProcessedEventDocument>('ProcessedEvent', processedEventSchema);
