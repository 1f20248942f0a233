import type { App } from '../core/app.ts';
import { UNMADE_STATES } from '../core/generations/states.ts';
import { finishJoins } from '../core/wallet/join.ts';

const PAGE = 100;
/** What was rung and is still due is looked at again after this. */
const AGAIN_MS = 10_000;

/** Rings again for everything that is due. Decides nothing: the ordinary steps do, so it may run anywhere, twice or never. */
export async function tidy(app: App): Promise<number> {
  const rung = (await ringGenerations(app)) + (await ringPayments(app)) + (await ringEvents(app)) + (await finishJoins(app));
  if (rung > 0) app.log.info('tidy rang again', { count: rung });
  return rung;
}

async function ringGenerations(app: App): Promise<number> {
  const { generations } = app.models;
  const due = await generations.find(dueBy(app), { state: 1 }).sort({ dueAt: 1 }).limit(PAGE).lean();
  for (const { _id: id, state } of due) {
    const unmade = UNMADE_STATES.some((one) => one === state);
    await app.queue.ring(unmade ? 'generate' : 'deliver', id);
  }
  if (due.length > 0) await generations.updateMany({ _id: { $in: due.map(({ _id }) => _id) }, ...dueBy(app) }, later(app));
  return due.length;
}

/** Somebody is still to be told of them, or they are to be looked after. */
async function ringPayments(app: App): Promise<number> {
  const { payments } = app.models;
  const due = await payments.find(dueBy(app), { tell: 1 }).sort({ dueAt: 1 }).limit(PAGE).lean();
  for (const { _id: id, tell } of due) await app.queue.ring(tell ? 'notify' : 'payments', id);
  if (due.length > 0) await payments.updateMany({ _id: { $in: due.map(({ _id }) => _id) }, ...dueBy(app) }, later(app));
  return due.length;
}

async function ringEvents(app: App): Promise<number> {
  const { processedEvents } = app.models;
  const due = await processedEvents.find(dueBy(app), { _id: 1 }).sort({ dueAt: 1 }).limit(PAGE).lean();
  for (const { _id: id } of due) await app.queue.ring('payments', id);
  if (due.length > 0) await processedEvents.updateMany({ _id: { $in: due.map(({ _id }) => _id) }, ...dueBy(app) }, later(app));
  return due.length;
}

const dueBy = (app: App) => ({ dueAt: { $lte: new Date(app.now()) } });
const later = (app: App) => ({ $set: { dueAt: new Date(app.now() + AGAIN_MS) } });
