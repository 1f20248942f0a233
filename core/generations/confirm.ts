import type { ClientSession } from 'mongoose';
import type { GenerationDocument } from '../../models/generation.ts';
import type { App } from '../app.ts';
import { applyCredits } from '../credits/account.ts';
import { KeyDestroyed } from '../keys.ts';
import { type Acceptance, type Asked, deadlineOf, LOOK_AFTER_MS, QUESTION_MS, repeated, reservation } from './accept.ts';
import { change } from './change.ts';
import { removeMedia } from './objects.ts';
import { lateFrom } from './promise.ts';
import { keysFor, ownGeneration } from './read.ts';
import { place as placeField } from './sealed.ts';

/**
 * The person has said yes to a price: reserves it and queues the very generation that was asked about, in one transaction. A second
 * yes takes nothing. Undefined: there is no such question (any more).
 */
export async function confirm(asked: Asked, id: string): Promise<Acceptance | undefined> {
  const { app, account, at, place } = asked;
  const question = await ownGeneration(app, account.id, id);
  if (question?.state !== 'asked') return answered(asked, question);
  if (isStale(question, at)) return undefined;
  const deadlineAt = deadlineOf(app, at);
  const set = {
    // It waits in the line from now on, and is brought to where the yes was said.
    createdAt: new Date(at),
    place: placeField.seal(await keysFor(app, account, question), id, place),
    wallet: account.wallet,
    dueAt: new Date(at + LOOK_AFTER_MS),
    promisedAt: lateFrom(app, question, account.ahead, at),
    deadlineAt,
  };
  let queued: GenerationDocument | undefined;
  const outcome = await applyCredits({
    connection: app.connection,
    accountId: account.wallet,
    op: reservation({ ...question, deadlineAt }),
    at,
    snapshot: account.credits,
    alongside: async (session: ClientSession) => {
      queued = await change(app, question, 'confirm', { set }, session);
      return queued !== undefined;
    },
  });
  if (outcome.kind === 'rejected' && outcome.reason === 'account_closed') throw new KeyDestroyed();
  if (outcome.kind === 'rejected') {
    const { available, held } = outcome.account;
    return { kind: 'rejected', reason: outcome.reason, price: question.price, available, held };
  }
  await app.queue.ring('generate', id);
  if (outcome.kind !== 'applied' || !queued) return answered(asked, await ownGeneration(app, account.id, id));
  return { kind: 'accepted', generation: queued, available: outcome.account.available, ahead: account.ahead };
}

const answered = (asked: Asked, generation: GenerationDocument | undefined): Acceptance | undefined =>
  generation && generation.state !== 'rejected' ? repeated(asked, generation) : undefined;

const isStale = ({ createdAt }: GenerationDocument, at: number): boolean => createdAt.getTime() + QUESTION_MS <= at;

/** Nobody has said yes in time: removes the question with its picture. Milliseconds until then when it is too early. */
export async function forgetQuestion(app: App, question: GenerationDocument): Promise<{ afterMs: number } | undefined> {
  if (!isStale(question, app.now())) return { afterMs: question.createdAt.getTime() + QUESTION_MS - app.now() };
  const { _id, rev, hasImage } = question;
  const { deletedCount } = await app.models.generations.deleteOne({ _id, rev, state: 'asked' });
  if (deletedCount > 0 && hasImage) await removeMedia(app, 'image', _id);
  return undefined;
}
