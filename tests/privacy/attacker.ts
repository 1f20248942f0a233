import type { AccountKeys, KeyDocument, Keys } from '../../core/keys.ts';
import { decryptObject } from '../../core/storage/envelope.ts';
import type { Row } from './belongings.ts';

// Somebody who has everything that is left: the master key, every stored key, and copies of what was deleted.

export interface Leftovers {
  /** Sealed fields, and where they stood. */
  texts: { place: { collection: string; id: string; path: string }; sealed: string }[];
  /** Stored objects by name. */
  objects: ReadonlyMap<string, Buffer>;
}

const SEALED = /^1\.[1-9]\d*\.[\w-]+\.[\w-]*\.[\w-]+$/;
const PURPOSES: Record<string, string> = { images: 'image', videos: 'video', posters: 'poster', archives: 'archive' };

/** What was sealed in these documents. The wrapped keys themselves are no leftovers: they are looked for among what is left. */
export const sealedIn = (rows: readonly Row[]): Leftovers['texts'] =>
  rows
    .filter(({ collection }) => collection !== 'keys')
    .flatMap(({ collection, id, document }) =>
      leaves(document).flatMap(([path, text]) => (SEALED.test(text) ? [{ place: { collection, id, path }, sealed: text }] : [])),
    );

function leaves(value: unknown, path = ''): [path: string, text: string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => leaves(inner, path ? `${path}.${name}` : name));
}

/** How many of them open with any of these keys. */
export async function opened(keys: Keys, documents: readonly KeyDocument[], { texts, objects }: Leftovers) {
  const usable = documents.flatMap((document) => keysIn(keys, document));
  const readers = [...usable.map(({ unseal }) => unseal), keys.unsealDeployment];
  const wrapping = [...usable.map(({ objectsKey }) => objectsKey), keys.galleryKey, keys.journalKey];
  const found = { texts: 0, objects: 0 };
  for (const { place, sealed } of texts) if (readers.some((read) => succeeds(() => read(place, sealed)))) found.texts += 1;
  for (const [object, stored] of objects) {
    const purpose = PURPOSES[object.split('/')[0] ?? ''] ?? '';
    for (const key of wrapping) {
      const plain = await decryptObject(stored, key, { purpose, object }).catch(() => undefined);
      if (plain) found.objects += 1;
    }
  }
  return found;
}

function keysIn(keys: Keys, document: KeyDocument): AccountKeys[] {
  try {
    return [keys.open(document)];
  } catch {
    return [];
  }
}

function succeeds(act: () => unknown): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}
