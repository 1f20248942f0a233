import type { GenerationDocument } from '../../models/generation.ts';
import type { App } from '../app.ts';
import { applyCredits } from '../credits/account.ts';
import { note } from './change.ts';
import { payerOf } from './read.ts';
import { releasing } from './settle.ts';

/** What a provider needs to know to say how long it takes. */
type Estimated = Parameters<App['provider']['estimate']>[0];

/** It is late after three times the estimate, and never sooner than this. */
const SHORTEST_MS = 120_000;

/** Seconds until the video should be there, when so many generations are ahead of it. */
export const estimateOf = (app: App, wish: Estimated, ahead: number): number =>
  (Math.floor(ahead / app.provider.slots) + 1) * app.provider.estimate(wish);

/** From when on a generation that is accepted at `at` (milliseconds since the epoch) is late. */
export const lateFrom = (app: App, wish: Estimated, ahead: number, at: number): Date =>
  new Date(at + Math.max(SHORTEST_MS, 3 * 1000 * estimateOf(app, wish, ahead)));

/**
 * Late is free: gives the credits back and marks the generation, together, and its work goes on. Undefined: it is not late, is free
 * already, or somebody else has changed it.
 */
export async function freeIfLate(app: App, generation: GenerationDocument): Promise<GenerationDocument | undefined> {
  const { promisedAt, free, leaseUntil } = generation;
  if (free || !promisedAt || promisedAt.getTime() > app.now()) return undefined;
  // Somebody's submit is on its way, and must find the generation as it was.
  if (leaseUntil && leaseUntil.getTime() > app.now()) return undefined;
  let freed: GenerationDocument | undefined;
  const outcome = await applyCredits({
    connection: app.connection,
    accountId: payerOf(generation),
    op: releasing(generation),
    at: app.now(),
    alongside: async (session) => {
      freed = await note(app, generation, { set: { free: true } }, session);
      return freed !== undefined;
    },
  });
  if (outcome.kind !== 'applied') return undefined;
  app.log.info('generation is late and free', { generation: generation._id });
  return freed;
}
