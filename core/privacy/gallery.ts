import { randomBytes } from 'node:crypto';
import type { GalleryItemDocument } from '../../models/gallery-item.ts';
import { GENERATIONS, type GenerationDocument } from '../../models/generation.ts';
import type { App } from '../app.ts';
import { UserError } from '../errors.ts';
import { readMedia } from '../generations/objects.ts';
import { isWatchable, keysOf } from '../generations/read.ts';
import { KeyDestroyed } from '../keys.ts';
import { ObjectMissing } from '../storage.ts';
import { isDuplicateKey } from '../transaction.ts';
import { type ConsentProof, prove, stillHolds, withdrawAllConsents, withdrawConsent } from './consents.ts';
import { FORM_NAMES, type Form, itemsOf, nameOf } from './gallery/seen.ts';

/** Tidy looks after what a doorbell did not reach. */
const LOOK_AFTER_MS = 10_000;
const PAGE = 100;

/**
 * Puts a video into the gallery: a copy of its own, which a worker makes and then shows. The same again is the same item. Throws
 * UserError where the proof does not hold (any more) or there is no such video.
 */
export async function publish(app: App, proof: ConsentProof<'gallery'>, generation: GenerationDocument): Promise<void> {
  const isAbout = proof.subject === generation._id && proof.accountId === generation.accountId;
  if (!isAbout || !(await stillHolds(app, proof))) {
    throw new UserError('no_consent', 'You have not agreed to show this video, so it is not shown. /privacy consents asks you.');
  }
  const { video } = generation;
  if (!video || !isWatchable(generation)) {
    throw new UserError('no_video', 'There is no video to show: it is not made yet, or it was deleted. /videos shows yours.');
  }
  const item: GalleryItemDocument = {
    _id: randomBytes(16).toString('base64url'),
    accountId: generation.accountId,
    generation: generation._id,
    consent: proof.consent,
    state: 'copying',
    ...{ seconds: video.seconds, width: video.width, height: video.height, size: video.size },
    createdAt: new Date(app.now()),
    dueAt: new Date(app.now() + LOOK_AFTER_MS),
  };
  try {
    await itemsOf(app).insertOne(item);
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    return publishAgain(app, proof, generation);
  }
  await app.queue.ring('gallery', item._id);
}

/** It is there already, or just going: then it goes first, and comes back under another name. */
async function publishAgain(app: App, proof: ConsentProof<'gallery'>, generation: GenerationDocument): Promise<void> {
  const item = await itemsOf(app).findOne({ generation: generation._id });
  if (item && item.state !== 'leaving') {
    await itemsOf(app).updateOne({ _id: item._id, state: item.state }, { $set: { consent: proof.consent } });
    await app.queue.ring('gallery', item._id);
    return;
  }
  if (item) await leave(app, item);
  return publish(app, proof, generation);
}

/** The next step of an item: copies it and shows it, or takes it away. Safe to repeat, and to run in two processes at once. */
export async function continueItem(app: App, slug: string): Promise<void> {
  const item = await itemsOf(app).findOne({ _id: slug });
  if (item?.state === 'leaving') return leave(app, item);
  if (item?.state !== 'copying') return;
  const size = (await prove(app, item.accountId, 'gallery', item.generation)) && (await copy(app, item));
  if (size !== undefined && (await show(app, item, size))) {
    app.log.info('a video is in the gallery', { reference: slug });
    return;
  }
  // Withdrawn meanwhile, by a step that may be over: what was just stored is nobody's to remove but ours.
  const fate = { $set: { state: 'leaving', dueAt: new Date(app.now()) } } as const;
  await itemsOf(app).updateOne({ _id: slug, state: 'copying' }, fate);
  const left = await itemsOf(app).findOne({ _id: slug });
  if (left?.state !== 'shown') await leave(app, item);
}

/** Only while it is still to be copied: a withdrawal has changed the state in its own transaction. */
async function show(app: App, { _id }: GalleryItemDocument, size: number): Promise<boolean> {
  const { matchedCount } = await itemsOf(app).updateOne(
    { _id, state: 'copying' },
    { $set: { state: 'shown', size, shownAt: new Date(app.now()) }, $unset: { dueAt: 1 } },
  );
  return matchedCount === 1;
}

/** The bytes of the video; undefined: there is nothing to copy (any more). */
async function copy(app: App, { _id: slug, accountId, generation: id }: GalleryItemDocument): Promise<number | undefined> {
  const generation = await app.connection.collection<GenerationDocument>(GENERATIONS).findOne({ _id: id, accountId });
  if (!generation || !isWatchable(generation)) return undefined;
  try {
    const keys = await keysOf(app, generation);
    const copyOf = async (form: Form) =>
      app.storage.write(nameOf(slug, form), await readMedia(app, keys, form, id), app.keys.galleryKey, { purpose: 'gallery' });
    await copyOf('poster');
    return await copyOf('video');
  } catch (error) {
    if (error instanceof KeyDestroyed || error instanceof ObjectMissing) return undefined;
    throw error;
  }
}

/** Objects first: the document is what remembers them. */
async function leave(app: App, { _id: slug }: Pick<GalleryItemDocument, '_id'>): Promise<void> {
  await app.storage.remove(FORM_NAMES.map((form) => nameOf(slug, form)));
  await itemsOf(app).deleteOne({ _id: slug, state: 'leaving' });
}

/**
 * Takes one video of an account out of the gallery and withdraws the consent to it where it still holds. From then on it is not shown; its
 * copy is removed before this resolves, or by the worker where this process dies.
 */
export async function unpublish(app: App, accountId: string, generationId: string): Promise<void> {
  const act = { account: { id: accountId }, channel: 'erasure', language: 'en', at: app.now() } as const;
  await withdrawConsent(app, { ...act, purpose: 'gallery', subject: generationId });
  await hideAndLeave(app, { accountId, generation: generationId });
}

/** The same for everything of these accounts. */
export async function unpublishAll(app: App, accountIds: readonly string[]): Promise<void> {
  for (const accountId of accountIds) {
    await withdrawAllConsents(app, accountId, app.now(), 'gallery');
    await hideAndLeave(app, { accountId });
  }
}

async function hideAndLeave(app: App, filter: { accountId: string; generation?: string }): Promise<void> {
  await itemsOf(app).updateMany(filter, { $set: { state: 'leaving', dueAt: new Date(app.now()) } });
  for (;;) {
    const items = await itemsOf(app)
      .find({ ...filter, state: 'leaving' })
      .limit(PAGE)
      .toArray();
    for (const item of items) await leave(app, item);
    if (items.length < PAGE) return;
  }
}
