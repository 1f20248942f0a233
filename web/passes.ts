import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { App } from '../core/app.ts';

/** So long a right code opens a link in one browser, in milliseconds. */
export const PASS_MS = 15 * 60_000;

/** What a browser holds after the right code: a random value, until when it counts, and the proof that we made it for this link. */
export interface Pass {
  value: string;
  /** Milliseconds since the epoch. */
  until: number;
}

export function newPass(app: App, id: string, at: number): Pass {
  const [random, until] = [randomBytes(16).toString('base64url'), at + PASS_MS];
  return { value: `${random}.${until}.${proofOf(app, id, random, String(until))}`, until };
}

/** The pass that a browser shows for this link; undefined for one of another link, an old or a forged one, or none. */
export function passIn(app: App, request: IncomingMessage, id: string, at: number): Pass | undefined {
  const value = cookieIn(request, cookieName(app));
  const [random = '', until = '', proof = '', ...rest] = value?.split('.') ?? [];
  if (value === undefined || rest.length > 0 || !isSame(proof, proofOf(app, id, random, until))) return undefined;
  return Number(until) > at ? { value, until: Number(until) } : undefined;
}

/** The header that hands a pass to the browser. No script sees it, no other site's page can use it. */
export function cookieOf(app: App, { value }: Pass): string {
  const secure = isEncrypted(app) ? '; Secure' : '';
  return `${cookieName(app)}=${value}; Max-Age=${PASS_MS / 1_000}; Path=/; HttpOnly; SameSite=Lax${secure}`;
}

/** What a page with the media in it names them by: counts with this pass only, and no longer than it. */
export const tokenOf = (app: App, id: string, { value, until }: Pass): string =>
  `${id}.${until}.${app.keys.blindIndex('media', id, String(until), value)}`;

/** The link that a token was made for; undefined for one that is old, forged, or shown without its pass. */
export function linkIn(app: App, request: IncomingMessage, token: string, at: number): string | undefined {
  const [id = '', until = '', mac = '', ...rest] = token.split('.');
  const pass = passIn(app, request, id, at);
  if (!pass || rest.length > 0 || !(Number(until) > at)) return undefined;
  return isSame(mac, app.keys.blindIndex('media', id, until, pass.value)) ? id : undefined;
}

const proofOf = (app: App, id: string, random: string, until: string): string =>
  app.keys.blindIndex('download-pass', id, random, until);

const isEncrypted = (app: App): boolean => app.address.url?.startsWith('https:') ?? false;

/** `__Host-`: a browser takes it over https and from this very host alone. */
const cookieName = (app: App): string => (isEncrypted(app) ? '__Host-d' : 'd');

function cookieIn({ headers }: IncomingMessage, name: string): string | undefined {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
