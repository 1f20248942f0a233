import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { App } from '../core/app.ts';
import { describe } from '../core/log.ts';
import { type Answer, type Asked, send } from './answer.ts';
import { bodyOf } from './body.ts';
import { DOWNLOAD_PREFIX, download } from './download.ts';
import { GALLERY_PREFIX, gallery } from './gallery.ts';
import { isReady } from './health.ts';
import { ICON_PATH, icon } from './icon.ts';
import { MEDIA_PREFIX, media } from './media.ts';
import { isRead } from './page.ts';
import { PAY_PREFIX, pay } from './pay.ts';
import { POLICY_PREFIX, policy } from './policy.ts';
import { RECEIPT_PREFIX, receipt } from './receipt.ts';
import { receiveStripe, STRIPE_PATH } from './stripe.ts';
import { STYLE_PATH, style } from './style.ts';
import { NEWS_PREFIX, unsubscribe } from './unsubscribe.ts';

/** Bytes of a body that are read before anybody has been verified. Telegram's updates are far smaller. */
const BODY_LIMIT = 1_000_000;

export interface WebParts {
  host: string;
  port: number;
  /** Takes a Telegram update and gives back the HTTP status; absent while Telegram is polled. */
  telegram?: ((secret: string | undefined, body: Buffer) => Promise<number>) | undefined;
}

export const TELEGRAM_PATH = '/webhooks/telegram';

/** What a browser opens, by what its address begins with. */
const PAGES: readonly (readonly [prefix: string, open: OpenPage])[] = [
  [PAY_PREFIX, pay],
  [DOWNLOAD_PREFIX, download],
  [MEDIA_PREFIX, media],
  [GALLERY_PREFIX, gallery],
  [POLICY_PREFIX, policy],
  [RECEIPT_PREFIX, receipt],
  [NEWS_PREFIX, unsubscribe],
];

type OpenPage = (app: App, request: IncomingMessage, pathname: string) => Promise<Answer | number>;

/** Milliseconds without a byte either way, after which a connection is given up: a player that was paused asks again for the rest. */
const SILENCE_MS = 120_000;
/** Milliseconds that a download has to end when the server closes. */
const GOODBYE_MS = 2_000;

/** What is reached by a URL: health for operators, the webhooks of Telegram and Stripe, the pages. */
export async function startWeb(app: App, { host, port, telegram }: WebParts): Promise<{ url: string; close(): Promise<void> }> {
  const encrypted = app.config.PUBLIC_URL?.startsWith('https:') ?? false;
  const server = createServer((request, response) => void serve(app, { request, response, encrypted }, telegram));
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  server.timeout = SILENCE_MS;
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  const { port: bound } = server.address() as AddressInfo;
  const url = `http://${host}:${bound}`;
  app.address.url ??= url;
  return {
    url,
    close: () => closeServer(server),
  };
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const goodbye = setTimeout(() => server.closeAllConnections(), GOODBYE_MS);
  await closed;
  clearTimeout(goodbye);
}

/** Never throws: what fails before the answer is a 500, what fails within it breaks the connection off. */
async function serve(app: App, asked: Asked, telegram: WebParts['telegram']): Promise<void> {
  const answer = await route(app, asked.request, telegram).catch((error: unknown) => {
    app.log.warn('web request failed', describe(error));
    return 500;
  });
  await send(asked, answer).catch((error: unknown) => {
    if (!isGoodbye(error)) app.log.warn('an answer broke off', describe(error));
  });
}

/** The browser has closed the connection, as players do all the time. */
const isGoodbye = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';

async function route(app: App, request: IncomingMessage, telegram: WebParts['telegram']): Promise<Answer | number> {
  const { url = '/' } = request;
  if (!URL.canParse(url, 'http://local')) return 404;
  const { pathname } = new URL(url, 'http://local');
  if (request.method === 'GET' && pathname === '/health/live') return 200;
  if (request.method === 'GET' && pathname === '/health/ready') return (await isReady(app)) ? 200 : 503;
  if (request.method === 'POST' && pathname === TELEGRAM_PATH && telegram) {
    const secret = request.headers['x-telegram-bot-api-secret-token'];
    const body = await bodyOf(request, BODY_LIMIT);
    return body ? telegram(typeof secret === 'string' ? secret : undefined, body) : 413;
  }
  if (request.method === 'POST' && pathname === STRIPE_PATH) return receiveStripe(app, request);
  if (isRead(request) && pathname === STYLE_PATH) return style();
  if (isRead(request) && pathname === ICON_PATH) return icon();
  const open = PAGES.find(([prefix]) => isBelow(pathname, prefix))?.[1];
  return open ? open(app, request, pathname) : 404;
}

const isBelow = (pathname: string, prefix: string): boolean =>
  pathname === prefix || pathname.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`);
