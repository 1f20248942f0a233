import type { IncomingMessage } from 'node:http';
import type { App } from '../core/app.ts';
import { unsubscribe as endNews, isUnsubscribeToken } from '../core/privacy/news.ts';
import type { Answer } from './answer.ts';
import { bodyOf } from './body.ts';
import { isOwnForm, isRead, page } from './page.ts';

export const NEWS_PREFIX = '/news/';

/** Bytes of a form with one field. */
const FORM_LIMIT = 2_048;

/** Under /news/<token>, the way out of news. Looking changes nothing; the button, or that of a mail program (RFC 8058), ends them. */
export async function unsubscribe(app: App, request: IncomingMessage, pathname: string): Promise<Answer | number> {
  const token = pathname.slice(NEWS_PREFIX.length);
  if (!isUnsubscribeToken(app, token)) return page(404, unknown);
  if (isRead(request)) return page(200, { ...question, formTo: [] });
  if (request.method !== 'POST') return 405;
  const body = await bodyOf(request, FORM_LIMIT);
  if (!body) return 413;
  if (!isOneClick(request, body.toString()) && !isOwnForm(app, request)) return page(403, { ...foreign, formTo: [] });
  await endNews(app, token, app.now());
  return page(200, done);
}

/** What a mail program sends, as either kind of form. It comes from nowhere; that it knows the address is what lets it in. */
function isOneClick({ headers }: IncomingMessage, body: string): boolean {
  const type = headers['content-type'] ?? '';
  if (type.startsWith('multipart/form-data')) return /name="List-Unsubscribe"\s+One-Click\s/i.test(body);
  return new URLSearchParams(body).get('List-Unsubscribe') === 'One-Click';
}

const question = {
  title: 'No more news?',
  main: `<h1>No more news?</h1>
<p>News of LPM AI then reach you neither by e-mail nor in the chat. Everything else stays as it is, and in the chat /privacy consents turns them on again.</p>
<form method="post">
<button type="submit">No more news</button>
</form>`,
};

const done = {
  title: 'No more news',
  main: `<h1>No more news</h1>
<p>Done: from this moment no news are sent to you. In the chat, /privacy consents shows it and turns them on again.</p>`,
};

const foreign = {
  title: 'Please press it here',
  main: `<h1>Please press it here</h1>
<p>This was pressed from somewhere else, so nothing was changed. Press it once more:</p>
<form method="post">
<button type="submit">No more news</button>
</form>`,
};

const unknown = {
  title: 'Incomplete address',
  main: `<h1>Incomplete address</h1>
<p>This address is not whole: mail programs sometimes cut long ones. Open it from the e-mail again, or send /privacy consents to LPM AI in the chat. Nothing was changed.</p>`,
};
