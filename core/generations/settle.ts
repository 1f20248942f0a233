import type { GenerationDocument } from '../../models/generation.ts';
import type { App } from '../app.ts';
import { applyCredits } from '../credits/account.ts';
import type { Op } from '../credits/types.ts';
import { GRACE_MS } from '../payments/subscriptions.ts';
import { type Changes, change } from './change.ts';
import { payerOf, readGeneration } from './read.ts';
import { isOneOf, OPEN_STATES } from './states.ts';

/** The operation that gives a generation's credits back; of a plan that ended meanwhile they live on for a while. */
export const releasing = ({ _id }: Pick<GenerationDocument, '_id'>) =>
  ({ key: `release:${_id}`, type: 'release', holdId: _id, graceMs: GRACE_MS }) as const;

/** The video is stored: takes the reserved credits, unless it is free, and marks it done, together. False: somebody else has settled it. */
export const finish = (
  app: App,
  generation: GenerationDocument,
  video: NonNullable<GenerationDocument['video']>,
): Promise<boolean> =>
  settle(
    app,
    generation,
    'finish',
    { key: `capture:${generation._id}`, type: 'capture', holdId: generation._id },
    { set: { video, dueAt: soon(app) }, unset: ['leaseUntil'] },
  );

/** Gives the reserved credits back and marks it failed, together. False: somebody else has settled it. */
export async function giveUp(app: App, generation: GenerationDocument, fault: string): Promise<boolean> {
  const settled = await settle(app, generation, 'fail', releasing(generation), {
    set: { fault, dueAt: soon(app) },
    unset: ['leaseUntil'],
  });
  if (settled) {
    app.log.info('generation given up', { generation: generation._id, code: fault });
    await app.queue.ring('deliver', generation._id);
    await app.queue.ring('generate', generation._id);
  }
  return settled;
}

async function settle(
  app: App,
  generation: GenerationDocument,
  name: 'finish' | 'fail',
  op: Op,
  changes: Changes,
): Promise<boolean> {
  // Late ones are free: their credits are back already.
  if (generation.free) return (await change(app, generation, name, changes)) !== undefined;
  const outcome = await applyCredits({
    connection: app.connection,
    accountId: payerOf(generation),
    op,
    at: app.now(),
    alongside: async (session) => (await change(app, generation, name, changes, session)) !== undefined,
  });
  if (outcome.kind === 'applied') return true;
  const now = await readGeneration(app, generation._id);
  // It became free in this very moment.
  return now?.free === true && isOneOf(now.state, OPEN_STATES) ? settle(app, now, name, op, changes) : false;
}

/** Tidy looks after it when no doorbell was heard. */
const soon = (app: App): Date => new Date(app.now() + 10_000);
