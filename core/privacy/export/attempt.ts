import type { App } from '../../app.ts';
import { readMedia } from '../../generations/objects.ts';
import { accountsTogether } from '../../wallet/wallet.ts';
import { ARCHIVE_CONTEXT, type Archive, changeArchive, LOOK_AFTER_MS, newObject, objectKey } from './archive.ts';
import { type Held, hold, lease } from './hold.ts';
import { type Progress, packArchive } from './pack.ts';
import { peopleOf } from './people.ts';

/** How often packing is begun before it is given up. */
export const MOST_ATTEMPTS = 5;

/** How one attempt ended: packed, or with an error and the document as this attempt left it. */
export type Attempted = { packed: Archive } | { failed: Archive; error: unknown };

/**
 * Packs and stores an archive under a name of this attempt's own, from the beginning. Undefined: it is somebody else's affair, and
 * nothing of this attempt is left. The error may be KeyDestroyed.
 */
export async function attempt(app: App, archive: Archive, onProgress: Report): Promise<Attempted | undefined> {
  const object = newObject(archive._id);
  const leftovers = [...archive.leftovers, ...(archive.object ? [archive.object] : [])];
  const begun = { state: 'packing', object, leftovers, tries: archive.tries + 1, ...lease(app) } as const;
  const claimed = await changeArchive(app, archive, ['queued', 'packing'], { set: begun });
  if (!claimed) return undefined;
  const held = hold(app, claimed);
  const stored = await store(app, claimed, object, held, onProgress).catch((error: unknown) => ({ error }));
  const newest = await held.release();
  if ('error' in stored && !held.signal.aborted) return { failed: newest, error: stored.error };
  const packed =
    'error' in stored
      ? undefined
      : await changeArchive(app, newest, ['packing'], {
          set: { state: 'packed', tries: 0, dueAt: new Date(app.now() + LOOK_AFTER_MS), ...stored },
          unset: ['leaseUntil'],
        });
  if (packed) return { packed };
  // Nobody names it any more, or whoever does removes it too.
  await app.storage.remove([objectKey(object)]);
  return undefined;
}

export type Report = (held: Held, progress: Progress) => void;

async function store(
  app: App,
  { accountId, content, createdAt, tries }: Archive,
  object: string,
  held: Held,
  onProgress: Report,
) {
  const accountIds = await accountsTogether(app, accountId);
  const [own] = await peopleOf(app, [accountId]);
  if (!own) throw new Error('an archive belongs to nobody');
  const packing = await packArchive(
    { ...app, readMedia: (keys, kind, generation) => readMedia(app, keys, kind, generation) },
    {
      accountIds,
      content,
      createdAt,
      isLastTry: tries >= MOST_ATTEMPTS,
      onProgress: (progress) => onProgress(held, progress),
      onBytes: held.touch,
    },
  );
  const { stream, done } = packing;
  held.signal.addEventListener('abort', () => stream.destroy(held.signal.reason));
  const writing = app.storage
    .write(objectKey(object), stream, own.keys.objectsKey, ARCHIVE_CONTEXT)
    .finally(() => stream.destroy());
  const [wrote, packed] = await Promise.allSettled([writing, done]);
  // What packing met is the cause; that the store then saw a broken stream is the consequence.
  if (packed.status === 'rejected' && !isConsequence(packed.reason)) throw packed.reason;
  if (wrote.status === 'rejected') throw wrote.reason;
  if (packed.status === 'rejected') throw packed.reason;
  return { size: wrote.value, files: packed.value };
}

const isConsequence = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';
