import type { Readable } from 'node:stream';
import type { App } from '../app.ts';
import type { AccountKeys } from '../keys.ts';
import type { Range } from '../storage.ts';

export type MediaKind = 'image' | 'video' | 'poster';

const FORMS = {
  image: { prefix: 'images/', suffix: '.jpg' },
  video: { prefix: 'videos/', suffix: '.mp4' },
  poster: { prefix: 'posters/', suffix: '.jpg' },
} as const satisfies Record<MediaKind, { prefix: string; suffix: string }>;

const nameOf = (kind: MediaKind, id: string): string => `${FORMS[kind].prefix}${id}${FORMS[kind].suffix}`;

/** Stores a picture or video of a generation, sealed under the account's key. Its name holds nothing of the person; a repeat overwrites it. */
export const putMedia = (app: App, keys: AccountKeys, kind: MediaKind, id: string, bytes: Buffer): Promise<void> =>
  app.storage.put(nameOf(kind, id), bytes, keys.objectsKey, { purpose: kind });

/** Throws ObjectMissing when there is none. */
export const getMedia = (app: App, keys: AccountKeys, kind: MediaKind, id: string): Promise<Buffer> =>
  app.storage.get(nameOf(kind, id), keys.objectsKey, { purpose: kind });

/** As `getMedia`, while it flows; `range` counts the bytes of the picture or video. */
export const readMedia = (app: App, keys: AccountKeys, kind: MediaKind, id: string, range?: Range): Promise<Readable> =>
  app.storage.read(nameOf(kind, id), keys.objectsKey, { purpose: kind }, range);

/** Removes what is stored of a generation; what is gone already is no error. */
export const removeMedia = (app: App, kind: MediaKind, id: string): Promise<void> => app.storage.remove([nameOf(kind, id)]);

/** Removes everything that is stored of these generations. */
export const removeAllMedia = (app: App, ids: readonly string[]): Promise<void> =>
  app.storage.remove(ids.flatMap((id) => [nameOf('image', id), nameOf('video', id), nameOf('poster', id)]));

/** One page of what is stored of a kind, by generation; `next` leads to the page behind it. */
export async function listMedia(
  app: App,
  kind: MediaKind,
  after?: string,
): Promise<{ ids: string[]; next?: string | undefined }> {
  const { prefix, suffix } = FORMS[kind];
  const { keys, next } = await app.storage.list(prefix, after);
  return { ids: keys.map((key) => key.slice(prefix.length, -suffix.length)), next };
}
