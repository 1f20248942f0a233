import type { App } from '../core/app.ts';
import { UNMADE_STATES } from '../core/generations/states.ts';
import type { QueueName } from '../core/queue.ts';
import { finishJoins } from '../core/wallet/join.ts';

const PAGE = 100;
/** What was rung and is still due is looked at again after this. */
const AGAIN_MS = 10_000;

interface Due {
  _id: string;
  state?: string;
  /** Of a payment: somebody is still to be told of it. */
  tell?: string;
  dueAt?: Date;
}

/** What has a time at which it is due, and the doorbell that it hears. */
const BELLS = {
  generations: ({ state }: Due) => (UNMADE_STATES.some((one) => one === state) ? 'generate' : 'deliver'),
  payments: ({ tell }: Due) => (tell ? 'notify' : 'payments'),
  processedEvents: () => 'payments',
  archives: () => 'export',
  erasures: () => 'erase',
  galleryItems: () => 'gallery',
  broadcasts: () => 'broadcast',
} as const satisfies Partial<Record<keyof App['models'], (due: Due) => QueueName>>;

type Kind = keyof typeof BELLS;

/** Rings again for everything that is due. Decides nothing: the ordinary steps do, so it may run anywhere, twice or never. */
export async function tidy(app: App): Promise<number> {
  let rung = await finishJoins(app);
  for (const kind of Object.keys(BELLS) as Kind[]) rung += await ringDue(app, kind);
  if (rung > 0) app.log.info('tidy rang again', { count: rung });
  return rung;
}

async function ringDue(app: App, kind: Kind): Promise<number> {
  const documents = app.connection.collection<Due>(app.models[kind].collection.name);
  const isDue = { dueAt: { $lte: new Date(app.now()) } };
  const due = await documents
    .find(isDue, { projection: { state: 1, tell: 1 } })
    .sort({ dueAt: 1 })
    .limit(PAGE)
    .toArray();
  for (const one of due) await app.queue.ring(BELLS[kind](one), one._id);
  if (due.length === 0) return 0;
  const again = { $set: { dueAt: new Date(app.now() + AGAIN_MS) } };
  await documents.updateMany({ _id: { $in: due.map(({ _id }) => _id) }, ...isDue }, again);
  return due.length;
}
