import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startWeb, TELEGRAM_PATH } from '../../web/server.ts';
import { openApp } from '../support/app.ts';
import { createScriptedProvider } from '../support/provider.ts';

async function open() {
  const app = await openApp({ provider: await createScriptedProvider() });
  const received: { secret: string | undefined; body: string }[] = [];
  const telegram = async (secret: string | undefined, body: Buffer) => {
    received.push({ secret, body: body.toString() });
    return secret === 'right' ? 200 : 404;
  };
  const web = await startWeb(app, { host: '127.0.0.1', port: 0, telegram });
  onTestFinished(() => web.close());
  return { app, received, url: web.url, web };
}

const post = (url: string, secret: string, body: string) =>
  fetch(url + TELEGRAM_PATH, { method: 'POST', body, headers: { 'x-telegram-bot-api-secret-token': secret } });

test('is live at once and ready while the database answers', async () => {
  const { app, url } = await open();
  expect((await fetch(`${url}/health/live`)).status).toBe(200);
  expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  await app.connection.close();
  expect((await fetch(`${url}/health/ready`)).status).toBe(503);
});

test('hands Telegram’s updates on with their secret, and refuses what is too large unread', async () => {
  const { received, url } = await open();
  expect((await post(url, 'right', '{"update_id":1}')).status).toBe(200);
  expect((await post(url, 'wrong', '{}')).status).toBe(404);
  expect(received).toEqual([
    { secret: 'right', body: '{"update_id":1}' },
    { secret: 'wrong', body: '{}' },
  ]);
  const large = await post(url, 'right', 'x'.repeat(1_000_001)).catch(() => undefined);
  expect(large?.status ?? 413).toBe(413);
  expect(received).toHaveLength(2);
});

test('knows nothing else, and says so without a word about itself', async () => {
  const { url } = await open();
  for (const path of ['/', '//', '/health', '/../etc/passwd', '/m', '/m/', '/pay', TELEGRAM_PATH]) {
    const response = await fetch(url + path);
    expect([response.status, await response.text(), response.headers.get('x-powered-by')]).toEqual([404, 'no\n', null]);
  }
});

test('says to every browser how little its answers may do', async () => {
  const { url } = await open();
  for (const path of ['/health/live', '/nothing', '/style.css', '/icon.svg', `/d/${'A'.repeat(22)}`, '/policy']) {
    const { headers } = await fetch(url + path);
    expect([path, headers.get('x-content-type-options')]).toEqual([path, 'nosniff']);
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'.*frame-ancestors 'none'$/);
    expect(headers.get('content-security-policy')).not.toMatch(/unsafe|\*|data:/);
    expect([path, headers.get('referrer-policy')]).toEqual([path, 'no-referrer']);
    expect(headers.get('strict-transport-security')).toBeNull();
  }
});

test('closes in time although somebody is slow to take a page', async () => {
  const { url, web } = await open();
  const { hostname, port } = new URL(url);
  const slow = connect(Number(port), hostname);
  await once(slow, 'connect');
  slow.on('error', () => {}).write('GET /policy HTTP/1.1\r\nhost: x\r\n');
  await web.close();
  slow.destroy();
});
