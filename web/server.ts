import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { App } from '../core/app.ts';
import { describe } from '../core/log.ts';
import { type Answer, send } from './answer.ts';
import { bodyOf } from './body.ts';
import { isReady } from './health.ts';
import { PAY_PREFIX, pay } from './pay.ts';
import { receiveStripe, STRIPE_PATH } from './stripe.ts';

/** Bytes of a body that are read before anybody has been verified. Telegram's updates are far smaller. */
const BODY_LIMIT = 1_000_000;

export interface WebParts {
  host: string;
  port: number;
  /** Takes a Telegram update and gives back the HTTP status; absent while Telegram is polled. */
  telegram?: ((secret: string | undefined, body: Buffer) => Promise<number>) | undefined;
}

export const TELEGRAM_PATH = '/webhooks/telegram';

/** What is reached by a URL: health for operators, the webhooks of Telegram and Stripe, the pages that lead to a payment. */
export async function startWeb(app: App, { host, port, telegram }: WebParts): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    route(app, request, telegram).then(
      (answer) => send(response, answer),
      (error: unknown) => {
        app.log.warn('web request failed', describe(error));
        send(response, 500);
      },
    );
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  const { port: bound } = server.address() as AddressInfo;
  const url = `http://${host}:${bound}`;
  app.address.url ??= url;
  return {
    url,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

async function route(app: App, request: IncomingMessage, telegram: WebParts['telegram']): Promise<Answer | number> {
  const { pathname } = new URL(request.url ?? '/', 'http://local');
  if (request.method === 'GET' && pathname === '/health/live') return 200;
  if (request.method === 'GET' && pathname === '/health/ready') return (await isReady(app)) ? 200 : 503;
  if (request.method === 'POST' && pathname === TELEGRAM_PATH && telegram) {
    const secret = request.headers['x-telegram-bot-api-secret-token'];
    const body = await bodyOf(request, BODY_LIMIT);
    return body ? telegram(typeof secret === 'string' ? secret : undefined, body) : 413;
  }
  if (request.method === 'POST' && pathname === STRIPE_PATH) return receiveStripe(app, request);
  if (pathname.startsWith(PAY_PREFIX)) return pay(app, request, pathname);
  return 404;
}
