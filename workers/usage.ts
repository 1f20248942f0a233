import type { App } from '../core/app.ts';
import { countDay, type Day, dayOf } from '../core/privacy/improvement.ts';
import { goRound } from '../core/privacy/walk.ts';

const DAY_MS = 86_400_000;
/** How often it is looked whether a day is over. */
const EVERY_MS = 3_600_000;
/** After midnight, so that what was asked for in the last minute has ended: a question waits an hour, a video up to GIVE_UP_MINUTES. */
const SETTLING_MS = 6 * 3_600_000;
/** After a long stop only so many days are made good. */
const MOST_DAYS = 31;

/** Counts each day that is over once, for improvement: numbers of at least 20 people. Gives back how many days were counted. */
export async function countUsage(app: App): Promise<number> {
  const counted = await goRound(app, 'usage', EVERY_MS, async ({ at, cursor, rest }) => {
    const last = dayOf(at - SETTLING_MS - DAY_MS);
    const days: Day[] = [];
    for (let day = last; day > cursor && days.length < MOST_DAYS; day = before(day)) days.unshift(day);
    // The first time there is no day to go on from: only yesterday counts.
    const due = cursor === '' ? days.slice(-1) : days;
    for (const day of due) {
      await countDay(app, day);
      await rest(day);
    }
    return due.length;
  });
  return counted ?? 0;
}

const before = (day: Day): Day => dayOf(Date.parse(`${day}T00:00:00Z`) - DAY_MS);
