import type { App } from '../core/app.ts';
import type { Reply, Sends } from '../core/chat.ts';
import { note } from '../core/generations/change.ts';
import type { Generation } from '../core/generations/generation.ts';
import { keysOf } from '../core/generations/read.ts';
import { place as placeField } from '../core/generations/sealed.ts';
import { describe } from '../core/log.ts';
import { releaseOf } from '../core/receipts.ts';
import { lateReply, progressReply } from '../core/texts/generations.ts';

/** At most one edit of a message in this time: platforms count them. */
const NEWS_EVERY_MS = 3_000;
const LOOK_AFTER_MS = 15_000;

/** Lets the person see how far it is. News may get lost; a failure here never touches the work. */
export async function tellProgress(app: App, sends: Sends, generation: Generation, progress: number): Promise<void> {
  const at = app.now();
  if (at - (generation.newsAt?.getTime() ?? 0) < NEWS_EVERY_MS) return;
  if (!(await note(app, generation, { set: { newsAt: new Date(at), dueAt: new Date(at + LOOK_AFTER_MS) } }))) return;
  await tell(app, sends, generation, progressReply(generation, progress));
}

/** Lets the person see that it is late, and free. */
export async function tellLate(app: App, sends: Sends, generation: Generation): Promise<void> {
  const entry = await releaseOf(app, generation);
  await tell(app, sends, generation, lateReply(generation, entry?._id));
}

async function tell(app: App, sends: Sends, generation: Generation, reply: Reply): Promise<void> {
  const { _id: id } = generation;
  try {
    const place = placeField.open(await keysOf(app, generation), id, generation.place);
    const announced = await app.queue.recall(id);
    await sends[place.platform]?.(place, reply, { key: id.slice(-25), kind: 'news', announced });
  } catch (error) {
    app.log.warn('news was not sent', { generation: id, ...describe(error) });
  }
}
