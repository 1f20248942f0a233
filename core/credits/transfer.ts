import type { Connection } from 'mongoose';
import { LEDGER_ENTRIES, type LedgerEntryDocument } from '../../models/ledger-entry.ts';
import { applyCredits, type CreditChange, readAccount } from './account.ts';
import type { Entry, Rejection } from './types.ts';

export interface Transfer extends Pick<CreditChange, 'connection' | 'at' | 'alongside' | 'pause' | 'turns'> {
  /** What the transfer is made for; part of both operations' keys. */
  id: string;
  from: string;
  to: string;
}

export type Transferred =
  | { kind: 'transferred'; amount: number; entries: Entry[] }
  | { kind: 'rejected'; reason: Rejection }
  | { kind: 'taken_back' };

/**
 * Moves all credits of one account to another: out, together with what is written alongside, then in. Safe to repeat, and to be
 * repeated until it returns when a process died in between: meanwhile the credits stand on `sys:transfer`, in neither account.
 */
export async function transferCredits({ id, from, to, alongside, ...change }: Transfer): Promise<Transferred> {
  if (from === to) throw new Error(`transfer ${id} stays in its account`);
  const out = await applyCredits({
    ...change,
    accountId: from,
    op: { key: `xfer:${id}:out`, type: 'transferOut', to },
    alongside,
  });
  if (out.kind === 'taken_back') return out;
  if (out.kind === 'rejected') return { kind: 'rejected', reason: out.reason };
  if (out.kind === 'unchanged') throw new Error(`transfer ${id} left no entry`);
  const lots = out.entry.result.moved ?? [];
  const amount = lots.reduce((total, lot) => total + lot.amount, 0);
  if (lots.length === 0) return { kind: 'transferred', amount, entries: [out.entry] };
  const arrived = await applyCredits({ ...change, accountId: to, op: { key: `xfer:${id}:in`, type: 'transferIn', from, lots } });
  if (arrived.kind !== 'applied' && arrived.kind !== 'replayed')
    throw new Error(`transfer ${id} did not arrive: ${arrived.kind}`);
  return { kind: 'transferred', amount, entries: [out.entry, arrived.entry] };
}

const MOST_MOVES = 50;

/**
 * The account that has a lot now, for a reversal of a payment that was granted to `accountId`: its credits may have moved on
 * since, once or often. Undefined when there never was such a lot. It may move between this answer and the reversal, or be
 * on its way: the reversal is then rejected with `no_lot` and nothing has happened; ask again.
 */
export async function whereLotIs(connection: Connection, accountId: string, lotId: string): Promise<string | undefined> {
  let here = accountId;
  for (let moves = 0; moves < MOST_MOVES; moves++) {
    const account = await readAccount(connection, here);
    if (account.lots.some(({ id }) => id === lotId)) return here;
    const left = await lastDeparture(connection, here, lotId);
    if (!left) return moves > 0 ? here : undefined;
    here = left;
  }
  throw new Error(`lot ${lotId} moves in circles`);
}

async function lastDeparture(connection: Connection, accountId: string, lotId: string): Promise<string | undefined> {
  const [entry] = await connection
    .collection<LedgerEntryDocument>(LEDGER_ENTRIES)
    .find({ accountId, op: { $gte: 'xfer:', $lt: 'xfer;' }, type: 'transferOut', 'result.moved.id': lotId })
    .sort({ seq: -1 })
    .limit(1)
    .toArray();
  return entry?.result.counterpart;
}
