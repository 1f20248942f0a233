import type { App } from '../../app.ts';
import type { Removes, Sends } from '../../chat.ts';
import type { Erasure, ErasureChanges, ErasureStep } from './erasure.ts';

/** What a step may reach outside: the chats. At a start, when a journal is replayed, there are none yet. */
export interface Hands {
  sends: Sends;
  removes: Removes;
}

/** What a step comes to: it is over, it goes on from where it is now, it waits, or it has written the erasure itself. */
export type Outcome =
  | { kind: 'over'; changes?: ErasureChanges; back?: ErasureStep }
  | { kind: 'goes on'; changes: ErasureChanges; afterMs?: number }
  | { kind: 'waits'; afterMs: number }
  | { kind: 'moved'; erasure: Erasure | undefined };

/** Each may be repeated from its beginning, whatever of it has happened before. */
export type Step = (app: App, erasure: Erasure, hands: Hands) => Promise<Outcome>;

export const OVER: Outcome = { kind: 'over' };

type Counts = Erasure['counts'];

/** Adds to what is counted under a name. */
export function counted(counts: Counts, name: string, count: number): Counts {
  if (count === 0) return counts;
  const before = counts.find((one) => one.name === name)?.count ?? 0;
  return [...counts.filter((one) => one.name !== name), { name, count: before + count }];
}

export const countOf = (counts: Counts, name: string): number => counts.find((one) => one.name === name)?.count ?? 0;
