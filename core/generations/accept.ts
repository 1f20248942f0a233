import { GENERATIONS, type GenerationDocument } from '../../models/generation.ts';
import type { Account } from '../accounts.ts';
import type { App } from '../app.ts';
import type { Place } from '../chat.ts';
import { applyCredits, type Outcome } from '../credits/account.ts';
import { reduce } from '../credits/ledger.ts';
import type { Op, Rejection } from '../credits/types.ts';
import { KeyDestroyed } from '../keys.ts';
import { seedOf } from '../random.ts';
import { isDuplicateKey } from '../transaction.ts';
import { putMedia, removeMedia } from './objects.ts';
import { askAbove, type Look, priceOf } from './options.ts';
import { lateFrom } from './promise.ts';
import { place as placeField, prompt as promptField } from './sealed.ts';

export interface Wish extends Look {
  prompt: string;
  /** A prepared JPEG: image to video. */
  image?: Buffer;
}

export type Acceptance =
  | { kind: 'accepted'; generation: GenerationDocument; available: number; ahead: number }
  /** Nothing is reserved until the person says yes. */
  | { kind: 'asked'; generation: GenerationDocument; available: number }
  | { kind: 'rejected'; reason: string; price: number; available: number; held: number };

export interface Asked {
  app: App;
  account: Account;
  place: Place;
  /** Id of the request, which becomes the generation's. */
  id: string;
  at: number;
}

/** A queued generation that no doorbell reached is looked after this much later. */
export const LOOK_AFTER_MS = 10_000;
/** So long a question about the price can be answered. */
export const QUESTION_MS = 3_600_000;

/**
 * Reserves the price and queues the generation, in one transaction, or asks first where the price is high. The same request again gives
 * the same answer and takes nothing.
 */
export async function accept(asked: Asked, wish: Wish): Promise<Acceptance> {
  const { app, account, id, at } = asked;
  if (account.earlier) return repeated(asked, account.earlier);
  const price = priceOf({ seconds: wish.seconds, hasImage: wish.image !== undefined });
  const generation = newGeneration(asked, wish, price, price > askAbove(account.settings) ? 'asked' : 'queued');
  const op = reservation(generation);
  // Decided on the account as it was read together with the answer to "did this request come before": no second look is needed.
  const decision = reduce(account.credits, op, at);
  if (decision.kind === 'rejected' && decision.reason === 'account_closed') throw new KeyDestroyed();
  if (decision.kind === 'rejected') return reject(asked, wish, price, decision.reason);
  if (wish.image) await putMedia(app, account.keys, 'image', id, wish.image);
  if (generation.state === 'asked') return askFirst(asked, generation);
  const outcome = await reserve(asked, op, generation);
  if (outcome.kind === 'rejected') {
    if (wish.image) await removeMedia(app, 'image', id);
    // Closed together with its account, or gone with it: not even a refusal is written down any more.
    if (outcome.reason === 'account_closed' || !(await isActive(asked))) throw new KeyDestroyed();
    return reject(asked, wish, price, outcome.reason);
  }
  await app.queue.ring('generate', id);
  if (outcome.kind !== 'applied') return answerOfTwin(asked);
  return { kind: 'accepted', generation, available: outcome.account.available, ahead: account.ahead };
}

/** The operation that sets a generation's price aside. */
export const reservation = ({ _id, price, deadlineAt }: GenerationDocument) =>
  ({ key: `reserve:${_id}`, type: 'reserve', holdId: _id, amount: price, until: deadlineAt.getTime() }) as const;

async function askFirst(asked: Asked, generation: GenerationDocument): Promise<Acceptance> {
  try {
    await generationsOf(asked.app).insertOne(generation);
  } catch (error) {
    if (isDuplicateKey(error)) return answerOfTwin(asked);
    throw error;
  }
  await takeBackIfLeaving(asked);
  return { kind: 'asked', generation, available: asked.account.credits.available };
}

