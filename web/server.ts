import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { App } from '../core/app.ts';
import { describe } from '../core/log.ts';
import { isReady } from './health.ts';

/** Bytes of a body that are read before anybody has been verified. Telegram's updates are far smaller. */
const BODY_LIMIT = 1_000_000;

export interface WebParts {
  host: string;
  port: number;
  /** Takes a Telegram update and gives back the HTTP status; absent while Telegram is polled. */
  telegram?: ((secret: string | undefined, body: Buffer) => Promise<number>) | undefined;
}

export const TELEGRAM_PATH = '/webhooks/telegram';

/** What is reached by a URL: health for operators and the webhook for Telegram. */
export async function startWeb(app: App, { host, port, telegram }: WebParts): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    route(app, request, telegram).then(
      (status) => end(response, status),
      (error: unknown) => {
        app.log.warn('web request failed', describe(error));
        end(response, 500);
      },
    );
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

async function route(app: App, request: IncomingMessage, telegram: WebParts['telegram']): Promise<number> {
  const { pathname } = new URL(request.url ?? '/', 'http://local');
  if (request.method === 'GET' && pathname === '/health/live') return 200;
  if (request.method === 'GET' && pathname === '/health/ready') return (await isReady(app)) ? 200 : 503;
  if (request.method === 'POST' && pathname === TELEGRAM_PATH && telegram) {
    const secret = request.headers['x-telegram-bot-api-secret-token'];
    const body = await bodyOf(request);
    return body ? telegram(typeof secret === 'string' ? secret : undefined, body) : 413;
  }
  return 404;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const HEADERS = {
  'content-type': 'text/plain',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'",
};

function end(response: ServerResponse, status: number): void {
  if (status === 413) response.setHeader('connection', 'close');
  response.writeHead(status, HEADERS).end(status === 200 ? 'ok\n' : 'no\n');
}
