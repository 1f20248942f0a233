import type { IncomingMessage } from 'node:http';
import type { App } from '../core/app.ts';
import { KeyDestroyed } from '../core/keys.ts';
import { type Download, noteFetched, readDownload } from '../core/privacy/downloads.ts';
import { ObjectMissing } from '../core/storage.ts';
import type { Answer } from './answer.ts';
import { isRead } from './page.ts';
import { linkIn } from './passes.ts';
import { rangeAnswer } from './range.ts';

export const MEDIA_PREFIX = '/m/';

/** What a browser is told of each: our own words, never the person's. */
const FORMS = {
  video: { type: 'video/mp4', name: 'lpm-ai-video.mp4' },
  archive: { type: 'application/zip', name: 'lpm-ai-export.zip' },
} as const satisfies Record<Download['what'], { type: string; name: string }>;

/**
 * The bytes of a video or archive, decrypted as they leave, whole or a range of them. Whatever is wrong with the address, its pass, or
 * what it led to is one and the same 404.
 */
export async function media(app: App, request: IncomingMessage, pathname: string): Promise<Answer | number> {
  if (!isRead(request)) return 405;
  const at = app.now();
  const id = linkIn(app, request, pathname.slice(MEDIA_PREFIX.length), at);
  const download = id === undefined ? undefined : await readDownload(app, id, at);
  if (!download) return 404;
  try {
    return await give(app, request, download, at);
  } catch (error) {
    if (error instanceof KeyDestroyed || error instanceof ObjectMissing) return 404;
    throw error;
  }
}

function give(app: App, request: IncomingMessage, download: Download, at: number): Promise<Answer> {
  const { what, size } = download;
  const { type, name } = FORMS[what];
  const isSaved = what === 'archive' || new URL(request.url ?? '/', 'http://local').searchParams.get('save') === '1';
  const headers = {
    'cache-control': 'private, no-store',
    'content-disposition': `${isSaved ? 'attachment' : 'inline'}; filename="${name}"`,
    'cross-origin-resource-policy': 'same-origin',
    'x-robots-tag': 'noindex, nofollow',
  };
  return rangeAnswer({ header: request.headers.range, size, type, method: request.method, headers }, async (range) => {
    await noteFetched(app, download, at);
    return download.open(range);
  });
}
