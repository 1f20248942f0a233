import type { App } from '../core/app.ts';
import { strayCopies } from '../core/privacy/gallery/seen.ts';
import { continueItem } from '../core/privacy/gallery.ts';
import type { Again } from '../core/queue.ts';

/** Copies a video into the public gallery, if its maker still agrees, or takes it out. */
export async function run(app: App, id: string): Promise<Again | undefined> {
  await continueItem(app, id);
  return undefined;
}

/**
 * Removes stored copies that no item stands for: a process died between storing one and noticing that its consent was withdrawn meanwhile.
 * A copy goes only when it was met alone before, in an earlier call.
 */
export function createGallerySweep(app: App): () => Promise<number> {
  let suspects = new Set<string>();
  let cursor: string | undefined;

  return async function sweepGallery() {
    const { names, next } = await strayCopies(app, cursor);
    cursor = next;
    const strays = names.filter((name) => suspects.has(name));
    await app.storage.remove(strays);
    // A name met on one page of many comes round again: it stays a suspect until then.
    suspects = new Set([...suspects, ...names].slice(-10_000));
    if (strays.length > 0) app.log.info('copies without a gallery item removed', { count: strays.length });
    return strays.length;
  };
}
