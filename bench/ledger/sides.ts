import type { Connection } from 'mongoose';
import { applyCredits } from '../../core/credits/account.ts';
import { reduce } from '../../core/credits/ledger.ts';
import type { CreditAccount } from '../../core/credits/types.ts';
import { CREDIT_ACCOUNTS, type CreditAccountDocument } from '../../models/credit-account.ts';
import { LEDGER_ENTRIES, type LedgerEntryDocument } from '../../models/ledger-entry.ts';
import { ACCOUNT, accountIn, opOf } from './accounts.ts';

/** One thing to measure, done once; resolves with its milliseconds. */
export type Side = () => Promise<number>;

const AT = 2_000;
/** Behind everything that was loaded. */
const FIRST_NUMBER = 10_000_000;

/** The product's operation, on an account that the caller has just read or has not. */
export function creditsOperation(connection: Connection, isRead: boolean): Side {
  // Two sides may share an account: each makes generations of its own, and all do the same half of one in each round.
  let number = isRead ? 2 * FIRST_NUMBER : FIRST_NUMBER;
  return async () => {
    const op = opOf(number++);
    const snapshot = isRead ? await accountIn(connection) : undefined;
    const began = performance.now();
    const { kind } = await applyCredits({ connection, accountId: ACCOUNT, op, at: AT, snapshot });
    const took = performance.now() - began;
    if (kind !== 'applied') throw new Error(`${op.key} is ${kind}`);
    return took;
  };
}

/** What it cannot cost less than: the same two documents, written by the driver in one transaction with the same guarantees. */
export async function bareTransaction(connection: Connection): Promise<Side> {
  const client = connection.getClient();
  const database = client.db(connection.name);
  const entries = database.collection<LedgerEntryDocument>(LEDGER_ENTRIES);
  const accounts = database.collection<CreditAccountDocument>(CREDIT_ACCOUNTS);
  let account: CreditAccount = await accountIn(connection);
  let number = FIRST_NUMBER;
  return async () => {
    const { rev } = account;
    const decision = reduce(account, opOf(number++), AT);
    if (decision.kind !== 'applied') throw new Error(`the operation is ${decision.kind}`);
    account = decision.account;
    const began = performance.now();
    const session = client.startSession();
    try {
      await session.withTransaction(
        async () => {
          await entries.insertOne(decision.entry, { session });
          await accounts.replaceOne({ _id: ACCOUNT, rev }, decision.account, { session });
        },
        { readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority', journal: true }, readPreference: 'primary' },
      );
    } finally {
      await session.endSession();
    }
    return performance.now() - began;
  };
}
