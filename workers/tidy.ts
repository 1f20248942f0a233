import type { App } from '../core/app.ts';
import { OPEN_STATES } from '../core/generations/states.ts';

const PAGE = 100;
/** What was rung and is still due is looked at again after this. */
const AGAIN_MS = 10_000;

/** Rings again for every generation that is due. Decides nothing: the ordinary steps do, so it may run anywhere, twice or never. */
export async function tidy(app: App): Promise<number> {
  const { generations } = app.models;
  const at = app.now();
  const due = await generations
    .find({ dueAt: { $lte: new Date(at) } }, { state: 1 })
    .sort({ dueAt: 1 })
    .limit(PAGE)
    .lean();
  for (const { _id: id, state } of due) {
    const open = OPEN_STATES.some((one) => one === state);
    await app.queue.ring(open ? 'generate' : 'deliver', id);
  }
  const ids = due.map(({ _id }) => _id);
  if (ids.length > 0) {
    await generations.updateMany(
      { _id: { $in: ids }, dueAt: { $lte: new Date(at) } },
      { $set: { dueAt: new Date(at + AGAIN_MS) } },
    );
    app.log.info('tidy rang again', { count: ids.length });
  }
  return ids.length;
}
