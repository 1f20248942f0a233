import { randomUUID } from 'node:crypto';
import type { App } from '../../../core/app.ts';
import { putMedia } from '../../../core/generations/objects.ts';
import { prompt as promptField } from '../../../core/generations/sealed.ts';
import { grantConsent, type Purpose, prove } from '../../../core/privacy/consents.ts';
import { publish } from '../../../core/privacy/gallery.ts';
import type { AccountDocument } from '../../../models/account.ts';
import type { GenerationDocument } from '../../../models/generation.ts';
import { shareApp } from '../../support/app.ts';

/** One app for all tests of a file, with a clock that stands still until a test moves it. */
export function openOnce(settings: Record<string, string> = {}): { app(): App; clock: { now: number } } {
  const clock = { now: Date.now() };
  const app = shareApp(() => ({ now: () => clock.now }), settings);
  return { app, clock };
}

export interface Maker {
  id: string;
  keyId: string;
}

export async function newMaker(app: App, changes: Partial<AccountDocument> = {}): Promise<Maker> {
  const id = randomUUID();
  const createdAt = new Date(app.now());
  const key = app.keys.newDataKey(id, createdAt);
  await app.models.keys.create(key);
  const identities = [{ platform: 'telegram' as const, hash: id }];
  await app.models.accounts.create({
    ...{ _id: id, identities, keyId: key._id, status: 'active', settings: {}, createdAt },
    ...changes,
  });
  return { id, keyId: key._id };
}

let count = 0;
const nextId = () => `tg-${Date.now()}${++count}`;

/** A delivered video. Its bytes are stored only where they are handed in. */
export async function newVideo(
  app: App,
  { id: accountId, keyId }: Maker,
  { video, _id = nextId(), ...changes }: Partial<Omit<GenerationDocument, 'video'>> & { video?: Buffer } = {},
): Promise<GenerationDocument> {
  const keys = app.keys.open(await app.models.keys.findById(keyId).lean());
  const createdAt = new Date(app.now());
  const sealed = promptField.seal(keys, _id, 'a fox in the snow');
  const generation: GenerationDocument = {
    ...{ _id, accountId, keyId, rev: 5, state: 'delivered', prompt: sealed, place: sealed, hasImage: false },
    ...{ style: 'noir', aspectRatio: '1:1', seconds: 4, seed: 1, price: 8, tries: 0, createdAt, deadlineAt: createdAt },
    video: { seconds: 4, width: 320, height: 320, size: video?.length ?? 5 },
    ...changes,
  };
  await app.models.generations.create(generation);
  if (video) {
    await putMedia(app, keys, 'video', _id, video);
    await putMedia(app, keys, 'poster', _id, Buffer.from('still'));
  }
  return generation;
}

export const agree = (app: App, account: { id: string }, purpose: Purpose, subject?: string) =>
  grantConsent(app, {
    ...{ account, purpose, ...(subject && { subject }) },
    ...{ text: `Yes to ${purpose}.`, channel: 'telegram', language: 'en', at: app.now() },
  });

/** Agrees to show a video and asks for it to be shown; a worker has still to copy it. Gives back its name in the gallery. */
export async function offer(app: App, generation: GenerationDocument): Promise<string> {
  const { accountId, _id } = generation;
  await agree(app, { id: accountId }, 'gallery', _id);
  const proof = await prove(app, accountId, 'gallery', _id);
  if (!proof) throw new Error('it was agreed to a moment ago');
  await publish(app, proof, generation);
  const item = await app.models.galleryItems.findOne({ generation: _id }).lean();
  if (!item) throw new Error('a published video has an item');
  return item._id;
}
