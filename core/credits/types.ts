import type { CreditAccountDocument, LotKind } from '../../models/credit-account.ts';
import type { LedgerEntryDocument, MovedLot, Result } from '../../models/ledger-entry.ts';

// Credits are whole numbers. Times are milliseconds since the epoch. Everything here is plain data.

export type { Hold, Lot, LotKind } from '../../models/credit-account.ts';
export { LOT_KINDS } from '../../models/credit-account.ts';
export type { MovedLot, Posting, Result } from '../../models/ledger-entry.ts';

/** A credit account as the rules see it; what tidy searches by is added when it is stored. */
export type CreditAccount = Omit<CreditAccountDocument, 'nextHoldDueAt' | 'nextLotExpiryAt'>;
export type Entry = LedgerEntryDocument;

/**
 * What can be done to an account's credits. `key` is made from the cause (`reserve:<generation>`), so that the same cause
 * arriving again is recognised. `until` and `graceMs` come from the clock and may differ when it does; nothing else may.
 */
export type Op =
  | { key: string; type: 'grant'; lotId: string; kind: LotKind; amount: number; expiresAt?: number | null; paymentId?: string }
  /** Sets credits aside. `until` is when somebody should ask what became of them. */
  | { key: string; type: 'reserve'; holdId: string; amount: number; until: number }
  | { key: string; type: 'extend'; holdId: string; until: number }
  /** Takes `amount` of the hold, all of it by default; the rest goes back to its lots. */
  | { key: string; type: 'capture'; holdId: string; amount?: number; graceMs?: number }
  /** Gives the hold back. A lot that expired meanwhile lives on for `graceMs`. */
  | { key: string; type: 'release'; holdId: string; graceMs?: number }
  /** Lots that are due also expire at the head of every other operation. */
  | { key: string; type: 'expire' }
  /** A person of ours gives goodwill credits, or corrects something, and says why. */
  | { key: string; type: 'adjust'; lotId: string; amount: number; expiresAt?: number | null; actor: string; reason: string }
  /**
   * Makes what is reversed of a lot in total equal `target`, up or down. It always leaves an entry, so that what is written
   * alongside is, and a late repeat does nothing. Credits that come back to an expired lot live on for `graceMs`.
   */
  | { key: string; type: 'clawbackTo'; lotId: string; target: number; graceMs?: number }
  /** Adds or removes one reason for refusing reservations. It always leaves an entry, for the same cause. */
  | { key: string; type: 'restrict'; reason: string; on: boolean }
  /** Everything leaves for the account `to`, lot by lot. Use `transferCredits`. It always leaves an entry. */
  | { key: string; type: 'transferOut'; to: string }
  /** What left the account `from` arrives. */
  | { key: string; type: 'transferIn'; from: string; lots: readonly MovedLot[] };

export type Rejection =
  | 'bad_amount'
  | 'account_closed'
  | 'account_restricted'
  | 'in_debt'
  /** Fewer credits than asked for, even once everything set aside came back. */
  | 'insufficient'
  /** There would be enough if running generations did not hold them. */
  | 'busy_with_other_jobs'
  | 'lot_exists'
  | 'hold_exists'
  | 'no_open_hold'
  | 'exceeds_hold'
  /** Not here: it has moved to another account with its credits, see `whereLotIs`. */
  | 'no_lot'
  | 'exceeds_lot'
  | 'holds_open';

/** `account` of a rejected or unchanged operation is what the account looks like at that time; it is not stored. */
export type Decision =
  | { kind: 'applied'; entry: Entry; account: CreditAccount }
  | { kind: 'rejected'; reason: Rejection; account: CreditAccount }
  | { kind: 'unchanged'; account: CreditAccount };

/** What a rule says of an operation that it allows, refuses or finds nothing to do for. */
export type Ruling = Result | Rejection | 'unchanged';
