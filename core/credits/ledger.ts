import { createHash } from 'node:crypto';
import { addLot, type Draft, draftOf, draw, expireDueLots, post, putBack, repayDebt } from './draft.ts';
import type { CreditAccount, Decision, Entry, Op, Result, Ruling } from './types.ts';

/** The rules of credits: state and operation in, new state and ledger entry out. No database, clock or dice. */

export const emptyAccount = (id: string): CreditAccount => ({
  _id: id,
  rev: 0,
  seq: 0,
  available: 0,
  held: 0,
  debt: 0,
  lots: [],
  holds: [],
  restrictions: [],
  closed: false,
});

/** Decides one operation at a time in milliseconds. The same account, operation and time give the same decision; `before` is left alone. */
export function reduce(before: CreditAccount, op: Op, at: number): Decision {
  const draft = draftOf(before, at);
  const expired = expireDueLots(draft);
  const ruling = rule(draft, op, expired);
  if (ruling === 'unchanged') return { kind: 'unchanged', account: draft.account };
  if (typeof ruling === 'string') return { kind: 'rejected', reason: ruling, account: draft.account };
  return { kind: 'applied', entry: record(draft, op, ruling), account: draft.account };
}

/** Hash of what an operation is about. What comes from the clock stays out: an honest repeat computes it anew. */
export function fingerprint(op: Op): string {
  const inputs = Object.entries(op).filter(([name]) => name !== 'key' && name !== 'until' && name !== 'graceMs');
  return createHash('sha256').update(JSON.stringify(inputs.sort())).digest('base64url');
}

function rule(draft: Draft, op: Op, expired: number): Ruling {
  switch (op.type) {
    case 'grant':
      return grant(draft, op);
    case 'reserve':
      return reserve(draft, op);
    case 'extend':
      return extend(draft, op);
    case 'capture':
      return settle(draft, op.holdId, op.amount, op.graceMs);
    case 'release':
      return settle(draft, op.holdId, 0, op.graceMs);
    case 'expire':
      return expired > 0 ? { expired } : 'unchanged';
  }
}

function grant(draft: Draft, op: Extract<Op, { type: 'grant' }>): Ruling {
  const { account } = draft;
  if (!isAmount(op.amount) || !isAmount(account.available + account.held + op.amount)) return 'bad_amount';
  if (account.closed) return 'account_closed';
  if (account.lots.some((lot) => lot.id === op.lotId)) return 'lot_exists';
  addLot(draft, { id: op.lotId, kind: op.kind, amount: op.amount, expiresAt: op.expiresAt ?? null, paymentId: op.paymentId });
  post(draft, `sys:source:${op.kind}`, -op.amount);
  repayDebt(draft);
  return {};
}

function reserve(draft: Draft, op: Extract<Op, { type: 'reserve' }>): Ruling {
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

function extend({ account }: Draft, op: Extract<Op, { type: 'extend' }>): Ruling {
  const hold = account.holds.find(({ id }) => id === op.holdId);
  if (!hold) return 'no_open_hold';
  if (op.until <= hold.until) return 'unchanged';
  hold.until = op.until;
  return {};
}

/** Ends a hold, which can happen once: `spend` of it is used, all of it by default, the rest goes back to the lots it came from. */
function settle(draft: Draft, holdId: string, spend: number | undefined, graceMs = 0): Ruling {
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
    const lot = account.lots.find(({ id }) => id === part.lot);
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

/** Moves the account on by one entry, and makes that entry. */
function record({ account, postings, at }: Draft, op: Op, result: Result): Entry {
  const moved = [...postings].flatMap(([name, amount]) => (amount === 0 ? [] : [{ account: name, amount }]));
  const sum = moved.reduce((total, { amount }) => total + amount, 0);
  if (sum !== 0) throw new Error(`the postings of ${op.key} do not balance: ${sum}`);
  account.rev += 1;
  account.seq += 1;
  return {
    _id: `${account._id}#${account.seq}`,
    accountId: account._id,
    seq: account.seq,
    op: op.key,
    opHash: fingerprint(op),
    type: op.type,
    ...('holdId' in op && { holdId: op.holdId }),
    ...('lotId' in op && { lotId: op.lotId }),
    ...('paymentId' in op && op.paymentId !== undefined && { paymentId: op.paymentId }),
    postings: moved,
    result,
    after: { available: account.available, held: account.held, debt: account.debt },
    at,
  };
}

const isAmount = (credits: number) => Number.isSafeInteger(credits) && credits > 0;
