import type { CreditAccount, Lot, LotKind } from './types.ts';

/** A credit account while an operation is being decided, and the postings that this makes. Every change of a balance is posted here. */
export interface Draft {
  account: CreditAccount;
  /** Credits by posting account; they sum to 0 when the operation is complete. */
  postings: Map<string, number>;
  at: number;
}

/** Sooner spent first: what is given before what was paid for. */
const PRIORITY: Record<LotKind, number> = { allowance: 10, promo: 20, goodwill: 20, purchased: 30 };

const drawOrder = (a: Lot, b: Lot) =>
  a.priority - b.priority || (a.expiresAt ?? Number.MAX_SAFE_INTEGER) - (b.expiresAt ?? Number.MAX_SAFE_INTEGER) || a.seq - b.seq;

/** A working copy, so that the account it was made from stays as it was. */
export const draftOf = (account: CreditAccount, at: number): Draft => ({
  account: structuredClone(account),
  postings: new Map(),
  at,
});

export function post({ postings }: Draft, account: string, amount: number): void {
  postings.set(account, (postings.get(account) ?? 0) + amount);
}

/** Everything that is due expires. Returns how many credits that were. */
export function expireDueLots(draft: Draft): number {
  let total = 0;
  for (const lot of draft.account.lots) {
    if (lot.remaining === 0 || lot.expiresAt === null || lot.expiresAt > draft.at) continue;
    total += lot.remaining;
    lot.expired += lot.remaining;
    lot.remaining = 0;
  }
  draft.account.available -= total;
  post(draft, 'available', -total);
  post(draft, 'sys:breakage', total);
  return total;
}

/** A lot that comes in. Whatever became of it before, in another account, comes with it. */
export interface NewLot {
  id: string;
  kind: LotKind;
  amount: number;
  expiresAt: number | null;
  paymentId?: string | undefined;
  before?: Pick<Lot, 'priority' | 'spent' | 'expired' | 'clawed' | 'reversed'>;
}

export function addLot(draft: Draft, { id, kind, amount, expiresAt, paymentId, before }: NewLot): void {
  const { priority, spent, expired, clawed, reversed } = before ?? {
    ...{ priority: PRIORITY[kind], spent: 0, expired: 0, clawed: 0, reversed: 0 },
  };
  draft.account.lots.push({
    ...{ id, kind, priority, seq: draft.account.seq + 1, ...(paymentId !== undefined && { paymentId }), expiresAt },
    ...{ granted: amount + spent + expired + clawed, remaining: amount, held: 0, spent, expired, clawed, reversed },
  });
  draft.account.available += amount;
  post(draft, 'available', amount);
}

/** Takes `amount` out of the lots by priority, then expiry, then age. The caller says where it goes, lot by lot. */
export function draw(draft: Draft, amount: number, into: (lot: Lot, amount: number) => void): void {
  let missing = amount;
  for (const lot of draft.account.lots.filter((candidate) => candidate.remaining > 0).sort(drawOrder)) {
    if (missing === 0) break;
    const part = Math.min(missing, lot.remaining);
    lot.remaining -= part;
    missing -= part;
    into(lot, part);
  }
  if (missing !== 0) throw new Error(`the lots of ${draft.account._id} hold fewer credits than the account says`);
  draft.account.available -= amount;
  post(draft, 'available', -amount);
}

/** Credits that come back to an expired lot get a short second life instead of vanishing at once. */
export function putBack(draft: Draft, lot: Lot, amount: number, graceMs: number): void {
  if (amount === 0) return;
  if (lot.expiresAt !== null && lot.expiresAt <= draft.at) lot.expiresAt = draft.at + graceMs + 1;
  lot.remaining += amount;
  draft.account.available += amount;
  post(draft, 'available', amount);
}

/** Adds to the debt, or takes off it when negative. */
export function owe(draft: Draft, amount: number): void {
  draft.account.debt += amount;
  post(draft, 'debt', -amount);
}

/** Whatever comes in pays debt first, so debt never stands beside credits that could be spent. */
export function repayDebt(draft: Draft): void {
  const payable = Math.min(draft.account.debt, draft.account.available);
  if (payable === 0) return;
  draw(draft, payable, (lot, amount) => {
    lot.spent += amount;
  });
  owe(draft, -payable);
}

export const lotOf = ({ account }: Draft, id: string): Lot | undefined => account.lots.find((lot) => lot.id === id);

export const isAmount = (credits: number): boolean => Number.isSafeInteger(credits) && credits > 0;
