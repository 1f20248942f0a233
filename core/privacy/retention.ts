import type { App } from '../app.ts';
import type { Sends } from '../chat.ts';
import { removeImages } from './retention/images.ts';
import { removeOrphans } from './retention/orphans.ts';
import { DAY_MS, oldestOfEach, removeOutdated } from './retention/outdated.ts';
import { endUnused } from './unused.ts';
import { goRound } from './walk.ts';

export { IMAGE_HOURS } from './retention/images.ts';

const EVERY_MS = 3_600_000;

/** How old the oldest of something is, against how old it may get; in milliseconds. */
export interface OldestItem {
  what: string;
  ageMs: number;
  limitMs: number;
}

/**
 * Removes what was kept for as long as it may be, if an hour has passed since the last round: what the registry gives a date, pictures of
 * finished videos, documents whose account is gone, uploads that were never finished, accounts that nobody uses. Undefined when it was not
 * its turn.
 */
export async function keepWithinLimits(app: App, sends: Sends): Promise<Map<string, number> | undefined> {
  return goRound(app, 'retention', EVERY_MS, async (round) => {
    const removed = await removeOutdated(app, round);
    removed.set('addresses', await removeUnconfirmed(app, round.at));
    removed.set('images', await removeImages(app, round));
    removed.set('orphans', await removeOrphans(app, round));
    removed.set('uploads', await app.storage.abortUnfinished(new Date(round.at - DAY_MS)));
    removed.set('unused', await endUnused(app, sends, round));
    for (const [state, count] of removed) if (count > 0) app.log.info('kept within its limit', { state, count });
    await reportOldest(app);
    return removed;
  });
}

/** An address that nobody confirmed stays for as long as its codes are counted, which is an hour. */
async function removeUnconfirmed(app: App, at: number): Promise<number> {
  const isOver = { 'mailProof.until': { $lte: new Date(at - EVERY_MS) } };
  return (await app.models.accounts.updateMany(isOver, { $unset: { mailProof: 1 } })).modifiedCount;
}

/** The oldest item of everything that ends by a date, against its limit. Something beyond it has outlived the last round. */
export async function retentionReport(app: App): Promise<OldestItem[]> {
  const at = app.now();
  return (await oldestOfEach(app)).map(({ name, oldest, keptMs }) => ({ what: name, ageMs: at - oldest, limitMs: keptMs }));
}

async function reportOldest(app: App): Promise<void> {
  for (const { what, ageMs, limitMs } of await retentionReport(app)) {
    const fields = { state: what, milliseconds: ageMs, count: Math.round(limitMs / DAY_MS) };
    if (ageMs > limitMs + EVERY_MS) app.log.error('something is kept longer than it may be', fields);
    else app.log.info('oldest item, days that it may be kept', fields);
  }
}
