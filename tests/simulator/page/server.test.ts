import { once } from 'node:events';
import http from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readRange } from '../../../simulator/page/files.ts';
import { clip, zip } from './bots.ts';
import { openStage } from './stage.ts';

let stage: Awaited<ReturnType<typeof openStage>>;
let seen: Awaited<ReturnType<typeof stage.newPage>>;
let origin: string;

beforeAll(async () => {
  stage = await openStage();
  seen = await stage.newPage();
  origin = new URL(seen.url).origin;
});
afterAll(() => stage.close());

function form(fields: Record<string, string | Blob>): FormData {
  const made = new FormData();
  for (const [name, value] of Object.entries(fields)) made.append(name, value);
  return made;
}

async function post(path: string, fields: Record<string, string | Blob>, headers: Record<string, string> = { origin }) {
  const answer = await fetch(origin + path, { method: 'POST', body: form(fields), headers });
  const { message = '' } = answer.status === 204 ? {} : ((await answer.json()) as { message: string });
  return `${answer.status} ${message}`.trim();
}

async function status(path: string, headers: Record<string, string>): Promise<number | undefined> {
  const request = http.get(origin + path, { headers });
  const [answer] = (await once(request, 'response')) as [http.IncomingMessage];
  answer.destroy();
  return answer.statusCode;
}

describe('the door', () => {
  test('opens for this machine by its own names only', async () => {
    const { port } = new URL(origin);
    expect(await status('/', { host: `localhost:${port}` })).toBe(200);
    expect(await status('/', { host: `rebound.example:${port}` })).toBe(421);
    expect(await status('/events', { host: `127.0.0.1.nip.example:${port}` })).toBe(421);
  });

  test('stays shut for what other sites send', async () => {
    const words = { platform: 'telegram', text: 'from elsewhere' };
    expect(await post('/say', words, { origin: 'http://evil.example' })).toBe('403 Another site asked.');
    expect(await post('/say', words, {})).toBe('403 Another site asked.');
    expect(await status('/events', { 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await status('/', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' })).toBe(200);
    expect(seen.persons.telegram.messages()).toEqual([]);
  });

  test('tells the browser to load nothing from elsewhere, to guess no types and to tell nobody', async () => {
    const { headers } = await fetch(seen.url);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('content-security-policy')).not.toContain('unsafe');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
  });

  test('serves no file that is not part of the page', async () => {
    for (const path of ['/tsconfig.json', '/..%2fserver.ts', '/site/page.js', '/__proto__'])
      expect(await status(path, {})).toBe(404);
  });

  test('with a secret lets in only who opened the whole address', async () => {
    const { url } = await stage.newPage('a secret/1');
    const closed = new URL(url).origin;
    expect((await fetch(`${closed}/`)).status).toBe(401);
    expect((await fetch(`${closed}/?secret=wrong`)).status).toBe(401);
    const opened = await fetch(url, { redirect: 'manual' });
    expect([opened.status, opened.headers.get('location')]).toEqual([303, '/']);
    const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? '';
    expect((await fetch(`${closed}/`, { headers: { cookie } })).status).toBe(200);
    expect((await fetch(`${closed}/`, { headers: { cookie: `${cookie}x` } })).status).toBe(401);
  });
});

describe('what a person does', () => {
  test('is refused with a reason when it cannot be done', async () => {
    expect(await post('/say', { platform: 'irc', text: 'x' })).toBe('400 There are two platforms: discord and telegram.');
    expect(await post('/say', { platform: 'telegram' })).toBe('400 The field text is missing.');
    expect(await post('/command', { platform: 'discord', name: 'nothing' })).toBe('400 The menu has no /nothing.');
    expect(await post('/command', { platform: 'discord', name: 'generate' })).toBe('400 /generate needs prompt.');
    const options = { 'option.prompt': 'x', 'option.seconds': '1.5' };
    expect(await post('/command', { platform: 'discord', name: 'generate', ...options })).toBe(
      '400 seconds must be a whole number.',
    );
    expect(await post('/press', { platform: 'telegram', message: '77', button: '0.0' })).toMatch(/^400 ./);
    expect(await post('/constructor', { platform: 'telegram' })).toBe('404 There is nothing here.');
  });

  test('is refused when it is no form or larger than 25 MB', async () => {
    const plain = await fetch(`${origin}/say`, {
      method: 'POST',
      body: '{}',
      headers: { origin, 'content-type': 'application/json' },
    });
    expect(plain.status).toBe(415);
    const picture = new Blob([Buffer.alloc(26 * 1024 * 1024)]);
    expect(await post('/picture', { platform: 'telegram', caption: '', picture })).toBe('413 Pictures may have up to 25 MB.');
  });
});

describe('files', () => {
  async function deliveredVideo(): Promise<string> {
    const { telegram } = seen.persons;
    telegram.say('a fox');
    const { id } = await telegram.until((message) => message.text === 'Queued: a fox');
    telegram.press(id, '0.0');
    await telegram.until((message) => message.files.length > 0);
    return newestFile();
  }

  async function newestFile(): Promise<string> {
    const events = await fetch(`${origin}/events`);
    const reader = events.body?.getReader();
    let text = '';
    while (!/\n\n/.test(text.replace(/^retry.*\n/, ''))) text += new TextDecoder().decode((await reader?.read())?.value);
    await reader?.cancel();
    return origin + ([...text.matchAll(/"url":"([^"]*)"/g)].at(-1)?.[1] ?? '');
  }

  test('come whole, by range and as a download, and say what they are', async () => {
    const url = await deliveredVideo();
    const whole = await fetch(url);
    expect([whole.status, whole.headers.get('content-type'), whole.headers.get('accept-ranges')]).toEqual([
      200,
      'video/mp4',
      'bytes',
    ]);
    expect(Buffer.from(await whole.arrayBuffer()).equals(clip)).toBe(true);
    const part = await fetch(url, { headers: { range: 'bytes=100-199' } });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 100-199/${clip.length}`]);
    expect(Buffer.from(await part.arrayBuffer()).equals(clip.subarray(100, 200))).toBe(true);
    const beyond = await fetch(url, { headers: { range: `bytes=${clip.length}-` } });
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${clip.length}`]);
    const saved = await fetch(`${url}&save=1`);
    expect(saved.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''clip.mp4");
  });

  test('that are no picture and no film are saved, never shown by the browser', async () => {
    seen.persons.telegram.say('data');
    const { files } = await seen.persons.telegram.until((message) => message.text === 'Your data');
    expect(files).toMatchObject([{ kind: 'file', name: 'data.html' }]);
    const answer = await fetch(await newestFile());
    expect([answer.headers.get('content-type'), answer.headers.get('content-disposition')]).toEqual([
      'application/octet-stream',
      "attachment; filename*=UTF-8''data.html",
    ]);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(zip);
  });

  test('that no message has shown are not fetched', async () => {
    expect(await status(`/file?id=${encodeURIComponent('http://127.0.0.1:1/')}`, {})).toBe(404);
  });

  test('are given in pieces of at most a megabyte, so that paused videos hold no connection', () => {
    expect(readRange('bytes=0-')).toEqual({ start: 0, end: 1024 * 1024 - 1 });
    expect(readRange('bytes=5-9')).toEqual({ start: 5, end: 9 });
    expect(readRange(undefined)).toBeUndefined();
    expect(readRange('lines=1-2')).toBeUndefined();
  });
});
