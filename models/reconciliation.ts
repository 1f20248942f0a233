import { type Connection, Schema } from 'mongoose';

export const RECONCILIATIONS = 'reconciliations';

export const RECONCILIATION_KINDS = [
  'stripe_events',
  'stripe_sessions',
  'stripe_invoices',
  'stripe_refunds',
  'stripe_disputes',
  'stars',
  'discord',
  'books',
] as const;
export type ReconciliationKind = (typeof RECONCILIATION_KINDS)[number];

/** How far one comparison with a rail has come. While a lease holds, one process is at it. */
export interface ReconciliationDocument {
  _id: ReconciliationKind;
  /** Where the next page, or the next run, begins; what it means is the comparison's own affair. */
  cursor?: string;
  nextAt: Date;
  /** Who is at it, and until when nobody else begins. */
  lease?: string;
  leaseUntil?: Date;
  /** The last run that came to its end. */
  finishedAt?: Date;
  seen?: number;
  healed?: number;
  drift?: number;
}

const text = { type: String, required: true } as const;

export const reconciliationSchema = new Schema<ReconciliationDocument>(
  {
    _id: { ...text, enum: RECONCILIATION_KINDS },
    cursor: String,
    nextAt: { type: Date, required: true },
    lease: String,
    leaseUntil: Date,
    finishedAt: Date,
    seen: Number,
    healed: Number,
    drift: Number,
  },
  { collection: RECONCILIATIONS, versionKey: false, strict: 'throw', strictQuery: 'throw', autoIndex: false, autoCreate: false },
);

export const reconciliations = (connection: Connection) =>
  connection.model<ReconciliationDocument>('Reconciliation', reconciliationSchema);
