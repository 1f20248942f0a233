import type { IncomingMessage } from 'node:http';
import type { App } from '../core/app.ts';
import type { Answer } from './answer.ts';
import { ICON_PATH } from './icon.ts';
import { STYLE_PATH } from './style.ts';

export interface Page {
  /** Plain text. */
  title: string;
  /** What stands below the brand: HTML of ours, in which every word of anybody else has been through `escapeHtml`. */
  main: string;
  /** As wide as the window lets it be: for tables and long texts. */
  wide?: boolean;
  /** The page has a form: it leads to us and, by our redirect, to these origins. */
  formTo?: readonly string[];
  /** Search engines may show it. */
  index?: boolean;
}

/** Text as HTML shows it letter by letter, also within a quoted attribute. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** A page without script, frame or anything of other sites. Pictures and videos are our own. */
export function page(status: number, shown: Page): Answer {
  const { formTo, index } = shown;
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    "media-src 'self'",
    `form-action ${formTo ? ["'self'", ...formTo].join(' ') : "'none'"}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    status,
    type: 'text/html; charset=utf-8',
    body: frame(shown),
    headers: {
      'content-security-policy': policy.join('; '),
      // A browser that may not name the page it comes from would also hide from us that the form is our own.
      ...(formTo && { 'referrer-policy': 'same-origin' }),
      'cross-origin-opener-policy': 'same-origin',
      ...(!index && { 'x-robots-tag': 'noindex, nofollow' }),
    },
  };
}

/** Whether a form was sent by a page of ours: every browser of today says where a form comes from. */
export function isOwnForm(app: Pick<App, 'address'>, { headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  const own = [app.address.url, headers.host && `http://${headers.host}`, headers.host && `https://${headers.host}`];
  const { origin } = headers;
  return origin !== undefined && own.some((url) => url && new URL(url).origin === origin);
}

/** GET and HEAD change nothing. */
export const isRead = ({ method }: IncomingMessage): boolean => method === 'GET' || method === 'HEAD';

const frame = ({ title, main, wide, index }: Page): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${index ? '' : '<meta name="robots" content="noindex">\n'}<title>${escapeHtml(title)} · LPM AI</title>
<link rel="icon" href="${ICON_PATH}">
<link rel="stylesheet" href="${STYLE_PATH}">
</head>
<body>
<main${wide ? ' class="wide"' : ''}>
<p class="brand">LPM AI</p>
${main}
</main>
</body>
</html>
`;
