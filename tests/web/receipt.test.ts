import { createPublicKey, verify } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type Receipt, signReceipt } from '../../core/privacy/receipt-of-erasure.ts';
import { send } from '../../web/answer.ts';
import { receipt } from '../../web/receipt.ts';
import { openApp } from '../support/app.ts';

const content: Receipt = {
  id: 'MTIzNDU2Nzg5MDEyMzQ1Ng',
  service: 'LPM AI',
  scope: 'account',
  asked: '2026-11-24T10:00:00.000Z',
  begun: '2026-11-24T10:00:01.000Z',
  done: '2026-11-24T10:01:00.000Z',
  deleted: { videos: 3 },
  kept: [{ what: '<b>a fingerprint</b>', ground: 'so that they are not given twice' }],
  processors: [],
  policy: '2025-12-21',
};

/** The page behind a server of its own, wherever else it hangs. */
async function open() {
  const app = await openApp();
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://local');
    void receipt(app, request, pathname).then((answer) => send({ request, response, encrypted: false }, answer));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/receipt`;
  const check = (text: string, headers: Record<string, string> = { origin: new URL(url).origin }) =>
    fetch(url, { method: 'POST', headers, body: new URLSearchParams({ receipt: text }) });
  return { app, url, check, line: signReceipt(app.keys, content) };
}

test('says genuine and what it holds for a receipt of ours, and shows nothing of it as HTML', async () => {
  const { check, line } = await open();
  const page = await (await check(line)).text();
  expect(page).toContain('<h1>Genuine</h1>');
  expect(page).toContain('2026-11-24 10:01 UTC');
  expect(page).toContain('&#60;b&#62;a fingerprint');
  const file = await (await check(JSON.stringify({ content, receipt: line }))).text();
  expect(file).toContain('<h1>Genuine</h1>');
});

test('says not genuine for one in which a letter was changed, and for anything else', async () => {
  const { check, line } = await open();
  for (const text of [line.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')), 'hello', '', '<script>alert(1)</script>']) {
    const answer = await check(text);
    const page = await answer.text();
    expect(answer.status).toBe(200);
    expect(page).toContain('<h1>Not genuine</h1>');
    expect(page).not.toContain('<script');
  }
});

test('shows the public key with which anybody can check a receipt elsewhere', async () => {
  const { url, line } = await open();
  const page = await (await fetch(url)).text();
  const pem = /-----BEGIN PUBLIC KEY-----[\s\S]+-----END PUBLIC KEY-----/.exec(page)?.[0] ?? '';
  const end = line.lastIndexOf('.');
  const signature = Buffer.from(line.slice(end + 1), 'base64url');
  expect(verify(null, Buffer.from(line.slice(0, end)), createPublicKey(pem), signature)).toBe(true);
});

test('takes its own form only, and no more than 64 KB', async () => {
  const { url, check, line } = await open();
  expect((await check(line, {})).status).toBe(403);
  expect((await check(line, { origin: 'https://elsewhere.example' })).status).toBe(403);
  expect((await check('x'.repeat(70_000))).status).toBe(413);
  expect((await fetch(url, { method: 'PUT' })).status).toBe(405);
  expect((await fetch(`${url}/more`)).status).toBe(404);
});

test('stores nothing of what is entered', async () => {
  const { app, check, line } = await open();
  const count = async () =>
    (await Promise.all(Object.values(app.models).map((model) => model.collection.countDocuments()))).join();
  const before = await count();
  await check(line);
  expect(await count()).toBe(before);
});
