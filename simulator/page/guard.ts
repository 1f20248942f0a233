import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** The page says no, with the sentence the person reads. */
export class Declined extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'Declined';
    this.status = status;
  }
}

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "media-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Headers of every answer: nothing is loaded from elsewhere, framed, sniffed, or told to others. */
export function protect(response: ServerResponse): void {
  response.setHeader('content-security-policy', policy);
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('cross-origin-opener-policy', 'same-origin');
  response.setHeader('cross-origin-resource-policy', 'same-origin');
  response.setHeader('permissions-policy', 'camera=(), microphone=(), geolocation=()');
  response.setHeader('cache-control', 'no-store');
}

/**
 * Throws Declined for a request that did not come from the page itself. A foreign Host means DNS rebinding;
 * a foreign Origin or Sec-Fetch-Site means another site reaches for this one.
 */
export function admit(request: IncomingMessage, port: number): void {
  const host = request.headers.host ?? '';
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`)
    throw new Declined(421, 'This page answers on loopback only.');
  const site = request.headers['sec-fetch-site'];
  const opened = request.method === 'GET' && request.headers['sec-fetch-mode'] === 'navigate';
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !opened) throw new Declined(403, 'Another site asked.');
  if (request.method === 'POST' && request.headers.origin !== `http://${host}`) throw new Declined(403, 'Another site asked.');
}

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Compares without telling by its duration how much was right. */
export function same(given: string | null | undefined, secret: string): boolean {
  return given !== null && given !== undefined && timingSafeEqual(digest(given), digest(secret));
}

/** The value of one cookie, undefined where there is none. */
export function cookie(request: IncomingMessage, name: string): string | undefined {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}
