import { request } from 'node:http';
import { onTestFinished } from 'vitest';
import type { App } from '../../core/app.ts';
import { createLog } from '../../core/log.ts';
import { offerDownload } from '../../core/privacy/downloads.ts';
import { startWeb } from '../../web/server.ts';
import * as generate from '../../workers/generate.ts';
import { openApp } from '../support/app.ts';
import { createScriptedProvider } from '../support/provider.ts';
import { ask } from '../support/requests.ts';
import { recordSends } from '../support/sends.ts';

export interface Visited {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
  /** Everything that was promised has come. */
  isWhole: boolean;
}

/** One request as a browser sends it: fetch may set neither Origin nor Cookie. */
export function visit(
  url: string,
  options: { method?: string; headers?: Record<string, string>; form?: Record<string, string> } = {},
): Promise<Visited> {
  const { form } = options;
  const method = options.method ?? (form ? 'POST' : 'GET');
  const headers = { ...(form && { 'content-type': 'application/x-www-form-urlencoded' }), ...options.headers };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => {});
      response.on('close', () => {
        const { statusCode: status = 0, complete: isWhole } = response;
        resolve({ status, headers: response.headers, body: Buffer.concat(chunks), isWhole });
      });
    });
    sent.on('error', reject).end(form && new URLSearchParams(form).toString());
  });
}

export interface Owner {
  accountId: string;
  keyId: string;
  /** Id of a generation with a video. */
  video: string;
  user: string;
}

/** An app with its pages, a clock that the test turns, and what it logs. */
export async function openPages(settings: Record<string, string> = {}) {
  const clock = { at: Date.now() };
  const lines: string[] = [];
  const log = createLog('trace', (line) => void lines.push(line));
  const app = await openApp({ provider: await createScriptedProvider(), now: () => clock.at, log }, settings);
  const web = await startWeb(app, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => web.close());
  return { app, clock, lines, origin: web.url };
}

/** Somebody with one video that was made. */
export async function ownerOf(app: App, user: string): Promise<Owner> {
  const { follows: video = '' } = await ask(app, { words: 'a fox', at: app.now() }, user);
  const { sends } = recordSends();
  await generate.run(app, sends, video);
  await generate.run(app, sends, video);
  const generation = await app.models.generations.findById(video).lean();
  if (!generation?.video) throw new Error('no video was made');
  return { accountId: generation.accountId, keyId: generation.keyId, video, user };
}

/** A link to that video and its code. */
export async function linkTo(app: App, { accountId, keyId, video }: Owner, livesMs = 900_000) {
  const offered = await offerDownload(app, { accountId, keyId, what: 'video', target: video, livesMs, at: app.now() });
  if (!offered) throw new Error('nothing was offered');
  return { ...offered, id: offered.url.slice(offered.url.lastIndexOf('/') + 1) };
}

/** Enters the code; gives the cookie and the address of the media. */
export async function enter(url: string, code: string) {
  const { origin } = new URL(url);
  const entered = await visit(url, { form: { code }, headers: { origin } });
  const [cookie = ''] = (entered.headers['set-cookie']?.[0] ?? '').split(';');
  const shown = await visit(url, { headers: { cookie } });
  const source = /(?:src|href)="(\/m\/[^"?]+)/.exec(shown.body.toString())?.[1] ?? '';
  return { entered, shown, cookie, media: new URL(source, origin).href };
}
