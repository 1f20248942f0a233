import { ERASURE_STEPS } from '../../../models/erasure.ts';
import type { App } from '../../app.ts';
import { writeJournal } from '../journal.ts';
import { documentsLeft, removeDocuments } from './documents.ts';
import { changeErasure, type Erasure, type ErasureStep } from './erasure.ts';
import { freeze } from './freeze.ts';
import { destroyKeys } from './key.ts';
import { clearChats } from './messages.ts';
import { removeObjects } from './objects.ts';
import { askProcessors } from './processors.ts';
import { type Hands, type Outcome, OVER, type Step } from './step.ts';
import { stop } from './stop.ts';
import { tell } from './tell.ts';

/** In the order of ERASURE_STEPS: nothing is destroyed before the journal names it. */
const STEPS: Record<ErasureStep, Step> = {
  journal: async (app, erasure) => {
    await writeJournal(app, erasure);
    return OVER;
  },
  freeze: async (app, erasure) => (erasure.scope === 'account' ? { kind: 'moved', erasure: await freeze(app, erasure) } : OVER),
  stop,
  processors: askProcessors,
  chat: clearChats,
  key: destroyKeys,
  objects: removeObjects,
  documents: removeDocuments,
  check: async (app, erasure) => {
    const left = await documentsLeft(app, erasure);
    if (left.length === 0) return OVER;
    app.log.warn('something was written while an account was deleted', { reference: erasure._id, where: left.join(' ') });
    return { kind: 'over', back: 'objects' };
  },
  tell,
};

/** While this holds, no other process takes a step of the same erasure. */
export const LEASE_MS = 15_000;

export type Taken = { erasure: Erasure | undefined; afterMs?: number };

/** Takes the step that is next and stores how far it came. `erasure` is undefined when somebody else has moved it on meanwhile. */
export async function takeStep(app: App, erasure: Erasure, hands: Hands): Promise<Taken> {
  const step = erasure.step ?? 'journal';
  const outcome = await STEPS[step](app, erasure, hands);
  if (outcome.kind === 'moved') return { erasure: outcome.erasure };
  if (outcome.kind === 'waits') return { erasure, afterMs: outcome.afterMs };
  return store(app, erasure, step, outcome);
}

async function store(
  app: App,
  erasure: Erasure,
  step: ErasureStep,
  outcome: Extract<Outcome, { kind: 'over' | 'goes on' }>,
): Promise<Taken> {
  const { set = {}, unset = [] } = outcome.changes ?? {};
  const leaseUntil = new Date(app.now() + LEASE_MS);
  if (outcome.kind === 'goes on') {
    const moved = await changeErasure(app, erasure, { set: { leaseUntil, dueAt: leaseUntil, ...set }, unset });
    return { erasure: moved, ...(outcome.afterMs !== undefined && { afterMs: outcome.afterMs }) };
  }
  if (set.state === 'done')
    return { erasure: await changeErasure(app, erasure, { set: { ...set, tries: 0 }, unset: [...unset, 'cursor'] }) };
  const next = outcome.back ?? ERASURE_STEPS[ERASURE_STEPS.indexOf(step) + 1];
  if (!next) throw new Error('an erasure has no step behind its last');
  // What comes back to a step is tried again with growing pauses.
  const tries = outcome.back ? erasure.tries + 1 : 0;
  const changes = { set: { leaseUntil, dueAt: leaseUntil, ...set, step: next, tries }, unset: [...unset, 'cursor' as const] };
  return { erasure: await changeErasure(app, erasure, changes), ...(outcome.back && { afterMs: pauseAfter(tries) }) };
}

/** Milliseconds to wait after so many failures. */
export const pauseAfter = (tries: number): number => Math.min(10 * 60_000, 1_000 * 2 ** Math.min(tries, 20));
