import { type Connection, Schema } from 'mongoose';

export const CREDIT_ACCOUNTS = 'creditaccounts';

export const LOT_KINDS = ['allowance', 'promo', 'goodwill', 'purchased'] as const;
export type LotKind = (typeof LOT_KINDS)[number];

/** Credits that came in together and expire together. granted = remaining + held + spent + expired + clawed. */
export interface Lot {
  id: string;
  kind: LotKind;
  /** The lower number is spent first. */
  priority: number;
  /** The ledger entry that brought it. */
  seq: number;
  paymentId?: string;
  /** Milliseconds since the epoch; null never expires. */
  expiresAt: number | null;
  granted: number;
  remaining: number;
  held: number;
  spent: number;
  expired: number;
  /** What a reversal took out of this lot itself. */
  clawed: number;
  /** What must be reversed in total, wherever it was taken from. */
  reversed: number;
}

/** Credits set aside for one generation, and the lots they come from. */
export interface Hold {
  id: string;
  amount: number;
  parts: { lot: string; amount: number }[];
  /** Milliseconds since the epoch. Past it somebody asks the generation; nothing is released by age alone. */
  until: number;
}

/** What an account can spend, has set aside and owes, in whole credits. Changed by `core/credits/account.ts` only. */
export interface CreditAccountDocument {
  /** The account's id. */
  _id: string;
  /** Goes up with every change; every change names the one it was decided on. */
  rev: number;
  /** Number of the account's last ledger entry. */
  seq: number;
  available: number;
  held: number;
  debt: number;
  lots: Lot[];
  /** Open ones only. */
  holds: Hold[];
  /** Open reasons (a dispute, a fraud warning) for refusing new reservations. */
  restrictions: string[];
  closed: boolean;
  nextHoldDueAt?: Date;
  nextLotExpiryAt?: Date;
}

const text = { type: String, required: true } as const;
const whole = { type: Number, required: true, validate: Number.isSafeInteger } as const;
const credits = { ...whole, min: 0 } as const;
const inside = { _id: false } as const;

const lot = new Schema<Lot>(
  {
    id: text,
    kind: { ...text, enum: LOT_KINDS },
    priority: whole,
    seq: whole,
    paymentId: String,
    expiresAt: { type: Number, default: null },
    granted: credits,
    remaining: credits,
    held: credits,
    spent: credits,
    expired: credits,
    clawed: credits,
    reversed: credits,
  },
  inside,
);
const part = new Schema<Hold['parts'][number]>({ lot: text, amount: credits }, inside);
const hold = new Schema<Hold>({ id: text, amount: credits, parts: [part], until: whole }, inside);

export const creditAccountSchema = new Schema<CreditAccountDocument>(
  {
    _id: text,
    rev: credits,
    seq: credits,
    available: credits,
    held: credits,
    debt: credits,
    lots: [lot],
    holds: [hold],
    restrictions: [String],
    closed: { type: Boolean, required: true },
    nextHoldDueAt: Date,
    nextLotExpiryAt: Date,
  },
  {
    collection: CREDIT_ACCOUNTS,
    versionKey: false,
    strict: 'throw',
    strictQuery: 'throw',
    autoIndex: false,
    autoCreate: false,
    minimize: false,
  },
)
  .index({ nextHoldDueAt: 1 }, { sparse: true })
  .index({ nextLotExpiryAt: 1 }, { sparse: true });

export const creditAccounts = (connection: Connection) =>
  connection.model<CreditAccountDocument>('CreditAccount', creditAccountSchema);
