import { setTimeout as wait } from 'node:timers/promises';
import type { ClientSession, Connection } from 'mongoose';

const DUPLICATE_KEY = 11_000;

/**
 * All of `work` or nothing of it, on disk at a majority of the servers. The only place that opens a transaction.
 * The driver runs `work` again after a write conflict, for up to 120 seconds: it holds nothing but database calls, one
 * after the other, each with the session. A duplicate key ends the transaction and is thrown: the caller looks what is there.
 */
export function inTransaction<T>(connection: Connection, work: (session: ClientSession) => Promise<T>): Promise<T> {
  return connection.transaction(work, {
    readConcern: { level: 'snapshot' },
    writeConcern: { w: 'majority', journal: true },
    readPreference: 'primary',
  });
}

/** Somebody else has written a document with the same unique value. */
export const isDuplicateKey = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === DUPLICATE_KEY;

/** Waits before attempt number `attempt` + 1: up to 8 ms after the first, up to 500 ms in the end, by chance so that two do not meet again. */
export async function pauseBeforeRetry(attempt: number): Promise<void> {
  await wait(Math.random() * Math.min(5 * 1.5 ** attempt, 500));
}
