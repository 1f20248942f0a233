import type { BroadcastDocument } from '../../models/broadcast.ts';
import type { App } from '../app.ts';
import { isDuplicateKey } from '../transaction.ts';

export type Broadcast = BroadcastDocument;

/** Longer than telling one account can take; renewed at each. After a crash another process goes on when it has run out. */
const LEASE_MS = 120_000;

/** Begins a broadcast, unless it was begun before: its id says what it is about. True when this call has begun it. */
export async function beginBroadcast(
  app: App,
  { _id, ...about }: Pick<Broadcast, '_id' | 'kind' | 'subject' | 'text' | 'version'>,
): Promise<boolean> {
  const at = new Date(app.now());
  try {
    await app.models.broadcasts.create({
      _id,
      ...about,
      state: 'sending',
      cursor: '',
      sent: 0,
      skipped: 0,
      createdAt: at,
      dueAt: at,
    });
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    return false;
  }
  await app.queue.ring('broadcast', _id);
  return true;
}

/** Takes a broadcast to work on it; undefined when it has ended or another process is at it. */
export async function takeBroadcast(app: App, id: string): Promise<Broadcast | undefined> {
  const now = new Date(app.now());
  const isFree = { $or: [{ leaseUntil: { $exists: false } }, { leaseUntil: { $lte: now } }] };
  const taken = await app.models.broadcasts
    .findOneAndUpdate({ _id: id, state: 'sending', ...isFree }, { $set: lease(app) }, { returnDocument: 'after' })
    .lean();
  return taken ?? undefined;
}

const lease = (app: App) => {
  const leaseUntil = new Date(app.now() + LEASE_MS);
  return { leaseUntil, dueAt: leaseUntil };
};

/** Notes how far it has come and renews the lease; undefined when the lease was lost, and then nothing more is sent. */
export async function advance(
  app: App,
  { _id, leaseUntil }: Broadcast,
  { cursor, sent = 0, skipped = 0 }: { cursor?: string; sent?: number; skipped?: number },
): Promise<Broadcast | undefined> {
  const update = { $set: { ...lease(app), ...(cursor !== undefined && { cursor }) }, $inc: { sent, skipped } };
  const filter = { _id, state: 'sending' as const, leaseUntil: leaseUntil ?? null };
  return (await app.models.broadcasts.findOneAndUpdate(filter, update, { returnDocument: 'after' }).lean()) ?? undefined;
}

/** Lets go of it until it is due again. */
export async function restBroadcast(app: App, { _id, leaseUntil }: Broadcast, afterMs: number): Promise<void> {
  const dueAt = new Date(app.now() + afterMs);
  await app.models.broadcasts.updateOne({ _id, leaseUntil: leaseUntil ?? null }, { $set: { dueAt }, $unset: { leaseUntil: 1 } });
}

/** Nobody is left to be told, or it is given up. The id of the last account is forgotten. */
export async function endBroadcast(app: App, { _id, leaseUntil }: Broadcast, state: 'sent' | 'stopped'): Promise<void> {
  const set = { state, cursor: '', finishedAt: new Date(app.now()) };
  await app.models.broadcasts.updateOne(
    { _id, leaseUntil: leaseUntil ?? null },
    { $set: set, $unset: { leaseUntil: 1, dueAt: 1 } },
  );
  app.log.info('a broadcast has ended', { reference: _id, state });
}
