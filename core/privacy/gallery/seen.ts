import type { Readable } from 'node:stream';
import { ACCOUNTS, type AccountDocument } from '../../../models/account.ts';
import { CONSENTS, type ConsentDocument } from '../../../models/consent.ts';
import { GALLERY_ITEMS, type GalleryItemDocument } from '../../../models/gallery-item.ts';
import type { App } from '../../app.ts';
import { standing } from '../consents/chain.ts';
import { liveConsent } from '../consents.ts';

export type { GalleryItemDocument as GalleryItem } from '../../../models/gallery-item.ts';

const FORMS = { video: '.mp4', poster: '.jpg' } as const;
export type Form = keyof typeof FORMS;
export const FORM_NAMES: readonly Form[] = ['video', 'poster'];

const PREFIX = 'gallery/';

/** The object that holds an item's video or still. */
export const nameOf = (slug: string, form: Form): string => `${PREFIX}${slug}${FORMS[form]}`;

export const itemsOf = ({ connection }: Pick<App, 'connection'>) => connection.collection<GalleryItemDocument>(GALLERY_ITEMS);

/** Items that are seen at this moment, newest first. Fewer than `limit` may be left of a page where consents were withdrawn just now. */
export async function galleryPage(
  app: App,
  skip: number,
  limit: number,
): Promise<{ items: GalleryItemDocument[]; isLast: boolean }> {
  const found = await itemsOf(app)
    .find({ state: 'shown' })
    .sort({ shownAt: -1 })
    .skip(skip)
    .limit(limit + 1)
    .toArray();
  return { items: await onlyConsented(app, found.slice(0, limit)), isLast: found.length <= limit };
}

async function onlyConsented(app: App, items: readonly GalleryItemDocument[]): Promise<GalleryItemDocument[]> {
  const accountIds = [...new Set(items.map(({ accountId }) => accountId))];
  const accounts = app.connection.collection<AccountDocument>(ACCOUNTS);
  const active = await accounts.find({ _id: { $in: accountIds }, status: 'active' }, { projection: { _id: 1 } }).toArray();
  const isActive = new Set(active.map(({ _id }) => _id));
  const subjects = items.map(({ generation }) => generation);
  const rows = await app.connection
    .collection<ConsentDocument>(CONSENTS)
    .find({ accountId: { $in: accountIds }, purpose: 'gallery', subject: { $in: subjects } })
    .sort({ seq: 1 })
    .toArray();
  const granted = new Set(standing(rows).flatMap((row) => (row.act === 'grant' ? [`${row.accountId} ${row.subject}`] : [])));
  return items.filter(({ accountId, generation }) => isActive.has(accountId) && granted.has(`${accountId} ${generation}`));
}

/** An item that may be seen at this very moment: it is shown, and the person still says yes. */
export async function shownItem(app: App, slug: string): Promise<GalleryItemDocument | undefined> {
  const item = await itemsOf(app).findOne({ _id: slug, state: 'shown' });
  if (!item || !(await liveConsent(app, item.accountId, 'gallery', item.generation))) return undefined;
  return item;
}

/** The bytes of a shown item. Throws ObjectMissing where it went at this moment. */
export const readGallery = (app: App, slug: string, form: Form, range?: { from: number; to: number }): Promise<Readable> =>
  app.storage.read(nameOf(slug, form), app.keys.galleryKey, { purpose: 'gallery' }, range);

/** Which of these generations are in the gallery or on their way there, and under which address. */
export async function galleryItemsOf(app: App, generationIds: readonly string[]): Promise<Map<string, GalleryItemDocument>> {
  const found = await itemsOf(app)
    .find({ generation: { $in: [...generationIds] } })
    .toArray();
  return new Map(found.map((item) => [item.generation, item]));
}

/** One page of the stored copies that belong to no item. A copy on its way can be one for a moment: remove what stays one. */
export async function strayCopies(app: App, after?: string): Promise<{ names: string[]; next?: string | undefined }> {
  const { keys, next } = await app.storage.list(PREFIX, after);
  const slugOf = (name: string) => name.slice(PREFIX.length, name.lastIndexOf('.'));
  const known = await itemsOf(app)
    .find({ _id: { $in: keys.map(slugOf) } }, { projection: { _id: 1 } })
    .toArray();
  const slugs = new Set(known.map(({ _id }) => _id));
  return { names: keys.filter((name) => !slugs.has(slugOf(name))), next };
}
