import type { ClientSession, Connection } from 'mongoose';
import { CREDIT_ACCOUNTS, type CreditAccountDocument } from '../../models/credit-account.ts';
import { LEDGER_ENTRIES, type LedgerEntryDocument } from '../../models/ledger-entry.ts';
import { inTransaction, isDuplicateKey, pauseBeforeRetry } from '../transaction.ts';
import { emptyAccount, fingerprint, reduce } from './ledger.ts';
import { type Turns, takeTurn } from './turns.ts';
import type { CreditAccount, Decision, Entry, Op } from './types.ts';

export interface CreditChange {
  connection: Connection;
  accountId: string;
  op: Op;
  /** Milliseconds since the epoch. */
  at: number;
  /** The credit account as the caller has just read it; saves reading it again. */
  snapshot?: CreditAccount | undefined;
  /**
   * The caller's own writes, made in the same transaction: all of it happens or nothing. Returning false takes everything back.
   * It may run more than once and holds nothing but database calls with this session.
   */
  alongside?: ((session: ClientSession) => Promise<boolean>) | ((session: ClientSession) => Promise<void>) | undefined;
  pause?: ((attempt: number) => Promise<void>) | undefined;
  /** Who waits for whom within this process; what is right does not depend on it. */
  turns?: Turns | undefined;
}

export type Outcome =
  | Decision
  /** This operation took effect before, together with what was written alongside it then. */
  | { kind: 'replayed'; entry: Entry }
  /** `alongside` returned false: nothing was written. */
  | { kind: 'taken_back' };

/** An operation's key came again with other inputs: a mistake in the caller, never to be answered with the first one's result. */
export class OpKeyReused extends Error {
  constructor(key: string) {
    super(`operation ${key} was applied before with other inputs`);
    this.name = 'OpKeyReused';
  }
}

const ATTEMPTS = 100;

/**
 * Applies one operation to an account's credits: the only way they change. It takes effect once, however often and wherever
 * it is asked for. Rejected and unchanged operations write nothing, and nothing is written alongside them.
 */
export function applyCredits(change: CreditChange): Promise<Outcome> {
  const { connection, accountId, op, at, pause = pauseBeforeRetry, turns = takeTurn } = change;
  return turns(accountId, async (waited) => {
    // Whoever was busy before us has most likely moved the account on.
    let snapshot = waited ? undefined : change.snapshot;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const account = snapshot ?? (await readAccount(connection, accountId));
      const decision = reduce(account, op, at);
      if (decision.kind === 'applied') {
        const written = await write(change, decision, account.rev);
        if (written === 'all') return decision;
        if (written === 'taken back') return { kind: 'taken_back' };
      } else if (snapshot) {
        // What the caller has read is enough to write on, since the write checks it, and not enough to refuse on.
        snapshot = undefined;
        continue;
      }
      // Asked only now, because a repeat is rare. The account was read before: what is not in the log had no effect on it.
      const entry = await findEntry(connection, accountId, op);
      if (entry) return { kind: 'replayed', entry };
      if (decision.kind !== 'applied') return decision;
      snapshot = undefined;
      await pause(attempt);
    }
    throw new Error(`credit account ${accountId} is too contended`);
  });
}

/** Entry, account, then the caller's writes: always in this order, so that two transactions of one account meet at the first of them. */
async function write(
  { connection, alongside }: CreditChange,
  { entry, account }: Extract<Decision, { kind: 'applied' }>,
  rev: number,
): Promise<'all' | 'taken back' | 'lost the race'> {
  let ours = true;
  try {
    return await inTransaction(connection, async (session) => {
      ours = true;
      await entriesOf(connection).insertOne(entry, { session });
      const stored = toDocument(account);
      const filter = { _id: account._id, rev };
      const { matchedCount, upsertedCount } = await accountsOf(connection).replaceOne(filter, stored, {
        session,
        upsert: rev === 0,
      });
      if (matchedCount + upsertedCount !== 1) {
        await session.abortTransaction();
        return 'lost the race';
      }
      ours = false;
      if ((await alongside?.(session)) === false) {
        await session.abortTransaction();
        return 'taken back';
      }
      return 'all';
    });
  } catch (error) {
    // Somebody else has applied this operation or another one. A duplicate of the caller's own is for the caller to read.
    if (ours && isDuplicateKey(error)) return 'lost the race';
    throw error;
  }
}

// The driver's own collections: what is written is made by the rules, so mongoose would only cost time here.
const entriesOf = (connection: Connection) => connection.collection<LedgerEntryDocument>(LEDGER_ENTRIES);
const accountsOf = (connection: Connection) => connection.collection<CreditAccountDocument>(CREDIT_ACCOUNTS);

const READ = { readConcern: { level: 'majority' }, readPreference: 'primary' } as const;

/** A credit account as it is stored at a majority of the servers; an empty one when there is none yet. */
export async function readAccount(connection: Connection, accountId: string): Promise<CreditAccount> {
  const found = await accountsOf(connection).findOne({ _id: accountId }, READ);
  return found ?? emptyAccount(accountId);
}

/**
 * Closes an account for good, within the caller's transaction: nothing is reserved or granted any more, and what was decided on the account
 * as it was loses its race. What is held can still be settled.
 */
export async function closeAccount(connection: Connection, accountId: string, session: ClientSession): Promise<void> {
  const accounts = accountsOf(connection);
  const closing = { $set: { closed: true }, $inc: { rev: 1 } };
  const { matchedCount } = await accounts.updateOne({ _id: accountId }, closing, { session });
  if (matchedCount > 0) return;
  await accounts.insertOne({ ...toDocument(emptyAccount(accountId)), rev: 1, closed: true }, { session });
}

async function findEntry(connection: Connection, accountId: string, op: Op): Promise<Entry | undefined> {
  const found = await entriesOf(connection).findOne({ accountId, op: op.key }, READ);
  if (found && found.opHash !== fingerprint(op)) throw new OpKeyReused(op.key);
  return found ?? undefined;
}

/** The account as it is stored: with the times that tidy searches by, and without those of an earlier state. */
function toDocument(account: CreditAccount): CreditAccountDocument {
  const { _id, rev, seq, available, held, debt, lots, holds, restrictions, closed } = account;
  const nextHoldDueAt = earliest(holds.map(({ until }) => until));
  const nextLotExpiryAt = earliest(
    lots.flatMap(({ remaining, expiresAt }) => (remaining > 0 && expiresAt !== null ? [expiresAt] : [])),
  );
  return {
    ...{ _id, rev, seq, available, held, debt, lots, holds, restrictions, closed },
    ...(nextHoldDueAt && { nextHoldDueAt }),
    ...(nextLotExpiryAt && { nextLotExpiryAt }),
  };
}

const earliest = (times: readonly number[]): Date | undefined => (times.length > 0 ? new Date(Math.min(...times)) : undefined);
