import { setTimeout as wait } from 'node:timers/promises';
import { type ClientSession, type Collection, type Connection, mongo } from 'mongoose';
import type { Chance } from './chance.ts';

/** The process that asked is gone: it neither hears an answer nor cleans up. */
export class Crash extends mongo.MongoError {}

export const FAULTS = ['dies before', 'dies after', 'conflict', 'answer lost, not done', 'answer lost, done'] as const;
export type Fault = (typeof FAULTS)[number];

/** How often each store call met which fault: `entry insert, dies after` and so on. */
export type Tally = Map<string, number>;

export interface Faults {
  chance: Chance;
  /** Of all store calls. */
  share: number;
  tally: Tally;
  /** Called as each store call begins. */
  heard(call: string): void;
}

const CALLS = new Set(['findOne', 'insertOne', 'replaceOne', 'updateOne']);
const LONGEST_PAUSE_MS = 4;
/** A transaction of a dead process stands in everybody's way until the server ends it. */
const LONGEST_ORPHAN_MS = 15;

/** The same connection, on which every store call may be slow, die before or after it took effect, or lose its answer. */
export function withFaults(connection: Connection, faults: Faults): Connection {
  const transaction = (work: (session: ClientSession) => Promise<unknown>, options: object) => {
    let isNew = true;
    return connection.transaction((session) => {
      if (isNew) strikeSession(session, faults);
      isNew = false;
      return work(session);
    }, options);
  };
  const collection = (name: string) =>
    replaceCalls(connection.collection(name), (method, inputs, call) =>
      strike(`${name} ${method}`, call, faults, isInTransaction(inputs.at(-1)) ? ['conflict'] : []),
    );
  return override(connection, { transaction, collection });
}

/** An object with some of its members replaced; everything else goes to the original. */
export function override<Original extends object>(original: Original, members: Record<string, unknown>): Original {
  return new Proxy(original, {
    get(target, name) {
      const own = typeof name === 'string' ? members[name] : undefined;
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function replaceCalls(
  collection: Collection,
  around: (method: string, inputs: readonly unknown[], call: () => Promise<unknown>) => Promise<unknown>,
): Collection {
  const members: Record<string, unknown> = {};
  for (const method of CALLS) {
    const original: unknown = Reflect.get(collection, method);
    if (typeof original !== 'function') throw new Error(`a collection has no ${method}`);
    members[method] = (...inputs: unknown[]) => around(method, inputs, () => original.apply(collection, inputs));
  }
  return override(collection, members);
}

/** Only there can a call meet a conflict. */
const isInTransaction = (options: unknown) =>
  typeof options === 'object' &&
  options !== null &&
  'session' in options &&
  options.session instanceof mongo.ClientSession &&
  options.session.inTransaction();

function strikeSession(session: ClientSession, faults: Faults): void {
  const commit = session.commitTransaction.bind(session);
  const abort = session.abortTransaction.bind(session);
  session.commitTransaction = () => strike('commit', commit, faults, ['answer lost, not done', 'answer lost, done']);
  session.abortTransaction = async () => {
    await wait(faults.chance.below(LONGEST_ORPHAN_MS));
    await abort();
  };
}

async function strike<T>(call: string, run: () => Promise<T>, faults: Faults, others: readonly Fault[]): Promise<T> {
  const { chance, share, tally, heard } = faults;
  if (chance.often(0.2)) await wait(chance.below(LONGEST_PAUSE_MS));
  heard(call);
  if (!chance.often(share)) return run();
  const fault = chance.pick(['dies before', 'dies after', ...others]);
  tally.set(`${call}, ${fault}`, (tally.get(`${call}, ${fault}`) ?? 0) + 1);
  if (fault === 'dies before') throw new Crash(call);
  if (fault === 'conflict') throw labelled('TransientTransactionError');
  if (fault === 'answer lost, not done') throw labelled('UnknownTransactionCommitResult');
  await run();
  if (fault === 'answer lost, done') throw labelled('UnknownTransactionCommitResult');
  throw new Crash(call);
}

/** What the driver hears from a server, or from a broken connection, in that case. */
const labelled = (label: string) => new mongo.MongoServerError({ message: `made up: ${label}`, errorLabels: [label] });
