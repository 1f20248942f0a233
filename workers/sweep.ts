import type { App } from '../core/app.ts';
import { listMedia, type MediaKind, removeMedia } from '../core/generations/objects.ts';
import { knownGenerations } from '../core/generations/read.ts';

const KINDS: readonly MediaKind[] = ['image', 'video', 'poster'];

/**
 * Removes stored media that belong to no generation: what a crash left between storing a picture and accepting its request.
 * Such an object is removed only when it was met ownerless before, in an earlier call, so that nothing on its way is lost.
 */
export function createSweep(app: App): () => Promise<number> {
  const cursors = new Map<MediaKind, string | undefined>();
  let suspects = new Set<string>();

  return async function sweep() {
    const ownerless = new Set<string>();
    let removed = 0;
    for (const kind of KINDS) {
      const { ids, next } = await listMedia(app, kind, cursors.get(kind));
      cursors.set(kind, next);
      const known = await knownGenerations(app, ids);
      for (const id of ids.filter((one) => !known.has(one))) {
        const name = `${kind} ${id}`;
        if (suspects.has(name)) {
          await removeMedia(app, kind, id);
          removed += 1;
        } else {
          ownerless.add(name);
        }
      }
    }
    // A name met on one page of many comes round again: it stays a suspect until then.
    suspects = new Set([...suspects, ...ownerless].slice(-10_000));
    if (removed > 0) app.log.info('media without a generation removed', { count: removed });
    return removed;
  };
}
