import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { ClientSession, Collection, Connection } from 'mongoose';
import { CREDIT_ACCOUNTS } from '../models/credit-account.ts';
import { LEDGER_ENTRIES } from '../models/ledger-entry.ts';
import { override } from './faults.ts';

/** The ledger's store with one guard taken away: the real code runs on a connection, or a database, that does not keep it. */
export interface Mutant {
  name: string;
  /** Unique indexes of the entries that its database does not have. */
  dropped: readonly Record<string, 1>[];
  /** Whether the callers' own writes name the state that they change. */
  isConditional: boolean;
  wrap(connection: Connection, op?: Keyed): Connection;
}

/** The operation that a connection is used for. */
export interface Keyed {
  accountId: string;
  key: string;
}

const LONGEST_GAP_MS = 8;

type Call = (...inputs: unknown[]) => Promise<unknown>;
const BY_OP = { accountId: 1, op: 1 } as const;
const BY_SEQ = { accountId: 1, seq: 1 } as const;
const unchanged = (connection: Connection) => connection;

export const SOUND: Mutant = { name: 'nothing removed', dropped: [], isConditional: true, wrap: unchanged };

export const MUTANTS: readonly Mutant[] = [
  {
    // The number of an entry is a compare-and-swap of its own: it is in its id and in a unique index, so these go too.
    name: 'no compare-and-swap on the revision',
    dropped: [BY_SEQ],
    isConditional: true,
    wrap: (connection) =>
      withCollection(connection, (name, original) => ({
        ...(name === CREDIT_ACCOUNTS && {
          replaceOne: (filter: unknown, ...rest: unknown[]) => callOf(original, 'replaceOne')(idOf(filter), ...rest),
        }),
        ...(name === LEDGER_ENTRIES && {
          insertOne: (entry: object, ...rest: unknown[]) =>
            callOf(original, 'insertOne')({ ...entry, _id: randomUUID() }, ...rest),
        }),
      })),
  },
  {
    name: 'no dedupe by the operation key',
    dropped: [BY_OP],
    isConditional: true,
    wrap: (connection) =>
      withCollection(connection, (name) => (name === LEDGER_ENTRIES ? { findOne: () => Promise.resolve(null) } : {})),
  },
  { name: 'dedupe before the account is read', dropped: [], isConditional: true, wrap: withLogFirst },
  { name: 'no conditional state change alongside', dropped: [], isConditional: false, wrap: unchanged },
  { name: 'no transaction', dropped: [], isConditional: true, wrap: withoutTransaction },
];

function withCollection(
  connection: Connection,
  changes: (name: string, original: Collection) => Record<string, unknown>,
): Connection {
  const collection = (name: string) => {
    const original = connection.collection(name);
    return override(original, changes(name, original));
  };
  return override(connection, { collection });
}

function callOf(collection: Collection, method: string): Call {
  const call: unknown = Reflect.get(collection, method);
  if (typeof call !== 'function') throw new Error(`a collection has no ${method}`);
  return call.bind(collection);
}

const idOf = (filter: unknown) =>
  typeof filter === 'object' && filter !== null && '_id' in filter ? { _id: filter._id } : filter;

/** Looks for the operation before it reads the account, and believes that afterwards. */
function withLogFirst(connection: Connection, op?: Keyed): Connection {
  if (!op) return connection;
  let early: unknown;
  return withCollection(connection, (name, original) => ({
    ...(name === CREDIT_ACCOUNTS && {
      findOne: async (...inputs: unknown[]) => {
        early = await connection.collection(LEDGER_ENTRIES).findOne({ accountId: op.accountId, op: op.key });
        // The gap that a twin slips through.
        await wait(Math.random() * LONGEST_GAP_MS);
        return callOf(original, 'findOne')(...inputs);
      },
    }),
    ...(name === LEDGER_ENTRIES && { findOne: () => Promise.resolve(early) }),
  }));
}

/** Each write takes effect at once. */
function withoutTransaction(connection: Connection): Connection {
  const transaction = async (work: (session: ClientSession) => Promise<unknown>) => {
    const session = await connection.startSession();
    session.commitTransaction = async () => {};
    session.abortTransaction = async () => {};
    try {
      const result = await work(session);
      await session.commitTransaction();
      return result;
    } finally {
      await session.endSession();
    }
  };
  return override(connection, { transaction });
}
