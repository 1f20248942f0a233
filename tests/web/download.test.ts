import { expect, onTestFinished, test } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { ask, links, pressable } from '../support/requests.ts';
import { enter, linkTo, openPages, ownerOf, visit } from './visit.ts';

async function open(settings: Record<string, string> = {}) {
  const pages = await openPages(settings);
  const owner = await ownerOf(pages.app, '77');
  return { ...pages, owner, ...(await linkTo(pages.app, owner)) };
}

const wrongOf = (code: string, by: number): string => String((Number(code) + by) % 1_000_000).padStart(6, '0');

test('the chat gives a link and a code, which open the video and nothing else does', async () => {
  const { app, owner } = await open();
  const shown = await ask(app, { command: 'videos', words: `show=${owner.video}`, at: app.now() }, owner.user);
  const button = pressable(shown).find(({ label }) => label === 'Download');
  expect(button?.command.length).toBeLessThanOrEqual(64);
  const answer = await ask(app, { command: 'videos', words: button?.command.replace('videos ', ''), at: app.now() }, owner.user);
  expect(answer.private).toBe(true);
  const code = /\d{3} \d{3}/.exec(answer.words)?.[0] ?? '';
  const [link] = links(answer);
  const { entered, shown: page, media } = await enter(link?.url ?? '', code);
  expect([entered.status, page.status]).toEqual([303, 200]);
  expect(page.body.toString()).toContain('<video controls');
  expect((await visit(media)).status).toBe(404);
});

test('the link of somebody else’s video is not given, nor of one that was deleted', async () => {
  const { app, owner } = await open();
  const asked = (user: string) => ask(app, { command: 'videos', words: `download=${owner.video}`, at: app.now() }, user);
  expect((await asked('78')).words).toContain('cannot find that video');
  await app.models.generations.updateOne({ _id: owner.video }, { $set: { 'removed.video': new Date(app.now()) } });
  expect((await asked(owner.user)).words).toContain('cannot find that video');
  expect((await ask(app, { command: 'videos', at: app.now() }, owner.user)).words).toContain('deleted');
});

test('looking at the page changes nothing: previews fetch it', async () => {
  const { app, url } = await open();
  const before = await app.models.downloads.find().lean();
  const seen = await Promise.all(Array.from({ length: 40 }, (_, at) => visit(url, { method: at % 2 ? 'HEAD' : 'GET' })));
  expect(new Set(seen.map(({ status }) => status))).toEqual(new Set([200]));
  expect(seen.every(({ headers }) => headers['set-cookie'] === undefined)).toBe(true);
  expect(await app.models.downloads.find().lean()).toEqual(before);
});

test('four wrong codes are forgiven, the fifth ends the link', async () => {
  const { app, url, code, origin } = await open();
  const tried = async (given: string) => (await visit(url, { form: { code: given }, headers: { origin } })).status;
  for (const by of [1, 2, 3, 4]) expect(await tried(wrongOf(code, by))).toBe(403);
  expect(await tried(`${code.slice(0, 3)} ${code.slice(3)}`)).toBe(303);
  expect(await tried(wrongOf(code, 5))).toBe(404);
  expect(await tried(code)).toBe(404);
  expect(await app.models.downloads.countDocuments()).toBe(0);
});

test('many guesses at once are no more than five', async () => {
  const { url, code, origin } = await open();
  const guesses = Array.from({ length: 30 }, (_, by) =>
    visit(url, { form: { code: wrongOf(code, by + 1) }, headers: { origin } }),
  );
  const answered = (await Promise.all(guesses)).map(({ status }) => status);
  expect(answered.filter((status) => status === 403).length).toBeLessThanOrEqual(4);
  expect((await visit(url)).status).toBe(404);
});

