import { addLot, type Draft, lotOf, post, repayDebt } from './draft.ts';
import type { Lot, MovedLot, Op, Ruling } from './types.ts';

/**
 * Everything that can be spent leaves, lot by lot. A lot leaves whole, with what became of it before, and so does a lot of a
 * payment that is used up: a later refund finds it where the person's credits are now, and can take back all of it there.
 */
export function moveOut(draft: Draft, { to }: Extract<Op, { type: 'transferOut' }>): Ruling {
  const { account } = draft;
  if (account.closed) return 'account_closed';
  if (account.restrictions.length > 0) return 'account_restricted';
  if (account.holds.length > 0) return 'holds_open';
  if (account.debt > 0) return 'in_debt';
  const leaving = account.lots.filter(leaves);
  account.lots = account.lots.filter((lot) => !leaves(lot));
  const { available } = account;
  account.available = 0;
  post(draft, 'available', -available);
  post(draft, 'sys:transfer', available);
  return { moved: leaving.map(moved), counterpart: to };
}

const leaves = ({ remaining, paymentId }: Lot) => remaining > 0 || paymentId !== undefined;

const moved = ({ id, kind, priority, expiresAt, remaining, paymentId, spent, expired, clawed, reversed }: Lot): MovedLot => ({
  ...{ id, kind, priority, expiresAt, amount: remaining, ...(paymentId !== undefined && { paymentId }) },
  ...{ spent, expired, clawed, reversed },
});

/** What left another account arrives, whatever this one looks like: it would be nowhere otherwise. */
export function moveIn(draft: Draft, { key, from, lots }: Extract<Op, { type: 'transferIn' }>): Ruling {
  for (const { id, kind, amount, expiresAt, paymentId, ...before } of lots) {
    // Lots of payments have ids of their own; gifts of one campaign may have the same in two accounts.
    addLot(draft, { id: lotOf(draft, id) ? `${id}:${key}` : id, kind, amount, expiresAt, paymentId, before });
    post(draft, 'sys:transfer', -amount);
  }
  repayDebt(draft);
  return { moved: [...lots], counterpart: from };
}
