import type { App } from '../../app.ts';
import { REGISTRY } from '../registry.ts';
import type { CollectionRule } from '../registry-types.ts';
import type { Round } from '../walk.ts';

export const DAY_MS = 86_400_000;
const PAGE = 500;

/** A collection whose documents end by a date of their own. */
interface Dated {
  name: keyof typeof REGISTRY.collections;
  /** The path that holds the date, and how long after it a document is kept. */
  path: string;
  keptMs: number;
}

const ROOMS = Object.entries(REGISTRY.collections) as [Dated['name'], CollectionRule][];

/** Collections that the sweeper keeps within their limits; those with a worker of their own are not among them. */
export const DATED: readonly Dated[] = ROOMS.flatMap(([name, { retention }]) => {
  if ('days' in retention) return [{ name, path: retention.from, keptMs: retention.days * DAY_MS }];
  return 'until' in retention && retention.by === undefined ? [{ name, path: retention.until, keptMs: 0 }] : [];
});

// The driver's own collections: what is removed here need not be understood.
const documentsOf = (app: App, name: Dated['name']) =>
  app.connection.collection<{ _id: string; [path: string]: unknown }>(app.models[name].collection.name);

/** Removes what is older than its limit, whatever the database's own expiry has done. Resolves with how many of each collection went. */
export async function removeOutdated(app: App, round: Round): Promise<Map<string, number>> {
  const removed = new Map<string, number>();
  for (const { name, path, keptMs } of DATED) {
    const old = { [path]: { $lte: new Date(round.at - keptMs) } };
    for (;;) {
      const page = await documentsOf(app, name)
        .find(old, { projection: { _id: 1 } })
        .sort({ [path]: 1 })
        .limit(PAGE)
        .toArray();
      if (page.length === 0) break;
      // The date is asked again: what was renewed in between stays.
      const { deletedCount } = await documentsOf(app, name).deleteMany({ _id: { $in: page.map(({ _id }) => _id) }, ...old });
      removed.set(name, (removed.get(name) ?? 0) + deletedCount);
      await round.rest();
      if (page.length < PAGE) break;
    }
  }
  return removed;
}

/** The oldest date in each of these collections, as milliseconds since the epoch. */
export async function oldestOfEach(app: App): Promise<(Dated & { oldest: number })[]> {
  const found = DATED.map(async (dated) => {
    const { name, path } = dated;
    const first = await documentsOf(app, name).findOne({ [path]: { $gt: new Date(0) } }, { sort: { [path]: 1 } });
    const date = first?.[path];
    return date instanceof Date ? [{ ...dated, oldest: date.getTime() }] : [];
  });
  return (await Promise.all(found)).flat();
}
