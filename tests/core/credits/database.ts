import { type Connection, createConnection } from 'mongoose';
import { checkInvariants } from '../../../core/credits/invariants.ts';
import type { CreditAccount, Entry } from '../../../core/credits/types.ts';
import { type CreditAccountDocument, creditAccounts } from '../../../models/credit-account.ts';
import { prepareModels } from '../../../models/index.ts';
import { type LedgerEntryDocument, ledgerEntries } from '../../../models/ledger-entry.ts';
import { testServers } from '../../support/servers.ts';

/** An empty database of its own for a test file, with the indexes of the ledger. */
export async function openDatabase(name: string): Promise<Connection> {
  const connection = createConnection(testServers().mongo.uri, { dbName: name, monitorCommands: true });
  await connection.asPromise();
  await connection.dropDatabase();
  await prepareModels({ creditAccounts: creditAccounts(connection), ledgerEntries: ledgerEntries(connection) });
  return connection;
}

export async function stored(connection: Connection, accountId: string): Promise<{ account: CreditAccount; entries: Entry[] }> {
  const account = await creditAccounts(connection).findById(accountId).lean<CreditAccountDocument>();
  const entries = await ledgerEntries(connection).find({ accountId }).sort({ seq: 1 }).lean<LedgerEntryDocument[]>();
  if (!account) throw new Error(`${accountId} has no credit account`);
  checkInvariants(account, entries);
  return { account, entries };
}

/** Names of the commands that `work` sends to the database. */
export async function commandsOf(connection: Connection, work: () => Promise<unknown>): Promise<string[]> {
  const names: string[] = [];
  const note = ({ commandName }: { commandName: string }) => names.push(commandName);
  const client = connection.getClient();
  client.on('commandStarted', note);
  try {
    await work();
  } finally {
    client.off('commandStarted', note);
  }
  return names;
}