test('what is no code costs no try, and no other site can enter one', async () => {
  const { app, url, code, origin } = await open();
  for (const given of ['', '12345', 'abcdef', `${code}0`]) {
    expect((await visit(url, { form: { code: given }, headers: { origin } })).status).toBe(403);
  }
  const foreign: Record<string, string>[] = [{}, { origin: 'https://evil.example' }, { origin, 'sec-fetch-site': 'cross-site' }];
  for (const headers of foreign) {
    const answer = await visit(url, { form: { code }, headers });
    expect([answer.status, answer.headers['set-cookie']]).toEqual([403, undefined]);
  }
  expect((await visit(url, { form: { code: 'x'.repeat(2_000) }, headers: { origin } })).status).toBe(413);
  expect((await visit(url, { method: 'DELETE' })).status).toBe(405);
  expect(await app.models.downloads.findOne({}, { wrongCodes: 1, _id: 0 }).lean()).toEqual({ wrongCodes: 0 });
});

test('unknown, ended and withdrawn links answer alike, to the letter', async () => {
  const { app, clock, origin, owner, url } = await open();
  const withdrawn = await linkTo(app, owner);
  const bodies = [
    await visit(url), // its successor has ended it
    await visit(`${origin}/d/${'A'.repeat(22)}`),
    await visit(`${origin}/d/`),
    await visit(`${origin}/d/..%2fx`),
  ];
  clock.at += 900_001;
  bodies.push(await visit(withdrawn.url));
  expect(bodies.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
  expect(new Set(bodies.map(({ body }) => body.toString())).size).toBe(1);
});

test('a reload needs no code for 15 minutes, and no longer', async () => {
  const { clock, app, owner } = await open();
  const { url, code } = await linkTo(app, owner, 3_600_000);
  const { cookie, entered } = await enter(url, code);
  expect(entered.headers['set-cookie']?.[0]).toMatch(/^d=[\w.-]+; Max-Age=900; Path=\/; HttpOnly; SameSite=Lax$/);
  clock.at += 14 * 60_000;
  expect((await visit(url, { headers: { cookie } })).body.toString()).toContain('<video');
  clock.at += 61_000;
  const later = (await visit(url, { headers: { cookie } })).body.toString();
  expect([later.includes('<video'), later.includes('name="code"')]).toEqual([false, true]);
});

test('over https the cookie belongs to this very host, and the browser is told to stay on https', async () => {
  const { app, owner, origin } = await open({ PUBLIC_URL: 'https://chat.example' });
  const { url, code } = await linkTo(app, owner);
  expect(new URL(url).origin).toBe('https://chat.example');
  const local = url.replace('https://chat.example', origin);
  const entered = await visit(local, { form: { code }, headers: { origin: 'https://chat.example' } });
  expect(entered.headers['set-cookie']?.[0]).toMatch(/^__Host-d=[\w.-]+; .*; SameSite=Lax; Secure$/);
  expect(entered.headers['strict-transport-security']).toBe('max-age=63072000');
});

test('a person opens their video by keyboard, on a phone, in light and dark', { timeout: 120_000 }, async () => {
  const { url, code } = await open();
  const browser = await openBrowser();
  onTestFinished(() => browser.close());
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({ viewport: { width: 360, height: 640 }, colorScheme });
    const page = await context.newPage();
    const refusals: string[] = [];
    page.on('console', (message) => void (message.type() === 'error' && refusals.push(message.text())));
    await page.goto(url);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    await page.keyboard.type(code);
    await page.keyboard.press('Enter');
    await page.waitForSelector('video');
    // Asked from outside: the page's own policy forbids evaluating a string in it, which waitForFunction does from its second look on.
    const film =
      "(({ readyState, error }) => error?.message ?? (readyState > 0 ? 'plays' : ''))(document.querySelector('video'))";
    await expect.poll(() => page.evaluate(film), { timeout: 20_000 }).not.toBe('');
    expect(await page.evaluate(film)).not.toContain('404');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    expect(refusals).toEqual([]);
    await context.close();
  }
});
