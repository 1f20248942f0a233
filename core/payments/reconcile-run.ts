import { randomUUID } from 'node:crypto';
import { type ReconciliationKind, reconciliations } from '../../models/reconciliation.ts';
import type { App } from '../app.ts';
import { describe } from '../log.ts';

export type { ReconciliationKind } from '../../models/reconciliation.ts';

/** Something on which a rail and we do not agree, and which nobody may mend but a person: codes and ids. */
export interface Drift {
  code: string;
  /** Id of our payment or, where we have none, of the rail's object. */
  reference?: string | undefined;
  /** How far apart the two are, in the smallest unit, Stars or credits. */
  count?: number | undefined;
}

export interface Report {
  kind: ReconciliationKind;
  /** How many of the rail's objects were compared. */
  seen: number;
  healed: number;
  drift: Drift[];
}

/** A comparison under way. */
export interface Run extends Report {
  /** Milliseconds since the epoch: when it began, how far back it looks, and how old a thing must be to count as missing. */
  at: number;
  since: number;
  settledBy: number;
  /** Whether a person has decided that what went back at the rail is taken back here. */
  takesBack: boolean;
  cursor: string | undefined;
  /** To be awaited after each page: keeps the lease, and where to go on. Throws LeaseLost when somebody else is at it. */
  rest(cursor?: string): Promise<void>;
}

export interface Wish {
  /** Milliseconds that it looks back. */
  windowMs: number;
  /** When the next one is due, from when this one began. */
  nextAt: (at: number) => number;
  /** Begins although it is not due; a lease of somebody else is respected all the same. */
  now?: boolean;
  takesBack?: boolean;
}

export class LeaseLost extends Error {
  constructor() {
    super('another process has taken this comparison over');
    this.name = 'LeaseLost';
  }
}

const LEASE_MS = 5 * 60_000;
/** What happened less than this ago may still be on its way here. */
const SETTLE_MS = 10 * 60_000;
/** Of one comparison; the count says how many there are. */
const LINES = 100;

/**
 * Runs a comparison if it is due and nobody is at it; undefined otherwise. It may die anywhere: after the lease another process begins
 * where the last finished page ended. `walk` gives back where the next run begins.
 */
export async function runOnce(
  app: App,
  kind: ReconciliationKind,
  { windowMs, nextAt, now = false, takesBack = false }: Wish,
  walk: (run: Run) => Promise<string | undefined>,
): Promise<Report | undefined> {
  const progress = reconciliations(app.connection);
  const at = app.now();
  const lease = randomUUID();
  const held = () => ({ lease, leaseUntil: new Date(app.now() + LEASE_MS) });
  await progress.updateOne({ _id: kind }, { $setOnInsert: { nextAt: new Date(at) } }, { upsert: true });
  const isFree = { $or: [{ leaseUntil: { $exists: false } }, { leaseUntil: { $lte: new Date(at) } }] };
  const isDue = now ? {} : { nextAt: { $lte: new Date(at) } };
  const taken = await progress.findOneAndUpdate({ _id: kind, ...isDue, ...isFree }, { $set: held() }).lean();
  if (!taken) return undefined;
  const { cursor } = taken;
  const change = async (set: object, unset: object = {}) => {
    const { matchedCount } = await progress.updateOne({ _id: kind, lease }, { $set: set, $unset: unset });
    if (matchedCount === 0) throw new LeaseLost();
  };
  const run: Run = {
    ...{ kind, seen: 0, healed: 0, drift: [], at, since: at - windowMs, settledBy: at - SETTLE_MS, takesBack, cursor },
    rest: (next) => change({ ...held(), ...(next !== undefined && { cursor: next }) }),
  };
  try {
    const next = await walk(run);
    const { seen, healed, drift } = run;
    const done = { nextAt: new Date(nextAt(at)), finishedAt: new Date(app.now()), seen, healed, drift: drift.length };
    const left = { lease: 1, leaseUntil: 1 };
    await change({ ...done, ...(next !== undefined && { cursor: next }) }, { ...left, ...(next === undefined && { cursor: 1 }) });
  } catch (error) {
    await progress.updateOne({ _id: kind, lease }, { $unset: { lease: 1, leaseUntil: 1 } }).catch(() => undefined);
    throw error;
  }
  return report(app, run);
}

function report(app: App, { kind, seen, healed, drift }: Run): Report {
  for (const { code, reference, count } of drift.slice(0, LINES)) {
    app.log.warn('rail and books differ', {
      state: kind,
      code,
      ...(reference && { reference }),
      ...(count !== undefined && { count }),
    });
  }
  if (healed > 0) app.log.warn('missing payments were healed', { state: kind, count: healed });
  if (drift.length > 0) app.log.error('drift was found', { state: kind, count: drift.length });
  return { kind, seen, healed, drift };
}

/** Does what a lost message should have done. One object that cannot be healed does not keep the others from it. */
export async function heal(app: App, run: Run, reference: string, act: () => Promise<boolean>): Promise<boolean> {
  try {
    const healed = await act();
    if (healed) run.healed += 1;
    return healed;
  } catch (error) {
    app.log.warn('healing failed', { state: run.kind, reference, ...describe(error) });
    run.drift.push({ code: 'healing_failed', reference });
    return true;
  }
}

const PAGE = 100;

/** What a rail lists, in pages of at most 100. */
export async function* inPages<Item>(items: AsyncIterable<Item>): AsyncGenerator<Item[]> {
  let page: Item[] = [];
  for await (const item of items) {
    page.push(item);
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
