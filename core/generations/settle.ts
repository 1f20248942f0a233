import type { GenerationDocument } from '../../models/generation.ts';
import type { App } from '../app.ts';
import { applyCredits } from '../credits/account.ts';
import type { Op } from '../credits/types.ts';
import { type Changes, change } from './change.ts';

/** The video is stored: takes the reserved credits and marks it done, together. False: somebody else has settled it. */
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
  const op = { key: `release:${generation._id}`, type: 'release', holdId: generation._id } as const;
  const settled = await settle(app, generation, 'fail', op, { set: { fault, dueAt: soon(app) }, unset: ['leaseUntil'] });
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
  const outcome = await applyCredits({
    connection: app.connection,
    accountId: generation.accountId,
    op,
    at: app.now(),
    alongside: async (session) => (await change(app, generation, name, changes, session)) !== undefined,
  });
  return outcome.kind === 'applied';
}

/** Tidy looks after it when no doorbell was heard. */
const soon = (app: App): Date => new Date(app.now() + 10_000);
