import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { App } from '../core/app.ts';
import { itemOf } from '../core/payments/catalog.ts';
import { obstacleOf, openCheckout } from '../core/payments/checkout.ts';
import { type Payment, readPayment } from '../core/payments/payment.ts';
import type { Answer } from './answer.ts';
import { bodyOf } from './body.ts';
import { isOwnForm, isRead, type Page, page } from './page.ts';
import { donePage, orderPage, plainPage } from './pay-pages.ts';

export const PAY_PREFIX = '/pay/';

/** Bytes of the form with one button. */
const FORM_LIMIT = 1_024;

/** Everything under /pay/: the page of an order, its button, the page after paying. */
export async function pay(app: App, request: IncomingMessage, pathname: string): Promise<Answer | number> {
  const [, id, rest] = /^\/pay\/([0-9a-f-]{36})(\/done)?$/.exec(pathname) ?? [];
  if (!id) return 404;
  const order = await readPayment(app, id);
  if (order?.provider !== 'stripe') return answer(app, 404, plainPage('unknown'));
  if (rest) return isRead(request) ? answer(app, 200, donePage(order)) : 405;
  if (isRead(request)) return show(app, order);
  if (request.method === 'POST') return go(app, request, order);
  return 405;
}

/** Changes nothing: previews of both chat platforms fetch it. */
async function show(app: App, order: Payment): Promise<Answer> {
  const obstacle = await obstacleOf(app, order);
  const item = itemOf(app.catalog, order.item);
  if (obstacle || !item) return answer(app, obstacle === 'paid' ? 200 : 410, plainPage(obstacle ?? 'not_sold'));
  return answer(app, 200, orderPage({ order, item, token: tokenOf(app, order), tax: app.config.STRIPE_TAX }));
}

/** The button: makes or reuses the session and leads to Stripe. */
async function go(app: App, request: IncomingMessage, order: Payment): Promise<Answer | number> {
  if (!isOwnForm(app, request)) return answer(app, 403, plainPage('foreign'));
  const body = await bodyOf(request, FORM_LIMIT);
  if (!body) return 413;
  const token = new URLSearchParams(body.toString()).get('token') ?? '';
  if (!isSame(token, tokenOf(app, order))) return answer(app, 403, plainPage('foreign'));
  const url = await openCheckout(app, order._id);
  if (url) return { status: 303, body: '', headers: { location: url } };
  return show(app, (await readPayment(app, order._id)) ?? order);
}

/** Bound to the order, so that no other site and no other order's page can press the button. */
const tokenOf = (app: App, { _id }: Payment): string => app.keys.blindIndex('pay-form', _id);

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The form may lead to us and, by our redirect, to Stripe's page. */
function answer(app: App, status: number, shown: Page): Answer {
  const { STRIPE_CHECKOUT_URL, STRIPE_API } = app.config;
  const formTo = [STRIPE_CHECKOUT_URL, STRIPE_API].flatMap((url) => (url ? [new URL(url).origin] : []));
  return page(status, { ...shown, formTo });
}
