import type { App } from '../core/app.ts';
import type { Removes, Sends } from '../core/chat.ts';
import { describe } from '../core/log.ts';
import { changeErasure, type Erasure, readErasure } from '../core/privacy/erase/erasure.ts';
import type { Hands } from '../core/privacy/erase/step.ts';
import { LEASE_MS, pauseAfter, takeStep } from '../core/privacy/erase/steps.ts';
import { stopWork } from '../core/privacy/erase/stop.ts';
import { sweepAgain } from '../core/privacy/erase/sweep-again.ts';
import { beginsAt } from '../core/privacy/erasures.ts';
import type { Again } from '../core/queue.ts';

/** What began in the very moment of the confirmation is stopped in a second look. */
const SECOND_LOOK_MS = 60_000;
/** Tidy rings so much later than a step asks for. */
const MARGIN_MS = 10_000;

/** Looks after an erasure: waits, takes its steps, sweeps once more behind it. May run twice, late, beside itself or never. */
export async function run(app: App, sends: Sends, removes: Removes, id: string): Promise<Again | undefined> {
  const erasure = await readErasure(app, id);
  if (erasure?.state === 'waiting') return wait(app, erasure);
  if (erasure?.state === 'done') return sweepAgain(app, erasure);
  if (erasure?.state !== 'running') return undefined;
  const leftMs = (erasure.leaseUntil?.getTime() ?? 0) - app.now();
  if (leftMs > 0) return { afterMs: leftMs };
  const leaseUntil = new Date(app.now() + LEASE_MS);
  const leased = await changeErasure(app, erasure, { set: { leaseUntil, dueAt: leaseUntil } });
  return leased && drive(app, leased, { sends, removes });
}

/** The person may still change their mind. An account that is about to go makes nothing any more. */
async function wait(app: App, erasure: Erasure): Promise<Again | undefined> {
  const begins = beginsAt(erasure);
  if (begins.getTime() <= app.now()) {
    const now = new Date(app.now());
    const begun = await changeErasure(app, erasure, { set: { state: 'running', step: 'journal', startedAt: now, dueAt: now } });
    return begun && { afterMs: 0 };
  }
  if (erasure.scope === 'account') await stopWork(app, erasure);
  const secondLook = (erasure.confirmedAt ?? erasure.createdAt).getTime() + SECOND_LOOK_MS;
  await changeErasure(app, erasure, { set: { dueAt: app.now() < secondLook ? new Date(secondLook) : begins } });
  return undefined;
}

/** One step after the other, until one waits or fails, or somebody else goes on. */
async function drive(app: App, leased: Erasure, hands: Hands): Promise<Again | undefined> {
  let current = leased;
  for (;;) {
    try {
      const { erasure, afterMs } = await takeStep(app, current, hands);
      if (erasure?.state !== 'running') return undefined;
      current = erasure;
      if (afterMs !== undefined) return await rest(app, current, afterMs);
    } catch (error) {
      const tries = current.tries + 1;
      app.log.warn('a step of an erasure failed and will be repeated', {
        reference: current._id,
        state: current.step ?? 'journal',
        attempt: tries,
        ...describe(error),
      });
      return rest(app, current, pauseAfter(tries), tries);
    }
  }
}

/** Lets go of it until then. */
async function rest(app: App, erasure: Erasure, afterMs: number, tries = erasure.tries): Promise<Again> {
  const dueAt = new Date(app.now() + afterMs + MARGIN_MS);
  await changeErasure(app, erasure, { set: { tries, dueAt }, unset: ['leaseUntil'] });
  return { afterMs };
}
