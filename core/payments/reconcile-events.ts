import type { App } from '../app.ts';
import { keepEvent } from './events.ts';
import { inPages, type Run } from './reconcile-run.ts';
import type { StripeDoor } from './stripe.ts';

/** An event may be listed late; what was listed before is looked at again. */
const OVERLAP_MS = 3_600_000;
/** Stripe lists no longer back than 30 days. */
export const EVENTS_WINDOW_MS = 30 * 86_400_000 - OVERLAP_MS;

/**
 * Keeps every event that Stripe lists and no webhook brought; the ordinary worker acts on it. The cursor is when the last finished run
 * began. The list is newest first, so a run that died begins again.
 */
export async function walkEvents(app: App, door: StripeDoor, run: Run): Promise<string> {
  const { processedEvents } = app.models;
  const from = Math.max(run.since, Number(run.cursor ?? 0) - OVERLAP_MS);
  for await (const hints of inPages(door.events(from))) {
    const named = hints.map((hint) => ({ ...hint, _id: `stripe_${hint.id}` }));
    const known = await processedEvents.find({ _id: { $in: named.map(({ _id }) => _id) } }, { _id: 1 }).lean();
    const ids = new Set(known.map(({ _id }) => _id));
    for (const { _id, type, objectId } of named.filter((hint) => !ids.has(hint._id))) {
      if ((await keepEvent(app, { _id, source: 'stripe', type, objectId })) === 'new') run.healed += 1;
    }
    run.seen += hints.length;
    await run.rest();
  }
  return String(run.at);
}
