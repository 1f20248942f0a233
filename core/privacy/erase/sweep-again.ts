import type { App } from '../../app.ts';
import { clearRooms, documentsLeft } from './documents.ts';
import { changeErasure, type Erasure } from './erasure.ts';
import { destroyKeysOf } from './key.ts';
import { removeObjects } from './objects.ts';

/** So much later it is looked at again where something was still found. */
const AGAIN_MS = 10 * 60_000;

/**
 * Some minutes after the end: what a slow process wrote meanwhile goes too. Then the erasure forgets whose it was; what is left of it is the
 * receipt. Milliseconds until then when it is too early.
 */
export async function sweepAgain(app: App, erasure: Erasure): Promise<{ afterMs: number } | undefined> {
  const { accountIds, dueAt, scope } = erasure;
  if (!accountIds || !dueAt) return undefined;
  const due = (erasure.doneAt?.getTime() ?? 0) + AGAIN_MS;
  if (due > app.now()) return { afterMs: due - app.now() };
  if (scope === 'account') {
    const left = await documentsLeft(app, erasure);
    await destroyKeysOf(app, erasure);
    await removeAllObjects(app, erasure);
    await clearRooms(app, erasure);
    if (left.length > 0) {
      app.log.warn('something was written after an account was deleted', { reference: erasure._id, where: left.join(' ') });
      await changeErasure(app, erasure, { set: { dueAt: new Date(app.now() + AGAIN_MS) } });
      return { afterMs: AGAIN_MS };
    }
  }
  await app.queue.forgetEvents();
  const unset = ['accountIds', 'keyIds', 'place', 'generation', 'cursor', 'dueAt', 'leaseUntil'] as const;
  await changeErasure(app, erasure, { unset });
  return undefined;
}

/** By pages, behind a cursor that nobody needs to store: it may begin again. */
async function removeAllObjects(app: App, erasure: Erasure): Promise<void> {
  for (let cursor: string | undefined; ; ) {
    const page = { ...erasure, ...(cursor && { cursor }) };
    const outcome = await removeObjects(app, page, { sends: {}, removes: {} });
    cursor = outcome.kind === 'goes on' ? outcome.changes.set?.cursor : undefined;
    if (!cursor) return;
  }
}
