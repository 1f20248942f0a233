import { afterAll, beforeAll, expect, test } from 'vitest';
import { withdrawConsent } from '../../core/privacy/consents.ts';
import { unpublish } from '../../core/privacy/gallery.ts';
import { startWeb } from '../../web/server.ts';
import { run } from '../../workers/gallery.ts';
import { newMaker, newVideo, offer, openOnce } from '../core/privacy/makers.ts';

const { app, clock } = openOnce();
const bytes = Buffer.from('0123456789');
let web: Awaited<ReturnType<typeof startWeb>>;
beforeAll(async () => {
  web = await startWeb(app(), { host: '127.0.0.1', port: 0 });
});
afterAll(() => web.close());

const get = (path: string, options: RequestInit = {}) => fetch(`${web.url}/gallery${path}`, { redirect: 'manual', ...options });
const textOf = async (path: string) => (await get(path)).text();

async function newShown() {
  clock.now += 1_000;
  const maker = await newMaker(app());
  const generation = await newVideo(app(), maker, { video: bytes });
  const slug = await offer(app(), generation);
  await run(app(), slug);
  return { maker, generation, slug };
}

test('an empty gallery says so, and what its rule is', async () => {
  const page = await get('');
  expect(page.status).toBe(200);
  const text = await page.text();
  expect(text).toContain('no video here');
  expect(text).toContain('with the consent of the person who made it');
});

test('pages hold the newest first, without a name, a prompt, an account or a script', async () => {
  const shown = [await newShown(), await newShown()];
  const text = await textOf('');
  const [older, newer] = shown.map(({ slug }) => text.indexOf(`href="/gallery/${slug}"`));
  expect(newer).toBeGreaterThan(0);
  expect(older).toBeGreaterThan(newer ?? 0);
  for (const path of ['', `/${shown[0]?.slug}`]) {
    const { maker, generation } = shown[0] ?? (await newShown());
    for (const hidden of [maker.id, maker.keyId, generation._id, 'fox', '<script'])
      expect(await textOf(path)).not.toContain(hidden);
  }
});

test('nothing of it is kept by a browser or found by a search engine', async () => {
  const { slug } = await newShown();
  for (const path of ['', `/${slug}`, `/${slug}.mp4`, `/${slug}.jpg`]) {
    const answer = await get(path);
    await answer.arrayBuffer();
    expect([path, answer.status, answer.headers.get('cache-control')]).toEqual([path, 200, 'no-store']);
  }
  for (const path of ['', `/${slug}`]) expect((await get(path)).headers.get('x-robots-tag')).toContain('noindex');
});

test('gives the video whole and in parts, and the still', async () => {
  const { slug } = await newShown();
  const whole = await get(`/${slug}.mp4`);
  expect([whole.headers.get('content-type'), await whole.text()]).toEqual(['video/mp4', '0123456789']);
  const part = await get(`/${slug}.mp4`, { headers: { range: 'bytes=2-4' } });
  expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, 'bytes 2-4/10', '234']);
  expect((await get(`/${slug}.mp4`, { headers: { range: 'bytes=10-' } })).status).toBe(416);
  const still = await get(`/${slug}.jpg`);
  expect([still.headers.get('content-type'), await still.text()]).toEqual(['image/jpeg', 'still']);
  const head = await get(`/${slug}.mp4`, { method: 'HEAD' });
  expect([head.status, head.headers.get('content-length')]).toEqual([200, '10']);
});

test('answers 404 to everything of a video from the moment of its withdrawal', async () => {
  const { maker, generation, slug } = await newShown();
  const paths = [`/${slug}`, `/${slug}.mp4`, `/${slug}.jpg`];
  const said = { channel: 'telegram', language: 'en', at: clock.now } as const;
  await withdrawConsent(app(), { account: maker, purpose: 'gallery', subject: generation._id, ...said });
  for (const path of paths) expect((await get(path)).status).toBe(404);
  expect(await textOf('')).not.toContain(slug);
  await unpublish(app(), maker.id, generation._id);
  for (const path of paths) expect((await get(path)).status).toBe(404);
});

test('answers 404 to what never was, to a video on its way, and to a page that cannot be', async () => {
  const waiting = await offer(app(), await newVideo(app(), await newMaker(app()), { video: bytes }));
  const paths = [`/${'x'.repeat(22)}`, `/${waiting}`, `/${waiting}.mp4`, '/../videos/tg-1.mp4', '/a.mp4', '?page=0', '?page=x'];
  for (const path of paths) expect([path, (await get(path)).status]).toEqual([path, 404]);
  expect((await get('', { method: 'POST' })).status).toBe(405);
});

test('turns pages of 24', async () => {
  const { maker, generation } = await newShown();
  const rows = Array.from({ length: 25 }, (_, index) => ({
    ...{ _id: `filler-${String(index).padStart(15, '0')}`, accountId: maker.id, generation: `${generation._id}${index}` },
    ...{ consent: 'none', state: 'shown', seconds: 1, width: 1, height: 1, size: 1 },
    ...{ createdAt: new Date(clock.now), shownAt: new Date(clock.now + index) },
  }));
  await app().models.galleryItems.insertMany(rows);
  // Shown by their state alone, and by nobody's consent: they take their place and are not seen.
  const first = await textOf('');
  expect(first).toContain('href="/gallery?page=2"');
  expect(first).not.toContain('filler');
  const second = await textOf('?page=2');
  expect(second).toContain('href="/gallery?page=1"');
  expect(second).toContain('<img');
  await app().models.galleryItems.deleteMany({ _id: /^filler/ });
});
