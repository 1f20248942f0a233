import { type Connection, Schema } from 'mongoose';
import type { PaymentProvider } from './payment.ts';

export const SUBSCRIPTIONS = 'subscriptions';

/** A running plan at its rail, as it was last fetched: decides access and tier, never credits. */
export interface SubscriptionDocument {
  /** The rail's id: Stripe's subscription, the first Stars charge, Discord's subscription. */
  _id: string;
  accountId: string;
  provider: PaymentProvider;
  /** The catalogue's item. */
  item: string;
  orderId?: string;
  status: 'active' | 'past_due' | 'ending' | 'ended';
  periodStart?: Date;
  periodEnd?: Date;
  syncedAt: Date;
  rev: number;
}

const text = { type: String, required: true } as const;

export const subscriptionSchema = new Schema<SubscriptionDocument>(
  {
    _id: text,
    accountId: text,
    provider: text,
    item: text,
    orderId: String,
    status: { ...text, enum: ['active', 'past_due', 'ending', 'ended'] },
    periodStart: Date,
    periodEnd: Date,
    syncedAt: { type: Date, required: true },
    rev: { type: Number, required: true, validate: Number.isSafeInteger },
  },
  { collection: SUBSCRIPTIONS, versionKey: false, strict: 'throw', strictQuery: 'throw', autoIndex: false, autoCreate: false },
).index({ accountId: 1, status: 1 });

export const subscriptions = (connection: Connection) =>
  connection.model<SubscriptionDocument>('Subscription', subscriptionSchema);
