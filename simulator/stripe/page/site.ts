import type { IncomingMessage, ServerResponse } from 'node:http';
import type { World } from '../world.ts';
import { layout } from './html.ts';
import { invoicePage, submitInvoice } from './invoice.ts';
import { type Next, paymentPage, submitPayment } from './pay.ts';
import { portalPage, submitPortal } from './portal.ts';
import { STYLE } from './style.ts';

interface Page {
  show(wrong?: string): string;
  submit(form: URLSearchParams): Next;
  /** Addresses that a form of it may lead to. */
  leadsTo: (string | null)[];
}

const LARGEST_FORM = 16 * 1024;

/** The hosted pages: payment, portal, invoice. Only a POST of the page itself has an effect. */
export function createSite(world: World): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  function pageAt(path: string): Page | undefined {
    const [, room, sort, name] = path.split('/');
    const session = room === 'c' && sort === 'pay' ? world.sessions.get(name ?? '') : undefined;
    if (session)
      return {
        show: (wrong) => paymentPage(world, session, wrong),
        submit: (form) => submitPayment(world, session, form),
        leadsTo: [session.success_url, session.cancel_url],
      };
    const portal = room === 'p' && sort === 'session' ? world.portals.get(name ?? '') : undefined;
    if (portal)
      return { show: () => portalPage(world, portal), submit: (form) => submitPortal(world, portal, form), leadsTo: [] };
    const invoice = room === 'i' ? world.invoices.get(sort ?? '') : undefined;
    if (invoice)
      return {
        show: (wrong) => invoicePage(world, invoice, wrong),
        submit: (form) => submitInvoice(world, invoice, form),
        leadsTo: [],
      };
    return undefined;
  }

  return async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', world.address());
    const host = request.headers.host;
    const own = new URL(world.address()).port;
    if (host !== `127.0.0.1:${own}` && host !== `localhost:${own}`) return send(response, 421, 'text/plain', 'Loopback only.');
    if (pathname === '/c/style.css') return send(response, 200, 'text/css; charset=utf-8', STYLE);
    const page = pageAt(pathname);
    if (!page)
      return html(
        response,
        404,
        layout('Not found', '<section><h2>There is nothing here.</h2></section><section></section>'),
        [],
      );
    if (request.method !== 'POST') return html(response, 200, page.show(), page.leadsTo);
    if (request.headers.origin !== `http://${host}`) return send(response, 403, 'text/plain', 'Another site asked.');
    const next = page.submit(await readForm(request));
    if ('again' in next) return html(response, 422, page.show(next.again), page.leadsTo);
    response.writeHead(303, { location: next.to, 'cache-control': 'no-store' }).end();
  };
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= LARGEST_FORM) chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString());
}

function html(response: ServerResponse, status: number, page: string, leadsTo: Page['leadsTo']): void {
  // Browsers hold form-action against the redirect that follows, too.
  const origins = leadsTo.flatMap((address) => (address && URL.canParse(address) ? [new URL(address).origin] : []));
  response.setHeader(
    'content-security-policy',
    [
      "default-src 'none'",
      "style-src 'self'",
      'img-src data:',
      `form-action ${["'self'", ...new Set(origins)].join(' ')}`,
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
  );
  // With no-referrer a browser would hide the origin of the form, which is what tells it from another site's.
  response.setHeader('referrer-policy', 'same-origin');
  send(response, status, 'text/html; charset=utf-8', page);
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response
    .writeHead(status, { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
    .end(body);
}
