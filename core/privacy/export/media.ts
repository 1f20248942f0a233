import { addAbortSignal, type Readable } from 'node:stream';
import type { GenerationDocument } from '../../../models/generation.ts';
import type { Models } from '../../../models/index.ts';
import type { AccountKeys } from '../../keys.ts';
import { Unreadable } from '../../keys.ts';
import { ObjectMissing } from '../../storage.ts';
import type { Person } from './people.ts';
import type { Content } from './zip.ts';

/** A video or picture that is to be packed. Ids, not bytes: one for each file, as the ZIP's own directory holds one. */
export interface MediaEntry {
  kind: 'video' | 'image';
  path: string;
  generation: string;
  keyId: string;
  at: Date;
}

export interface MediaPlan {
  entries: MediaEntry[];
  /** Bytes of the videos, as they were noted when they were stored. */
  bytes: number;
}

/** Reads one stored object as a stream. */
export type ReadMedia = (keys: AccountKeys, kind: MediaEntry['kind'], generation: string) => Promise<Readable>;

type Seen = Pick<GenerationDocument, '_id' | 'keyId' | 'state' | 'hasImage' | 'video' | 'removed' | 'createdAt'>;

/** Which videos and pictures there are, oldest first. A picture and its video have the same name: `<date>-<number>`. */
export async function planMedia(models: Models, people: readonly Person[]): Promise<MediaPlan> {
  const plan: MediaPlan = { entries: [], bytes: 0 };
  const fields = { keyId: 1, state: 1, hasImage: 1, video: 1, removed: 1, createdAt: 1 } as const;
  const found = models.generations.collection.find<Seen>(
    { accountId: { $in: people.map(({ id }) => id) } },
    { sort: { createdAt: 1 }, projection: fields },
  );
  let number = 0;
  for await (const { _id: generation, keyId, state, hasImage, video, removed, createdAt: at } of found) {
    const isVideoThere = video !== undefined && !removed?.video;
    const isImageThere = hasImage && state !== 'rejected' && !removed?.image;
    if (!isVideoThere && !isImageThere) continue;
    number += 1;
    const name = `${at.toISOString().slice(0, 10)}-${String(number).padStart(4, '0')}`;
    if (isImageThere) plan.entries.push({ kind: 'image', path: `inputs/${name}.jpg`, generation, keyId, at });
    if (isVideoThere) plan.entries.push({ kind: 'video', path: `videos/${name}.mp4`, generation, keyId, at });
    if (isVideoThere) plan.bytes += video.size;
  }
  return plan;
}

export interface Source {
  content: Content;
  /** Known at its end: what came was verified, and what followed does not open. */
  isDamaged(): boolean;
}

/**
 * Opens a stored object and reads its beginning, so that one that cannot be read at all never becomes a file. One that breaks off in the
 * middle ends there: every byte before was verified, and the ZIP stays whole. `isLastTry` takes any other error for the object's own.
 */
export async function openSource(
  open: () => Promise<Readable>,
  { isLastTry, gone }: { isLastTry: boolean; gone: AbortSignal },
): Promise<Source | 'missing' | 'unreadable'> {
  const isItsOwn = (error: unknown) => !gone.aborted && (error instanceof Unreadable || isLastTry);
  try {
    const stream = addAbortSignal(gone, await open());
    const chunks: AsyncIterator<Buffer> = stream[Symbol.asyncIterator]();
    const first = await chunks.next();
    let isDamaged = false;
    return { content: flow(), isDamaged: () => isDamaged };

    async function* flow() {
      try {
        for (let next = first; !next.done; next = await chunks.next()) yield next.value;
      } catch (error) {
        if (!isItsOwn(error)) throw error;
        isDamaged = true;
      } finally {
        stream.destroy();
      }
    }
  } catch (error) {
    if (error instanceof ObjectMissing) return 'missing';
    if (isItsOwn(error)) return 'unreadable';
    throw error;
  }
}
