import { type Connection, Schema } from 'mongoose';
import type { Sealed } from './key.ts';

export const PAYMENTS = 'payments';

export const PAYMENT_PROVIDERS = ['stripe', 'telegram_stars', 'discord', 'manual'] as const;
export type PaymentProvider = (typeof PAYMENT_PROVIDERS)[number];
export const PAYMENT_KINDS = ['pack', 'plan_order', 'plan_period'] as const;
export type PaymentKind = (typeof PAYMENT_KINDS)[number];
export const PAYMENT_STATUSES = [
  'created',
  'open',
  'processing',
  'paid',
  'failed',
  'expired',
  'part_reversed',
  'reversed',
] as const;
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];

/** One refund or dispute of a payment; its state only advances. */
export interface Reversal {
  id: string;
  kind: 'refund' | 'dispute';
  amountMinor: number;
  state: string;
  /** How far along its state is: a lower one never replaces a higher one. */
  rank: number;
  /** Whether it counts as money that went back. */
  counts: boolean;
}

/**
 * An order and what became of it at its rail. A pack has one document; a plan has a `plan_order` that was paid for first and a
 * `plan_period` for each invoice, renewal or Stars charge, which is what grants. `place` says where the person is told.
 */
export interface PaymentDocument {
  _id: string;
  accountId: string;
  keyId: string;
  provider: PaymentProvider;
  kind: PaymentKind;
  /** The rail's own object that is unique for this money: session, invoice, Stars charge, entitlement or entitlement period. */
  ext?: string;
  /** Id of the catalogue's item, and the version of the catalogue that it was ordered from. */
  item: string;
  catalogVersion: string;
  credits: number;
  status: PaymentStatus;
  /** As charged, with tax; Stars for Telegram. */
  amountMinor?: number;
  currency?: string;
  /** The order that a plan's period belongs to. */
  orderId?: string;
  /** The credit account that it was granted to. */
  wallet?: string;
  /** Ids of the ledger's lots that it granted, with their credits. */
  lots: { id: string; credits: number }[];
  stripe?: {
    sessionId?: string;
    /** How many sessions this order has had: part of the idempotency key of the next. */
    sessions?: number;
    url?: string;
    urlExpiresAt?: Date;
    paymentIntentId?: string;
    chargeId?: string;
    invoiceId?: string;
    subscriptionId?: string;
    customerId?: string;
  };
  /** Who paid, at the chat platform, where refunds need it; sealed. */
  payer?: Sealed;
  reversals: Reversal[];
  /** A refund that an operator has decided and that is not known to have landed. `before`: the reversals that were known then. */
  refundIntent?: { key: string; amountMinor: number; at: Date; before: string[] };
  rev: number;
  place?: Sealed;
  /** What the person has not been told yet: processing, paid, failed, action_needed, refunded, disputed, dispute_won. */
  tell?: string;
  /** How often that was tried. */
  tellTries?: number;
  createdAt: Date;
  paidAt?: Date;
  grantedAt?: Date;
  /** When tidy looks after it, while something is left to do. */
  dueAt?: Date;
  /** Until then it is kept for the tax office, under the pseudonymous account id. */
  retainUntil?: Date;
  /** Its person has left: `accountId` is a pseudonym, and it brings or takes no credits any more. */
  forgottenAt?: Date;
}

const text = { type: String, required: true } as const;
const whole = { type: Number, required: true, validate: Number.isSafeInteger } as const;
const sub = { _id: false } as const;

export const paymentSchema = new Schema<PaymentDocument>(
  {
    _id: text,
    accountId: text,
    keyId: text,
    provider: { ...text, enum: PAYMENT_PROVIDERS },
    kind: { ...text, enum: PAYMENT_KINDS },
    ext: String,
    item: text,
    catalogVersion: text,
    credits: whole,
    status: { ...text, enum: PAYMENT_STATUSES },
    amountMinor: Number,
    currency: String,
    orderId: String,
    wallet: String,
    lots: [new Schema({ id: text, credits: whole }, sub)],
    stripe: new Schema(
      {
        sessionId: String,
        sessions: Number,
        url: String,
        urlExpiresAt: Date,
        paymentIntentId: String,
        chargeId: String,
        invoiceId: String,
        subscriptionId: String,
        customerId: String,
      },
      sub,
    ),
    payer: String,
    reversals: [
      new Schema(
        {
          id: text,
          kind: { ...text, enum: ['refund', 'dispute'] },
          amountMinor: whole,
          state: text,
          rank: whole,
          counts: { type: Boolean, required: true },
        },
        sub,
      ),
    ],
    refundIntent: {
      type: new Schema({ key: text, amountMinor: whole, at: { type: Date, required: true }, before: [String] }, sub),
    },
    rev: whole,
    place: String,
    tell: String,
    tellTries: Number,
    createdAt: { type: Date, required: true },
    paidAt: Date,
    grantedAt: Date,
    dueAt: Date,
    retainUntil: Date,
    forgottenAt: Date,
  },
  { collection: PAYMENTS, versionKey: false, strict: 'throw', strictQuery: 'throw', autoIndex: false, autoCreate: false },
)
  .index({ provider: 1, ext: 1 }, { unique: true, partialFilterExpression: { ext: { $gt: '' } } })
  .index({ accountId: 1, createdAt: -1 })
  .index({ orderId: 1 }, { sparse: true })
  .index({ 'stripe.paymentIntentId': 1 }, { sparse: true })
  .index({ 'stripe.chargeId': 1 }, { sparse: true })
  .index({ 'stripe.subscriptionId': 1 }, { sparse: true })
  .index({ dueAt: 1 }, { sparse: true })
  .index({ retainUntil: 1 }, { sparse: true });

export const payments = (connection: Connection) => connection.model<PaymentDocument>('Payment', paymentSchema);
