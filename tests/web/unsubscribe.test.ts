import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { newDeploymentKeys } from '../../core/keys/deployment.ts';
import { createKeys } from '../../core/keys.ts';
import { grantConsent, prove } from '../../core/privacy/consents.ts';
import { beginNews } from '../../core/privacy/news.ts';
import { startWeb } from '../../web/server.ts';
import { shareTold } from '../core/privacy/told.ts';

const openTold = shareTold();

/** Ann has said yes to news and got a letter. */
async function open() {
  const told = await openTold();
  const { app, newcomer, accountOf, letters, clock } = told;
  const web = await startWeb(app, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => web.close());
  app.address.url = web.url;
  await newcomer('1', 'ann@example.com');
  const { _id: id } = await accountOf('1');
  const act = { account: { id }, purpose: 'marketing', channel: 'telegram', language: 'en', at: clock.at } as const;
  await grantConsent(app, { ...act, text: 'News, please.' });
  letters.length = 0;
  await beginNews(app, { subject: 'New styles', text: 'Three of them.' });
  await told.work();
  const url = /No more news: (\S+)/.exec(letters[0]?.text ?? '')?.[1] ?? '';
  return { ...told, id, url, origin: web.url, isWanted: async () => (await prove(app, id, 'marketing')) !== undefined };
}

/** Fetch may not set Origin: a form as a browser or a mail program sends it. */
function post(url: string, body: string, headers: Record<string, string> = {}): Promise<{ status: number; html: string }> {
  return new Promise((resolve, reject) => {
    const form = { 'content-type': 'application/x-www-form-urlencoded', ...headers };
    const sent = request(url, { method: 'POST', headers: form }, (response) => {
      let html = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        html += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, html }));
    });
    sent.on('error', reject).end(body);
  });
}

const ONE_CLICK = 'List-Unsubscribe=One-Click';

test('looking changes nothing: mail scanners follow every address', async () => {
  const { url, isWanted } = await open();
  for (const method of ['GET', 'HEAD', 'GET']) expect((await fetch(url, { method })).status).toBe(200);
  expect(await (await fetch(url)).text()).toContain('<button type="submit">No more news</button>');
  expect(await isWanted()).toBe(true);
});

test('the button of the page ends news before it answers', async () => {
  const { app, url, origin, isWanted } = await open();
  const { status, html } = await post(url, '', { origin });
  expect([status, await isWanted()]).toEqual([200, false]);
  expect(html).toContain('Done: from this moment no news are sent to you.');
  expect(await app.models.consents.findOne({ act: 'withdraw' }).lean()).toMatchObject({ channel: 'mail', purpose: 'marketing' });
});

test('the button of a mail program ends them too, with either kind of form and without an origin', async () => {
  const one = await open();
  expect((await post(one.url, ONE_CLICK)).status).toBe(200);
  expect(await one.isWanted()).toBe(false);
  const other = await open();
  const body = '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n';
  expect((await post(other.url, body, { 'content-type': 'multipart/form-data; boundary=x' })).status).toBe(200);
  expect(await other.isWanted()).toBe(false);
});

test('a button of another site ends nothing and says where to press', async () => {
  const { url, isWanted } = await open();
  const { status, html } = await post(url, '', { origin: 'https://evil.example' });
  expect([status, await isWanted()]).toEqual([403, true]);
  expect(html).toContain('<button type="submit">No more news</button>');
});

test('the address tells nothing of the account and works again and again', async () => {
  const { app, id, url } = await open();
  expect(url).not.toContain(id);
  expect(Buffer.from(url.split('.').at(-2) ?? '', 'base64url').toString()).not.toContain(id);
  for (let time = 0; time < 2; time++) expect((await post(url, ONE_CLICK)).status).toBe(200);
  expect(await app.models.consents.countDocuments({ act: 'withdraw' })).toBe(1);
});

test('forged, cut and foreign addresses end nothing', async () => {
  const { url, origin, isWanted, id } = await open();
  const elsewhere = createKeys({ kek: randomBytes(32), deployment: newDeploymentKeys() });
  const foreign = elsewhere.sealDeployment({ collection: 'newssent', id: 'marketing', path: 'unsubscribe' }, id);
  const changed = url.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
  for (const forged of [changed, url.slice(0, -9), `${origin}/news/${id}`, `${origin}/news/`, `${origin}/news/${foreign}`]) {
    expect((await post(forged, ONE_CLICK)).status).toBe(404);
    expect((await fetch(forged)).status).toBe(404);
  }
  expect(await isWanted()).toBe(true);
});

test('after the account is gone the page is as friendly, and writes nothing', async () => {
  const { app, id, url } = await open();
  await app.models.consents.deleteMany({});
  await app.models.accounts.deleteOne({ _id: id });
  expect((await fetch(url)).status).toBe(200);
  expect((await post(url, ONE_CLICK)).html).toContain('Done: from this moment');
  expect(await app.models.consents.countDocuments()).toBe(0);
});
