import type { IncomingMessage } from 'node:http';
import type { App } from '../core/app.ts';
import { checkReceipt, type Receipt } from '../core/privacy/receipt-of-erasure.ts';
import type { Answer } from './answer.ts';
import { bodyOf } from './body.ts';
import { escapeHtml, isOwnForm, isRead, page } from './page.ts';

export const RECEIPT_PREFIX = '/receipt';

/** Bytes of the form: a receipt is a few thousand letters long. */
const FORM_LIMIT = 64 * 1_024;

/** Checks receipts of deletions, also of accounts that are long gone. Nothing of what is entered is stored. */
export async function receipt(app: App, request: IncomingMessage, pathname: string): Promise<Answer | number> {
  if (pathname !== RECEIPT_PREFIX) return 404;
  if (isRead(request)) return page(200, { title: 'Check a receipt', main: formOf(app, ''), formTo: [] });
  if (request.method !== 'POST') return 405;
  if (!isOwnForm(app, request)) return 403;
  const body = await bodyOf(request, FORM_LIMIT);
  if (!body) return 413;
  const given = new URLSearchParams(body.toString()).get('receipt') ?? '';
  const found = checkReceipt(app.keys, given);
  const main = `${found ? genuine(found) : NOT_GENUINE}\n${formOf(app, given)}`;
  return page(200, { title: found ? 'A genuine receipt' : 'Not a receipt of ours', main, formTo: [] });
}

function formOf({ keys }: App, given: string): string {
  const pem = keys.receiptsPublicKey.export({ type: 'spki', format: 'pem' }).toString();
  return `<h2>Check a receipt</h2>
<p>Paste the receipt of a deletion: the line that begins with <code>lpm-receipt-1</code>, or the whole file. It is checked and not stored.</p>
<form method="post">
<p><label for="receipt">Receipt</label></p>
<textarea id="receipt" name="receipt" rows="8" required>${escapeHtml(given)}</textarea>
<button type="submit">Check it</button>
</form>
<h2>Check it elsewhere</h2>
<p>The line has three parts with dots between them. The third is an Ed25519 signature (RFC 8032, base64url) over everything before the last dot; the second is the content as JSON (base64url). This is the public key:</p>
<pre>${escapeHtml(pem)}</pre>`;
}

const NOT_GENUINE = `<h1>Not genuine</h1>
<p>This is no receipt that this service has signed, or a letter of it was changed.</p>`;

const SCOPES: Record<Receipt['scope'], string> = {
  video: 'One video',
  media: 'All videos and pictures',
  prompts: 'All prompts',
  account: 'An account with everything in it',
};

function genuine({ id, scope, asked, begun, done, deleted, kept, processors, backupsUnreadableFrom, policy }: Receipt): string {
  const rows: [string, string][] = [
    ['Number', id],
    ['Deleted', SCOPES[scope]],
    ['Asked for', time(asked)],
    ['Begun', time(begun)],
    ['Done', time(done)],
    ...Object.entries(deleted).map(([name, count]): [string, string] => [nameOf(name), String(count)]),
    ...kept.map(({ what, ground, until }): [string, string] => [
      'Stays',
      `${what}: ${ground}${until ? `, until ${until.slice(0, 10)}` : ''}`,
    ]),
    ...processors.map(({ name, answer }): [string, string] => [name, answer]),
    ...(backupsUnreadableFrom ? [['No backup opens it from', time(backupsUnreadableFrom)] as [string, string]] : []),
    ['Privacy policy', policy],
  ];
  const list = rows.map(([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`).join('\n');
  return `<h1>Genuine</h1>
<p>This service has signed this receipt, and nothing in it was changed.</p>
<dl>
${list}
</dl>`;
}

/** "documents.ledgerEntries" → "Rows: ledgerEntries". */
const nameOf = (name: string): string =>
  name.startsWith('documents.')
    ? `Rows: ${name.slice('documents.'.length)}`
    : `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll('_', ' ')}`;

const time = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`;
