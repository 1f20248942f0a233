import { GENERATIONS, type GenerationDocument, type GenerationState } from '../../../models/generation.ts';
import type { App } from '../../app.ts';
import { listMedia, removeMedia } from '../../generations/objects.ts';
import type { Round } from '../walk.ts';

/** A picture that a video was made of is gone this many hours after the end of the video, at the latest. */
export const IMAGE_HOURS = 24;
/** The round that removes it comes once an hour. */
const REMOVED_AFTER_MS = (IMAGE_HOURS - 1) * 3_600_000;

/** In these nothing needs the picture any more. */
const ENDED: readonly GenerationState[] = ['delivered', 'undelivered', 'told', 'rejected'];

/** Removes the pictures of videos that were asked for so long ago and have ended; one that is still being made keeps its picture. */
export async function removeImages(app: App, round: Round): Promise<number> {
  const generations = app.connection.collection<GenerationDocument>(GENERATIONS);
  const before = new Date(round.at - REMOVED_AFTER_MS);
  let removed = 0;
  let after: string | undefined;
  do {
    const { ids, next } = await listMedia(app, 'image', after);
    const old = { _id: { $in: ids }, state: { $in: [...ENDED] }, createdAt: { $lte: before } };
    const page = await generations.find(old, { projection: { _id: 1 } }).toArray();
    for (const { _id } of page) {
      // Marked first: the object is met again in the next round should it outlive this one.
      await generations.updateOne(
        { _id, 'removed.image': { $exists: false } },
        { $set: { 'removed.image': new Date(app.now()) }, $inc: { rev: 1 } },
      );
      await removeMedia(app, 'image', _id);
      removed += 1;
    }
    await round.rest();
    after = next;
  } while (after !== undefined);
  return removed;
}