const isActive = async ({ app, account }: Pick<Asked, 'app' | 'account'>): Promise<boolean> =>
  (await app.models.accounts.exists({ _id: account.id, status: 'active' })) !== null;

/**
 * Looked at after the question was stored: whoever freezes an account before this look is seen by it, and whoever freezes it later finds
 * the question among what is to be removed.
 */
async function takeBackIfLeaving({ app, account, id }: Asked): Promise<void> {
  if (await isActive({ app, account })) return;
  await app.models.generations.deleteOne({ _id: id, accountId: account.id, state: 'asked' });
  await removeMedia(app, 'image', id);
  throw new KeyDestroyed();
}

async function reserve(
  { app, account, at }: Asked,
  op: Op,
  generation: GenerationDocument,
): Promise<Outcome | { kind: 'known' }> {
  try {
    return await applyCredits({
      connection: app.connection,
      accountId: account.wallet,
      op,
      at,
      snapshot: account.credits,
      alongside: async (session) => {
        await generationsOf(app).insertOne(generation, { session });
      },
    });
  } catch (error) {
    // A twin of this request was refused a moment ago: that answer stands.
    if (isDuplicateKey(error)) return { kind: 'known' };
    throw error;
  }
}

const generationsOf = (app: App) => app.connection.collection<GenerationDocument>(GENERATIONS);

/** The same request arrived twice at the same moment, and the other one was faster. */
async function answerOfTwin(asked: Asked): Promise<Acceptance> {
  const twin = await asked.app.models.generations.findOne({ _id: asked.id, accountId: asked.account.id }).lean();
  if (!twin) throw new Error('a request is known and its generation is not there');
  return repeated(asked, twin);
}

/** The answer to a request that has made this generation before. */
export function repeated({ account }: Asked, earlier: GenerationDocument): Acceptance {
  const { available, held } = account.credits;
  const { state, fault, price } = earlier;
  if (state === 'rejected') return { kind: 'rejected', reason: fault ?? 'insufficient', price, available, held };
  if (state === 'asked') return { kind: 'asked', generation: earlier, available };
  return { kind: 'accepted', generation: earlier, available, ahead: Math.max(0, account.ahead - 1) };
}

/** The refusal is written down: the same request arriving late, after a top-up, must not charge unasked. */
async function reject(asked: Asked, wish: Wish, price: number, reason: Rejection): Promise<Acceptance> {
  const { app, account } = asked;
  const { dueAt: _, ...rejected } = newGeneration(asked, { ...wish, prompt: '' }, price, 'rejected');
  try {
    await generationsOf(app).insertOne({ ...rejected, fault: reason });
  } catch (error) {
    if (isDuplicateKey(error)) return answerOfTwin(asked);
    throw error;
  }
  const { available, held } = account.credits;
  return { kind: 'rejected', reason, price, available, held };
}

function newGeneration(asked: Asked, wish: Wish, price: number, state: 'asked' | 'queued' | 'rejected'): GenerationDocument {
  const { app, account, place, id, at } = asked;
  return {
    _id: id,
    accountId: account.id,
    wallet: account.wallet,
    keyId: account.keyId,
    rev: 0,
    state,
    prompt: promptField.seal(account.keys, id, wish.prompt),
    place: placeField.seal(account.keys, id, place),
    hasImage: wish.image !== undefined,
    style: wish.style,
    aspectRatio: wish.aspectRatio,
    seconds: wish.seconds,
    seed: seedOf(id),
    price,
    tries: 0,
    createdAt: new Date(at),
    dueAt: new Date(at + (state === 'asked' ? QUESTION_MS : LOOK_AFTER_MS)),
    ...(state === 'queued' && { promisedAt: lateFrom(app, wish, account.ahead, at) }),
    deadlineAt: deadlineOf(app, at),
  };
}

/** When a generation that was accepted then is given up. */
export const deadlineOf = (app: App, at: number): Date => new Date(at + app.config.GIVE_UP_MINUTES * 60_000);
