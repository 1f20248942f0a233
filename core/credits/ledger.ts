import { createHash } from 'node:crypto';
import { addLot, type Draft, draftOf, expireDueLots, isAmount, lotOf, post, repayDebt } from './draft.ts';
import { extend, reserve, settle } from './holds.ts';
import { moveIn, moveOut } from './moving.ts';
import { clawbackTo, restrict } from './reversals.ts';
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
    case 'adjust':
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
    case 'clawbackTo':
      return clawbackTo(draft, op);
    case 'restrict':
      return restrict(draft, op);
    case 'transferOut':
      return moveOut(draft, op);
    case 'transferIn':
      return moveIn(draft, op);
  }
}

type Grant = Extract<Op, { type: 'grant' | 'adjust' }>;

function grant(draft: Draft, { lotId: id, amount, expiresAt = null, ...op }: Grant): Ruling {
  const { account } = draft;
  if (!isAmount(amount) || !isAmount(account.available + account.held + amount)) return 'bad_amount';
  if (account.closed) return 'account_closed';
  if (lotOf(draft, id)) return 'lot_exists';
  const kind = op.type === 'adjust' ? 'goodwill' : op.kind;
  addLot(draft, { id, kind, amount, expiresAt, paymentId: op.type === 'grant' ? op.paymentId : undefined });
  post(draft, `sys:source:${kind}`, -amount);
  repayDebt(draft);
  return {};
}

/** Moves the account on by one entry, and makes that entry. */
function record(draft: Draft, op: Op, result: Result): Entry {
  const { account, postings, at } = draft;
  const moved = [...postings].flatMap(([name, amount]) => (amount === 0 ? [] : [{ account: name, amount }]));
  const sum = moved.reduce((total, { amount }) => total + amount, 0);
  if (sum !== 0) throw new Error(`the postings of ${op.key} do not balance: ${sum}`);
  const paymentId = 'lotId' in op ? lotOf(draft, op.lotId)?.paymentId : undefined;
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
    ...(paymentId !== undefined && { paymentId }),
    postings: moved,
    result,
    after: { available: account.available, held: account.held, debt: account.debt },
    ...('actor' in op && { actor: op.actor }),
    ...('reason' in op && { reason: op.reason }),
    at,
  };
}
