import { request } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { createMail } from '../../core/mail.ts';
import { readLetter } from '../../simulator/mail/message.ts';
import { createMailSimulator } from '../../simulator/mail.ts';

async function open() {
  const mailbox = await createMailSimulator({ now: () => Date.UTC(2027, 0, 2, 3, 4, 5) });
  onTestFinished(() => mailbox.close());
  const mail = createMail({ url: mailbox.url, from: 'LPM AI <support@lpmai.art>' });
  const send = (letter: { subject?: string; text?: string; id?: string }) =>
    mail.send({ to: 'robin@example.com', subject: 'Hello', text: 'Hello', id: '1', ...letter });
  return { mailbox, send };
}

test('reads long lines, letters of every script and dots at the beginning of a line as they were written', async () => {
  const { mailbox, send } = await open();
  const text = `.\n..two\n${'word '.repeat(400).trim()}\n${'ä'.repeat(1_500)}\n日本語 = 100 % 🦊 =3D`;
  const subject = 'Ein sehr langer Betreff über Füchse, Städte bei Nacht und Regen, der mehrere Zeilen braucht 🦊🦊🦊';
  await send({ subject, text });
  expect(mailbox.messages()).toMatchObject([{ subject, text, at: Date.UTC(2027, 0, 2, 3, 4, 5) }]);
});

test('reads a letter in base64, and one with nothing in it', () => {
  const raw = 'Subject: =?UTF-8?B?w6Q=?=\r\n =?utf-8?q?_b?=\r\nContent-Transfer-Encoding: base64\r\n\r\nw6Qg\r\nYg==\r\n';
  expect(readLetter(Buffer.from(raw), 'a@example.com', 1)).toMatchObject({ subject: 'ä b', text: 'ä b' });
  expect(readLetter(Buffer.from('Subject: only\r\n'), 'a@example.com', 1)).toMatchObject({ subject: 'only', text: '' });
});

test('hands over a letter that is still on its way, and says what came instead', async () => {
  const { mailbox, send } = await open();
  const wanted = mailbox.until(({ subject }) => subject === 'Second');
  await send({ subject: 'First' });
  await send({ subject: 'Second' });
  expect((await wanted).subject).toBe('Second');
  await expect(mailbox.until(({ subject }) => subject === 'Third', 20)).rejects.toThrow('robin@example.com: First');
});

test('the page shows what came as text, follows addresses only, and runs nothing', async () => {
  const { mailbox, send } = await open();
  const url = await mailbox.openPage(0);
  expect(await (await fetch(url)).text()).toContain('No mail yet');
  await send({ subject: '<script>alert(1)</script>', text: 'See https://lpm.example/news/a.b?c=1&d="x or javascript:alert(1)' });
  const response = await fetch(url);
  const html = await response.text();
  expect(html).not.toContain('<script');
  expect(html).toContain('&#60;script&#62;alert(1)');
  expect(html).toContain('<a href="https://lpm.example/news/a.b?c=1&#38;d=" rel="noreferrer">');
  expect(html.match(/<a /g)).toHaveLength(2);
  expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'self'/);
});

test('the page answers to this machine only and changes nothing', async () => {
  const { mailbox } = await open();
  const url = await mailbox.openPage(0);
  expect((await fetch(url, { method: 'POST' })).status).toBe(405);
  const status = await new Promise((resolve) => {
    request(url, { headers: { host: 'evil.example' } }, (response) => resolve(response.resume().statusCode)).end();
  });
  expect(status).toBe(421);
});
