import type { Drift } from './reconcile-run.ts';

/** Money of one day (UTC) and currency: what the rail says, and what stands in our books for the same objects. */
export interface Day {
  theirs: number;
  ours: number;
}

export type Days = Map<string, Day>;

/** Adds money that came in (positive) or went back (negative) on a day. Amounts in the smallest unit, or Stars. `at` in milliseconds. */
export function count(days: Days, at: number, currency: string, { theirs, ours }: Day): void {
  const name = `${new Date(at).toISOString().slice(0, 10)} ${currency}`;
  const day = days.get(name) ?? { theirs: 0, ours: 0 };
  days.set(name, { theirs: day.theirs + theirs, ours: day.ours + ours });
}

/** I11: what was granted less what was reversed is, each day, what the rail reports. The days on which it is not. */
export const checkDays = (days: Days): Drift[] =>
  [...days].flatMap(([name, { theirs, ours }]) =>
    theirs === ours ? [] : [{ code: 'I11_day_differs', reference: name, count: ours - theirs }],
  );
