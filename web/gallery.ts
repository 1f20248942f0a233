import type { IncomingMessage } from 'node:http';
import type { App } from '../core/app.ts';
import { type GalleryItem, galleryPage, readGallery, shownItem } from '../core/privacy/gallery/seen.ts';
import { ObjectMissing } from '../core/storage.ts';
import type { Answer } from './answer.ts';
import { gridPage, nothingPage, playerPage } from './gallery-pages.ts';
import { isRead, page } from './page.ts';
import { rangeAnswer } from './range.ts';

export const GALLERY_PREFIX = '/gallery';

const PAGE = 24;
const LAST_PAGE = 200;

/**
 * The public gallery: its pages, and the video and the still of each item. Whether something may be seen is asked anew for every request, and
 * nothing of it is kept by a browser or found by a search engine, so that a withdrawal holds from the next request on.
 */
export async function gallery(app: App, request: IncomingMessage, pathname: string): Promise<Answer | number> {
  const [, slug, form] = /^\/gallery\/([\w-]{22})(\.mp4|\.jpg)?$/.exec(pathname) ?? [];
  if (!slug && !/^\/gallery\/?$/.test(pathname)) return 404;
  if (!isRead(request)) return 405;
  if (!slug) return grid(app, request);
  const item = await shownItem(app, slug);
  if (form) return item ? media(app, request, item, form) : 404;
  return item ? page(200, { title: 'A video', main: playerPage(item), wide: true }) : gone();
}

const gone = (): Answer => page(404, { title: 'Not in the gallery', main: nothingPage() });

async function grid(app: App, request: IncomingMessage): Promise<Answer> {
  const asked = Number(new URL(request.url ?? '/', 'http://local').searchParams.get('page') ?? 1);
  if (!Number.isInteger(asked) || asked < 1 || asked > LAST_PAGE) return gone();
  const { items, isLast } = await galleryPage(app, (asked - 1) * PAGE, PAGE);
  return page(200, { title: 'Gallery', main: gridPage(items, asked, isLast || asked === LAST_PAGE), wide: true });
}

async function media(app: App, request: IncomingMessage, item: GalleryItem, form: string): Promise<Answer | number> {
  try {
    if (form === '.jpg') return { status: 200, type: 'image/jpeg', stream: await readGallery(app, item._id, 'poster') };
    const asked = { header: request.headers.range, size: item.size, type: 'video/mp4', method: request.method };
    return await rangeAnswer(asked, (range) => readGallery(app, item._id, 'video', range));
  } catch (error) {
    // Taken out at this very moment.
    if (error instanceof ObjectMissing) return 404;
    throw error;
  }
}
