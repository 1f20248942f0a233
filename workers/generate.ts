import type { App } from '../core/app.ts';
import type { Sends } from '../core/chat.ts';
import { change } from '../core/generations/change.ts';
import { forgetQuestion } from '../core/generations/confirm.ts';
import type { Generation } from '../core/generations/generation.ts';
import { getMedia } from '../core/generations/objects.ts';
import { lookOf } from '../core/generations/options.ts';
import { freeIfLate } from '../core/generations/promise.ts';
import { keysOf, readGeneration } from '../core/generations/read.ts';
import { prompt as promptField } from '../core/generations/sealed.ts';
import { giveUp } from '../core/generations/settle.ts';
import { isOneOf, OPEN_STATES } from '../core/generations/states.ts';
import { nextTurn, ringNext } from '../core/generations/turn.ts';
import { describe } from '../core/log.ts';
import { type JobRef, SubmitRejected, Transient, type VideoRequest } from '../core/providers/provider.ts';
import type { Again } from '../core/queue.ts';
import { keepVideo } from './keep-video.ts';
import { tellLate, tellProgress } from './news.ts';

/** How long a submit may take before somebody else looks after it; a repeatable one is simply repeated sooner. */
const SUBMIT_MS = 35_000;
const REPEAT_MS = 5_000;
const LOOK_AFTER_MS = 15_000;

/** One step of a generation towards its video. May run twice, late, beside itself or never. */
export async function run(app: App, sends: Sends, id: string): Promise<Again | undefined> {
  const generation = await readPunctual(app, sends, id);
  switch (generation?.state) {
    case 'asked':
      return forgetQuestion(app, generation);
    case 'queued':
      return start(app, generation);
    case 'submitting':
      return recover(app, generation);
    case 'submitted':
      return poll(app, sends, generation);
    case 'failed':
    case 'told':
      return stopAtProvider(app, generation);
    default:
      return undefined;
  }
}

/** The generation as it is stored; a late one is made free before anything else. */
async function readPunctual(app: App, sends: Sends, id: string): Promise<Generation | undefined> {
  const generation = await readGeneration(app, id);
  if (!generation || !isOneOf(generation.state, OPEN_STATES)) return generation;
  const freed = await freeIfLate(app, generation);
  if (!freed) return generation;
  if (!isTooLate(app, freed)) await tellLate(app, sends, freed);
  return freed;
}

async function start(app: App, generation: Generation): Promise<Again | undefined> {
  if (isTooLate(app, generation)) return tooLate(app, generation);
  const turn = await nextTurn(app);
  if (turn === generation._id) return submit(app, await change(app, generation, 'claim', claimed(app)));
  if (turn) await app.queue.ring('generate', turn);
  return undefined;
}

const claimed = (app: App) => {
  const leaseUntil = new Date(app.now() + (app.provider.repeatable ? REPEAT_MS : SUBMIT_MS));
  return { set: { leaseUntil, dueAt: leaseUntil } };
};

/** The intent is stored before the one paid call, the provider's id right after it. */
async function submit(app: App, generation: Generation | undefined): Promise<Again | undefined> {
  if (!generation) return undefined;
  const { _id: id } = generation;
  try {
    const job = await app.provider.submit(await requestOf(app, generation));
    return submitted(app, generation, job.id);
  } catch (error) {
    if (error instanceof SubmitRejected) {
      await giveUp(app, generation, error.reason);
      return undefined;
    }
    app.log.warn('submit may or may not have arrived', { generation: id, provider: app.provider.name, ...describe(error) });
    return { afterMs: REPEAT_MS };
  }
}

async function submitted(app: App, generation: Generation, jobId: string): Promise<Again | undefined> {
  const set = { jobId, dueAt: new Date(app.now() + LOOK_AFTER_MS) };
  const moved = await change(app, generation, 'submitted', { set, unset: ['leaseUntil'] });
  if (moved) return { afterMs: app.provider.pollEveryMs };
  // Given up while the call was on its way: nobody waits for this job any more.
  await app.provider.cancel({ id: jobId });
  return undefined;
}

async function requestOf(app: App, generation: Generation): Promise<VideoRequest> {
  const { _id: id, seed, hasImage } = generation;
  const keys = await keysOf(app, generation);
  return {
    reference: id,
    prompt: promptField.open(keys, id, generation.prompt),
    ...lookOf(generation),
    seed,
    ...(hasImage && { image: await getMedia(app, keys, 'image', id) }),
  };
}

/** Found between intent and answer: looked up or repeated where that is free, never paid for twice. */
async function recover(app: App, generation: Generation): Promise<Again | undefined> {
  const leftMs = (generation.leaseUntil?.getTime() ?? 0) - app.now();
  if (leftMs > 0) return { afterMs: leftMs };
  if (app.provider.repeatable) return submit(app, await change(app, generation, 'claimAgain', claimed(app)));
  const job = await app.provider.find?.(generation._id);
  if (job) return submitted(app, generation, job.id);
  if (!isTooLate(app, generation)) return { afterMs: REPEAT_MS };
  await giveUp(app, generation, 'submit_unknown');
  return undefined;
}

/** A video that cannot be stored until its deadline is given up like any other that is too late. */
async function keep(app: App, generation: Generation, job: JobRef): Promise<undefined> {
  try {
    await keepVideo(app, generation, job);
  } catch (error) {
    if (!isTooLate(app, generation)) throw error;
    app.log.warn('the video could not be kept', { generation: generation._id, ...describe(error) });
    await tooLate(app, generation);
  }
}

async function poll(app: App, sends: Sends, generation: Generation): Promise<Again | undefined> {
  const job = { id: generation.jobId ?? '' };
  try {
    const answer = await app.provider.poll(job);
    if (answer.state === 'succeeded') return await keep(app, generation, job);
    if (answer.state === 'failed') {
      await giveUp(app, generation, answer.reason);
      return undefined;
    }
    if (answer.state === 'unknown' && app.provider.repeatable) {
      return submit(app, await change(app, generation, 'claimAgain', claimed(app)));
    }
    if (isTooLate(app, generation)) return tooLate(app, generation);
    if (answer.state === 'running') await tellProgress(app, sends, generation, answer.progress ?? 0);
    return { afterMs: app.provider.pollEveryMs };
  } catch (error) {
    if (!(error instanceof Transient)) throw error;
    return isTooLate(app, generation) ? tooLate(app, generation) : { afterMs: error.retryAfterMs };
  }
}

const isTooLate = (app: App, { deadlineAt }: Generation): boolean => deadlineAt.getTime() <= app.now();

async function tooLate(app: App, generation: Generation): Promise<undefined> {
  await giveUp(app, generation, 'too_late');
}

/** Nobody waits for this job: stops it, and lets the next one begin. */
async function stopAtProvider(app: App, generation: Generation): Promise<undefined> {
  if (generation.jobId) await app.provider.cancel({ id: generation.jobId });
  await ringNext(app);
}
