import type { ServerResponse } from 'node:http';

/** What a web request is answered with; a number is a status with a word. */
export interface Answer {
  status: number;
  /** Media type of the body. */
  type?: string;
  body?: string;
  headers?: Record<string, string>;
}

const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};

export function send(response: ServerResponse, answer: Answer | number): void {
  const { status, type = 'text/plain', body, headers = {} } = typeof answer === 'number' ? { status: answer } : answer;
  if (status === 413) response.setHeader('connection', 'close');
  response.writeHead(status, { ...HEADERS, 'content-type': type, ...headers }).end(body ?? (status === 200 ? 'ok\n' : 'no\n'));
}
