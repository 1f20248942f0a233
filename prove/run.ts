import { type Connection, createConnection } from 'mongoose';
import { creditAccounts } from '../models/credit-account.ts';
import { prepareModels } from '../models/index.ts';
import { ledgerEntries } from '../models/ledger-entry.ts';
import { jobsOf, movesOf, paymentsOf } from './callers.ts';
import type { Mutant } from './mutants.ts';
import { type Figures, noFigures, play } from './play.ts';
import { Violation } from './verdict.ts';

export interface Run {
  uri: string;
  mutant: Mutant;
  /** The first seed, and how many of them. */
  from: number;
  histories: number;
  /** Causes in each history. */
  length: number;
  /** Ends with the first history that goes wrong. */
  isShort?: boolean;
}

export interface Report extends Figures {
  histories: number;
  violations: { seed: number; message: string }[];
  /** Histories that ended with an error that no checker raised. */
  failures: { seed: number; message: string }[];
}

const AT_ONCE = 8;

/** Plays histories side by side in a database of their own, without the guard that the mutant lacks. */
export async function run({ uri, mutant, from, histories, length, isShort = false }: Run): Promise<Report> {
  const connection = await openDatabase(uri, mutant);
  const report: Report = { ...noFigures(), histories: 0, violations: [], failures: [] };
  let next = from;
  const isOver = () => next >= from + histories || (isShort && report.violations.length > 0);
  const lane = async () => {
    while (!isOver()) {
      const seed = next++;
      try {
        await play(connection, mutant, seed, length, report);
      } catch (error) {
        const found = { seed, message: error instanceof Error ? error.message : String(error) };
        (error instanceof Violation ? report.violations : report.failures).push(found);
      }
      report.histories += 1;
    }
  };
  await Promise.all(Array.from({ length: isShort ? AT_ONCE / 2 : AT_ONCE }, lane));
  await connection.dropDatabase();
  await connection.close();
  return report;
}

async function openDatabase(uri: string, mutant: Mutant): Promise<Connection> {
  const dbName = `prove-${mutant.name.replaceAll(/\W/g, '-')}`.slice(0, 38);
  const connection = createConnection(uri, { dbName });
  await connection.asPromise();
  await connection.dropDatabase();
  await prepareModels({ creditAccounts: creditAccounts(connection), ledgerEntries: ledgerEntries(connection) });
  for (const index of mutant.dropped) await ledgerEntries(connection).collection.dropIndex(nameOf(index));
  for (const { name } of [jobsOf(connection), paymentsOf(connection), movesOf(connection)])
    await connection.createCollection(name);
  await jobsOf(connection).createIndex({ accountId: 1 });
  return connection;
}

const nameOf = (index: Record<string, 1>) =>
  Object.keys(index)
    .map((field) => `${field}_1`)
    .join('_');
