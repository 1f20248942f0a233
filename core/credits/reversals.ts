import { addLot, type Draft, lotOf, owe, post, putBack, repayDebt } from './draft.ts';
import type { Lot, Op, Ruling } from './types.ts';

/**
 * Makes what is reversed of a lot in total equal `target`: a total and no difference, so that order, repeats and parts of
 * refunds do not matter. Credits that running generations hold are left alone.
 */
export function clawbackTo(draft: Draft, op: Extract<Op, { type: 'clawbackTo' }>): Ruling {
  const lot = lotOf(draft, op.lotId);
  if (!lot) return 'no_lot';
  if (!Number.isSafeInteger(op.target) || op.target < 0 || op.target > lot.granted) return 'exceeds_lot';
  const reversed = op.target - lot.reversed;
  lot.reversed = op.target;
  post(draft, 'sys:reversal', reversed);
  if (reversed > 0) takeBack(draft, lot, reversed);
  else giveBack(draft, lot, -reversed, op.graceMs);
  repayDebt(draft);
  return { reversed };
}

/** What remains of the lot, then what of it expired unused, since nobody owes what was never used; the rest becomes debt. */
function takeBack(draft: Draft, lot: Lot, amount: number): void {
  const remaining = Math.min(amount, lot.remaining);
  const unused = Math.min(amount - remaining, lot.expired);
  lot.remaining -= remaining;
  lot.expired -= unused;
  lot.clawed += remaining + unused;
  draft.account.available -= remaining;
  post(draft, 'available', -remaining);
  post(draft, 'sys:breakage', -unused);
  owe(draft, amount - remaining - unused);
}

/** Into the lot itself as far as it was taken there, then off the debt; what other lots have paid comes back as goodwill. */
function giveBack(draft: Draft, lot: Lot, amount: number, graceMs = 0): void {
  const here = Math.min(amount, lot.clawed);
  lot.clawed -= here;
  putBack(draft, lot, here, graceMs);
  const offDebt = Math.min(amount - here, draft.account.debt);
  owe(draft, -offDebt);
  const paidByOthers = amount - here - offDebt;
  if (paidByOthers === 0) return;
  const id = `${lot.id}:restored:${draft.account._id}:${draft.account.seq + 1}`;
  addLot(draft, { id, kind: 'goodwill', amount: paidByOthers, expiresAt: null, paymentId: lot.paymentId });
}

/** Restrictions are a set of reasons: winning one of two disputes does not unlock the account. */
export function restrict({ account }: Draft, { reason, on }: Extract<Op, { type: 'restrict' }>): Ruling {
  const others = account.restrictions.filter((other) => other !== reason);
  account.restrictions = on ? [...others, reason] : others;
  return { restricted: on };
}
