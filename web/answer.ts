import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** What a web request is answered with; a number is a status with a word. */
export interface Answer {
  status: number;
  /** Media type of the body. */
  type?: string;
  body?: string;
  /** In place of `body`. Say its length in the headers where it is known: a stream that breaks off is then seen to be short. */
  stream?: Readable;
  headers?: Record<string, string>;
}

const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
};

/** Two years, for every browser that was here once. */
const ENCRYPTED_ONLY = { 'strict-transport-security': 'max-age=63072000' };

export interface Asked {
  request: IncomingMessage;
  response: ServerResponse;
  /** Browsers reach us by https. */
  encrypted: boolean;
}

/**
 * Resolves when everything is handed over. Rejects when a stream breaks or the browser goes away: both ends are closed then. A HEAD
 * gets the headers alone.
 */
export async function send({ request, response, encrypted }: Asked, answer: Answer | number): Promise<void> {
  const { status, type = 'text/plain', body, stream, headers = {} } = typeof answer === 'number' ? { status: answer } : answer;
  if (status === 413) response.setHeader('connection', 'close');
  response.writeHead(status, { ...HEADERS, ...(encrypted && ENCRYPTED_ONLY), 'content-type': type, ...headers });
  if (!stream) {
    response.end(body ?? (status === 200 ? 'ok\n' : 'no\n'));
  } else if (request.method === 'HEAD') {
    stream.destroy();
    response.end();
  } else {
    await pour(stream, response);
  }
}

/** A stream that breaks closes the connection behind everything that came before, so that the browser sees that the rest is missing. */
async function pour(stream: Readable, response: ServerResponse): Promise<void> {
  try {
    await pipeline(stream, response, { end: false });
    response.end();
  } catch (error) {
    response.socket?.destroySoon();
    throw error;
  }
}
