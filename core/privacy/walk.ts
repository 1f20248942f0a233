import type { App } from '../app.ts';
import { isDuplicateKey } from '../transaction.ts';

/** A round over everything that is under way. */
export interface Round {
  /** Milliseconds since the epoch: when it began. */
  at: number;
  /** Where an earlier round ended; empty at first. */
  cursor: string;
  /** To be awaited after each page: keeps the lease, and where to go on. Throws LeaseLost when somebody else is at it. */
  rest(cursor?: string): Promise<void>;
}

export class LeaseLost extends Error {
  constructor() {
    super('another process has taken this round over');
    this.name = 'LeaseLost';
  }
}

const LEASE_MS = 5 * 60_000;

/**
 * Goes a round if one is due and nobody is at it; undefined otherwise. It may die anywhere: after the lease another process begins where the
 * last finished page ended. `go` gives back what the caller wants to know of it.
 */
export async function goRound<T>(
  app: App,
  name: 'journal' | 'retention' | 'usage',
  everyMs: number,
  go: (round: Round) => Promise<T>,
): Promise<T | undefined> {
  const { walks } = app.models;
  const at = app.now();
  await walks
    .updateOne({ _id: name }, { $setOnInsert: { cursor: '', nextAt: new Date(at) } }, { upsert: true })
    .catch((error: unknown) => {
      // Two processes at once: the other one has made it.
      if (!isDuplicateKey(error)) throw error;
    });
  let leaseUntil = new Date(at + LEASE_MS);
  const isFree = { $or: [{ leaseUntil: { $exists: false } }, { leaseUntil: { $lte: new Date(at) } }] };
  const due = { _id: name, nextAt: { $lte: new Date(at) }, ...isFree };
  const taken = await walks.findOneAndUpdate(due, { $set: { leaseUntil } }).lean();
  if (!taken) return undefined;
  const change = async (update: object) => {
    const { matchedCount } = await walks.updateOne({ _id: name, leaseUntil }, update);
    if (matchedCount === 0) throw new LeaseLost();
  };
  const round: Round = {
    at,
    cursor: taken.cursor,
    async rest(cursor) {
      const longer = new Date(Math.max(app.now(), leaseUntil.getTime() - LEASE_MS) + LEASE_MS);
      await change({ $set: { leaseUntil: longer, ...(cursor !== undefined && { cursor }) } });
      leaseUntil = longer;
    },
  };
  try {
    const told = await go(round);
    await change({ $set: { nextAt: new Date(at + everyMs) }, $unset: { leaseUntil: 1 } });
    return told;
  } catch (error) {
    await walks.updateOne({ _id: name, leaseUntil }, { $unset: { leaseUntil: 1 } }).catch(() => undefined);
    throw error;
  }
}
