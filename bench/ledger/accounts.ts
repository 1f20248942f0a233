import { type Connection, createConnection } from 'mongoose';
import { emptyAccount, reduce } from '../../core/credits/ledger.ts';
import type { CreditAccount, Entry, Op } from '../../core/credits/types.ts';
import { CREDIT_ACCOUNTS, type CreditAccountDocument, creditAccounts } from '../../models/credit-account.ts';
import { prepareModels } from '../../models/index.ts';
import { LEDGER_ENTRIES, type LedgerEntryDocument, ledgerEntries } from '../../models/ledger-entry.ts';

export const ACCOUNT = 'somebody';
const AT = 1_000;
/** The driver sends them in one message. */
const BATCH = 2_000;

/** The two operations of a generation, over and over: the account looks the same after every second one. */
export function opOf(number: number): Op {
  const holdId = `generation-${Math.floor(number / 2)}`;
  if (number % 2 === 0) return { key: `reserve:${holdId}`, type: 'reserve', holdId, amount: 12, until: 900_000 };
  return { key: `capture:${holdId}`, type: 'capture', holdId };
}

/** A database of its own with one account that has so many entries, as the product's collections and indexes are. Throws when the time is over. */
export async function openHistory(
  uri: string,
  dbName: string,
  entries: number,
  end: AbortSignal | undefined,
): Promise<Connection> {
  const connection = createConnection(uri, { dbName });
  await connection.asPromise();
  await prepareModels({ creditAccounts: creditAccounts(connection), ledgerEntries: ledgerEntries(connection) });
  const log = connection.collection<LedgerEntryDocument>(LEDGER_ENTRIES);
  let account = emptyAccount(ACCOUNT);
  let batch: Entry[] = [];
  const write = (op: Op) => {
    const decision = reduce(account, op, AT);
    if (decision.kind !== 'applied') throw new Error(`${op.key} is ${decision.kind}`);
    account = decision.account;
    batch.push(decision.entry);
  };
  write({ key: 'grant:1', type: 'grant', lotId: 'pack', kind: 'purchased', amount: 1_000_000_000 });
  for (let number = 0; account.seq < entries; number++) {
    write(opOf(number));
    if (batch.length < BATCH && account.seq < entries) continue;
    end?.throwIfAborted();
    await log.insertMany(batch, { ordered: false });
    batch = [];
  }
  await connection.collection<CreditAccountDocument>(CREDIT_ACCOUNTS).insertOne(account);
  return connection;
}

export async function accountIn(connection: Connection): Promise<CreditAccount> {
  const found = await connection.collection<CreditAccountDocument>(CREDIT_ACCOUNTS).findOne({ _id: ACCOUNT });
  if (!found) throw new Error('the account is gone');
  return found;
}
