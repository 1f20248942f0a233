import { type Draft, draw, isAmount, lotOf, post, putBack, repayDebt } from './draft.ts';
import type { Op, Ruling } from './types.ts';

export function reserve(draft: Draft, op: Extract<Op, { type: 'reserve' }>): Ruling {
  const { account } = draft;
  if (!isAmount(op.amount)) return 'bad_amount';
  if (account.closed) return 'account_closed';
  if (account.restrictions.length > 0) return 'account_restricted';
  if (account.debt > 0) return 'in_debt';
  if (account.holds.some((hold) => hold.id === op.holdId)) return 'hold_exists';
  if (account.available + account.held < op.amount) return 'insufficient';
  if (account.available < op.amount) return 'busy_with_other_jobs';
  const parts: { lot: string; amount: number }[] = [];
  draw(draft, op.amount, (lot, amount) => {
    lot.held += amount;
    parts.push({ lot: lot.id, amount });
  });
  account.holds.push({ id: op.holdId, amount: op.amount, parts, until: op.until });
  account.held += op.amount;
  post(draft, 'held', op.amount);
  return {};
}

export function extend({ account }: Draft, op: Extract<Op, { type: 'extend' }>): Ruling {
  const hold = account.holds.find(({ id }) => id === op.holdId);
  if (!hold) return 'no_open_hold';
  if (op.until <= hold.until) return 'unchanged';
  hold.until = op.until;
  return {};
}

/** Ends a hold, which can happen once: `spend` of it is used, all of it by default, the rest goes back to the lots it came from. */
export function settle(draft: Draft, holdId: string, spend: number | undefined, graceMs = 0): Ruling {
  const { account } = draft;
  const hold = account.holds.find(({ id }) => id === holdId);
  if (!hold) return 'no_open_hold';
  const captured = spend ?? hold.amount;
  if (!Number.isSafeInteger(captured) || captured < 0 || captured > hold.amount) return 'exceeds_hold';
  account.holds = account.holds.filter((other) => other !== hold);
  account.held -= hold.amount;
  post(draft, 'held', -hold.amount);
  post(draft, 'sys:usage', captured);
  let toSpend = captured;
  for (const part of hold.parts) {
    const lot = lotOf(draft, part.lot);
    if (!lot) throw new Error(`hold ${holdId} names lot ${part.lot}, which ${account._id} does not have`);
    const used = Math.min(toSpend, part.amount);
    toSpend -= used;
    lot.held -= part.amount;
    lot.spent += used;
    putBack(draft, lot, part.amount - used, graceMs);
  }
  repayDebt(draft);
  return { captured, returned: hold.amount - captured };
}
