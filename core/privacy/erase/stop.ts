import type { GenerationDocument } from '../../../models/generation.ts';
import type { App } from '../../app.ts';
import { change } from '../../generations/change.ts';
import { giveUp } from '../../generations/settle.ts';
import { OPEN_STATES } from '../../generations/states.ts';
import { finishJoining } from '../../wallet/join.ts';
import { removeArchives } from '../archives.ts';
import { withdrawAllConsents } from '../consents.ts';
import { endDownloads } from '../downloads.ts';
import { unpublish, unpublishAll } from '../gallery.ts';
import { census } from './census.ts';
import { type Erasure, generationsOf } from './erasure.ts';
import { OVER, type Step } from './step.ts';
import { dropUpdates } from './updates.ts';

/** How often work that moves on at the same moment is looked at again. */
const ATTEMPTS = 20;
const PAGE = 100;
/** While this holds, nobody else delivers what is to be deleted. */
const LEASE_MS = 20_000;

/** Ends everything that is under way, and then counts what there is. */
export const stop: Step = async (app, erasure) => {
  if (erasure.scope === 'account') await dropUpdates(app, erasure);
  await finishJoins(app, erasure);
  await stopWork(app, erasure);
  const afterMs = await endDeliveries(app, erasure);
  if (afterMs > 0) return { kind: 'waits', afterMs };
  if (erasure.counts.length === 0) {
    const { counts, kept } = await census(app, erasure);
    if (counts.length > 0) return { kind: 'goes on', changes: { set: { counts, kept } } };
  }
  await takeOutOfSight(app, erasure);
  return OVER;
};

/** Gives up every generation that is not made yet, also another account's that these credits pay for, and cancels it at the provider. How many. */
export async function stopWork(app: App, erasure: Erasure): Promise<number> {
  let stopped = 0;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const open = await openOnes(app, erasure);
    if (open.length === 0) return stopped;
    for (const generation of open) {
      // Cancelled first: after a crash in between, whoever asks for the job sees that it ended, and gives it up.
      const job = generation.jobId ? { id: generation.jobId } : await app.provider.find?.(generation._id);
      if (job) await app.provider.cancel(job);
      if (await giveUp(app, generation, 'cancelled')) stopped += 1;
    }
  }
  throw new Error('work went on faster than it could be stopped');
}

async function openOnes(app: App, erasure: Erasure): Promise<GenerationDocument[]> {
  const open = { state: { $in: OPEN_STATES } };
  const own = await app.models.generations
    .find({ $and: [generationsOf(erasure), open] })
    .limit(PAGE)
    .lean();
  if (erasure.scope !== 'account') return own;
  const wallets = await app.models.creditAccounts.find({ _id: { $in: erasure.accountIds ?? [] } }, { holds: 1 }).lean();
  const held = wallets.flatMap(({ holds }) => holds.map(({ id }) => id));
  const others = await app.models.generations.find({ _id: { $in: held }, ...open }).lean();
  return [...own, ...others.filter(({ _id }) => !own.some((one) => one._id === _id))];
}

/**
 * What is made and not delivered stays where it is, and what failed needs not be told. Milliseconds to wait for a send that is under way:
 * what it brings is taken back afterwards.
 */
async function endDeliveries(app: App, erasure: Erasure): Promise<number> {
  const due = await app.models.generations
    .find({ $and: [generationsOf(erasure), { state: { $in: ['done', 'delivering', 'failed'] } }] })
    .lean();
  let afterMs = 0;
  for (const generation of due) {
    const leftMs = (generation.leaseUntil?.getTime() ?? 0) - app.now();
    if (leftMs > 0) afterMs = Math.max(afterMs, leftMs);
    else if (!(await endDelivery(app, generation))) afterMs = Math.max(afterMs, 1);
  }
  return afterMs;
}

async function endDelivery(app: App, generation: GenerationDocument): Promise<boolean> {
  if (generation.state === 'failed') return (await change(app, generation, 'told', { unset: ['dueAt'] })) !== undefined;
  const leaseUntil = new Date(app.now() + LEASE_MS);
  const taken = await change(app, generation, 'deliver', { set: { leaseUntil, dueAt: leaseUntil } });
  const ended = taken && (await change(app, taken, 'undeliverable', { unset: ['leaseUntil', 'dueAt'] }));
  return ended !== undefined;
}

/** Credits on their way between two accounts arrive before either is closed to everybody. */
async function finishJoins(app: App, { accountIds = [] }: Erasure): Promise<void> {
  const joining = await app.models.accounts.find({ _id: { $in: accountIds } }, { joining: 1 }).lean();
  for (const { joining: id } of joining) if (id) await finishJoining(app, id);
}

/** Copies that others could see or fetch: exports, links, the gallery. Safe to repeat, and repeated with the objects. */
export async function takeOutOfSight(app: App, erasure: Erasure): Promise<void> {
  const { scope, accountIds = [], generation } = erasure;
  await removeArchives(app, accountIds);
  await endDownloads(app, accountIds);
  if (scope === 'account' || scope === 'media') await unpublishAll(app, accountIds);
  if (scope === 'video' && generation) {
    for (const accountId of accountIds) await unpublish(app, accountId, generation);
  }
  if (scope !== 'account') return;
  for (const accountId of accountIds) await withdrawAllConsents(app, accountId, app.now());
}
