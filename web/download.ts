import type { IncomingMessage } from 'node:http';
import type { App } from '../core/app.ts';
import { DOWNLOAD_PREFIX, type Download, readDownload, tryCode } from '../core/privacy/downloads.ts';
import type { Answer } from './answer.ts';
import { bodyOf } from './body.ts';
import { codePage, ENDED, mediaPage } from './download-pages.ts';
import { MEDIA_PREFIX } from './media.ts';
import { isOwnForm, isRead, page } from './page.ts';
import { cookieOf, newPass, passIn, tokenOf } from './passes.ts';

export { DOWNLOAD_PREFIX } from '../core/privacy/downloads.ts';

/** Bytes of the form with the code. */
const FORM_LIMIT = 1_024;

/** Everything under /d/: asks for the code that the chat has shown, and leads whoever knows it to the video or archive. */
export async function download(app: App, request: IncomingMessage, pathname: string): Promise<Answer | number> {
  const at = app.now();
  const id = pathname.slice(DOWNLOAD_PREFIX.length);
  const found = /^[\w-]{22}$/.test(id) ? await readDownload(app, id, at) : undefined;
  if (!found) return page(404, ENDED);
  if (isRead(request)) return show(app, request, found, at);
  if (request.method === 'POST') return enter(app, request, found, at);
  return 405;
}

/** Changes nothing: previews of both chat platforms fetch it. */
function show(app: App, request: IncomingMessage, found: Download, at: number): Answer {
  const pass = passIn(app, request, found.id, at);
  if (!pass) return page(200, codePage(found));
  return page(200, mediaPage(found, MEDIA_PREFIX + tokenOf(app, found.id, pass)));
}

/** The form: the right code gets a pass, and the browser opens the page anew with it, so that a reload sends no code again. */
async function enter(app: App, request: IncomingMessage, found: Download, at: number): Promise<Answer | number> {
  if (!isOwnForm(app, request)) return page(403, codePage(found, 'Please enter the code here once more.'));
  const body = await bodyOf(request, FORM_LIMIT);
  if (!body) return 413;
  const code = (new URLSearchParams(body.toString()).get('code') ?? '').replace(/\s/g, '');
  if (!/^\d{6}$/.test(code)) return page(403, codePage(found, 'The code has six digits.'));
  const { right, left } = await tryCode(app, found.id, code, at);
  if (right) {
    const cookie = cookieOf(app, newPass(app, found.id, at));
    return { status: 303, body: '', headers: { location: DOWNLOAD_PREFIX + found.id, 'set-cookie': cookie } };
  }
  if (left === 0) return page(404, ENDED);
  return page(403, codePage(found, `That is not the code. ${left === 1 ? 'One try is' : `${left} tries are`} left.`));
}
