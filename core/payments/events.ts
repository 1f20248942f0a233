import type { ProcessedEventDocument } from '../../models/processed-event.ts';
import type { App } from '../app.ts';
import { isDuplicateKey } from '../transaction.ts';

export type { ProcessedEventDocument as PaymentEvent } from '../../models/processed-event.ts';

/** What no doorbell reached is looked after this much later. */
const LOOK_AFTER_MS = 60_000;

export type Hint = Pick<ProcessedEventDocument, '_id' | 'source' | 'type' | 'objectId'>;

/** Stores an event that was not known before, and rings for it. A repeat changes nothing. Throws while the database is away. */
export async function keepEvent(app: App, hint: Hint): Promise<'new' | 'known'> {
  const event: ProcessedEventDocument = { ...hint, status: 'received', tries: 0, ...received(app) };
  try {
    await app.models.processedEvents.insertOne(event);
  } catch (error) {
    if (isDuplicateKey(error)) return 'known';
    throw error;
  }
  await app.queue.ring('payments', hint._id);
  return 'new';
}

/** Stores that something is to be looked at again, although it may have been before: hints without an id of their own. */
export async function keepHint(app: App, { _id, ...hint }: Hint): Promise<void> {
  const event = { ...hint, status: 'received' as const, tries: 0, ...received(app) };
  await app.models.processedEvents.updateOne({ _id }, { $set: event, $unset: { doneAt: 1 } }, { upsert: true });
  await app.queue.ring('payments', _id);
}

const received = (app: App) => ({ receivedAt: new Date(app.now()), dueAt: new Date(app.now() + LOOK_AFTER_MS) });

export async function readEvent(app: App, id: string): Promise<ProcessedEventDocument | undefined> {
  return (await app.models.processedEvents.findById(id).lean()) ?? undefined;
}

/** What stands for the object of a hint that was acted on, where the object named a person. */
const ACTED_ON = 'acted on';

/** Acted on, unless it was kept again meanwhile. A hint of Discord's names a person, whom nobody has to remember from then on. */
export async function closeEvent(app: App, event: ProcessedEventDocument, status: 'done' | 'ignored'): Promise<void> {
  const { _id, receivedAt, source } = event;
  const forgotten = source === 'discord' ? { objectId: ACTED_ON } : {};
  const closed = { $set: { status, doneAt: new Date(app.now()), ...forgotten }, $unset: { dueAt: 1 } } as const;
  await app.models.processedEvents.updateOne({ _id, receivedAt, status: 'received' }, closed);
}

/** It failed and is tried again in `afterMs`; tidy rings should that get lost. */
export async function postponeEvent(app: App, { _id }: ProcessedEventDocument, afterMs: number): Promise<void> {
  const dueAt = new Date(app.now() + afterMs + LOOK_AFTER_MS);
  await app.models.processedEvents.updateOne({ _id, status: 'received' }, { $set: { dueAt }, $inc: { tries: 1 } });
}
