import mongoose from 'mongoose';
import { checkInvariants } from '../core/credits/invariants.ts';
import { modelsOf } from '../models/index.ts';

export interface Books {
  /** Generations that the product has accepted. */
  accepted: number;
  accounts: number;
  /** Credits of all accounts. */
  granted: number;
  available: number;
  held: number;
  spent: number;
  entries: number;
}

/** Reads what the product has stored. Throws when a request has no generation, one is left over, or an account's credits do not add up. */
export async function checkBooks(uri: string, dbName: string, asked: readonly string[]): Promise<Books> {
  const connection = await mongoose.createConnection(uri, { dbName }).asPromise();
  try {
    const models = modelsOf(connection);
    const stored = await models.generations.find({ state: { $ne: 'rejected' } }, { _id: 1 }).lean();
    const accepted = new Set(stored.map(({ _id }) => _id));
    const lost = asked.filter((id) => !accepted.has(id));
    if (lost.length > 0 || accepted.size !== new Set(asked).size) {
      throw new Error(`${asked.length} were asked for and ${accepted.size} accepted; lost: ${lost.length} (${lost.slice(0, 5)})`);
    }
    const accounts = await models.creditAccounts.find().lean();
    const entries = await models.ledgerEntries.find().lean();
    const books = { accepted: accepted.size, accounts: accounts.length, granted: 0, available: 0, held: 0, spent: 0 };
    for (const account of accounts) {
      const own = entries.filter(({ accountId }) => accountId === account._id);
      checkInvariants(account, own);
      const granted = account.lots.reduce((sum, lot) => sum + lot.granted, 0);
      const spent = account.lots.reduce((sum, lot) => sum + lot.spent, 0);
      if (account.available + account.held + spent !== granted) {
        throw new Error(`account ${account._id}: ${account.available} + ${account.held} + ${spent} is not ${granted}`);
      }
      books.granted += granted;
      books.available += account.available;
      books.held += account.held;
      books.spent += spent;
    }
    return { ...books, entries: entries.length };
  } finally {
    await connection.close();
  }
}

export const describeBooks = ({ accepted, accounts, granted, available, held, spent, entries }: Books): string =>
  `nothing lost: ${accepted} asked = ${accepted} accepted; ${accounts} accounts: ${granted} credits granted = ` +
  `${available} available + ${held} held + ${spent} spent; ${entries} ledger entries balance`;
