import type { App } from '../app.ts';
import { nextInLine } from './line.ts';
import { RUNNING_STATES } from './states.ts';

/** How much of a long line is looked at for the fairest choice. */
const PAGE = 200;

/** Whose turn it is now; undefined while every slot is taken or nobody waits. */
export async function nextTurn(app: App): Promise<string | undefined> {
  const { generations } = app.models;
  const running = await generations
    .find({ state: { $in: RUNNING_STATES } }, { accountId: 1 })
    .limit(app.provider.slots)
    .lean();
  if (running.length >= app.provider.slots) return undefined;
  const waiting = await generations.find({ state: 'queued' }, { accountId: 1 }).sort({ createdAt: 1 }).limit(PAGE).lean();
  return nextInLine(
    waiting.map(({ _id, accountId }) => ({ id: _id, accountId })),
    running.map(({ accountId }) => accountId),
  );
}

/** A slot is free: calls whose turn it is. */
export async function ringNext(app: App): Promise<void> {
  const next = await nextTurn(app);
  if (next) await app.queue.ring('generate', next);
}
