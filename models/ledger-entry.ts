import { type Connection, Schema } from 'mongoose';
import { LOT_KINDS, type LotKind } from './credit-account.ts';

export const LEDGER_ENTRIES = 'ledgerentries';

/** `available`, `held` and `debt` belong to the person; every `sys:…` account is only the sum of its postings. */
export interface Posting {
  account: string;
  amount: number;
}

/** A lot on its way to another account: what is left of it (`amount`), and what became of the rest before. */
export interface MovedLot {
  id: string;
  kind: LotKind;
  priority: number;
  expiresAt: number | null;
  amount: number;
  paymentId?: string;
  spent: number;
  expired: number;
  clawed: number;
  reversed: number;
}

/** What an operation did besides moving balances. */
export interface Result {
  /** How much of a hold was used, and given back. */
  captured?: number;
  returned?: number;
  /** How much more of a lot is reversed now; negative when a reversal was undone. */
  reversed?: number;
  expired?: number;
  /** Whether the account is restricted for the entry's `reason` from now on. */
  restricted?: boolean;
  /** What left for the account `counterpart`, or arrived from it. */
  moved?: MovedLot[];
  counterpart?: string;
}

/** One thing that happened to an account's credits. Written once, never changed; its postings sum to 0. */
export interface LedgerEntryDocument {
  /** `<account id>#<seq>` */
  _id: string;
  accountId: string;
  /** 1, 2, 3 … without a gap. */
  seq: number;
  /** Key of the operation, made from its cause; an account takes each key once. */
  op: string;
  /** Hash of the operation's inputs: the same key with other inputs is a mistake. */
  opHash: string;
  type: string;
  holdId?: string;
  lotId?: string;
  paymentId?: string;
  postings: Posting[];
  result: Result;
  /** Running totals. */
  after: { available: number; held: number; debt: number };
  /** Who did it and why, where a person did. */
  actor?: string;
  reason?: string;
  /** Milliseconds since the epoch. */
  at: number;
}

const text = { type: String, required: true } as const;
const whole = { type: Number, required: true, validate: Number.isSafeInteger } as const;
const credits = { ...whole, min: 0 } as const;
const inside = { _id: false } as const;

const movedLot = new Schema<MovedLot>(
  {
    id: text,
    kind: { ...text, enum: LOT_KINDS },
    priority: whole,
    expiresAt: { type: Number, default: null },
    amount: credits,
    paymentId: String,
    spent: credits,
    expired: credits,
    clawed: credits,
    reversed: credits,
  },
  inside,
);
const result = new Schema<Result>(
  {
    captured: Number,
    returned: Number,
    reversed: Number,
    expired: Number,
    restricted: Boolean,
    moved: { type: [movedLot], default: undefined },
    counterpart: String,
  },
  inside,
);

export const ledgerEntrySchema = new Schema<LedgerEntryDocument>(
  {
    _id: text,
    accountId: text,
    seq: whole,
    op: text,
    opHash: text,
    type: text,
    holdId: String,
    lotId: String,
    paymentId: String,
    postings: [new Schema<Posting>({ account: text, amount: whole }, inside)],
    result,
    after: new Schema<LedgerEntryDocument['after']>({ available: credits, held: credits, debt: credits }, inside),
    actor: String,
    reason: String,
    at: whole,
  },
  {
    collection: LEDGER_ENTRIES,
    versionKey: false,
    strict: 'throw',
    strictQuery: 'throw',
    autoIndex: false,
    autoCreate: false,
    minimize: false,
  },
)
  .index({ accountId: 1, seq: 1 }, { unique: true })
  .index({ accountId: 1, op: 1 }, { unique: true })
  .index({ accountId: 1, holdId: 1 })
  .index({ paymentId: 1 }, { sparse: true })
  .index({ at: 1 });

export const ledgerEntries = (connection: Connection) => connection.model<LedgerEntryDocument>('LedgerEntry', ledgerEntrySchema);
