import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MailFailed } from '../../../core/mail.ts';
import { grantConsent, prove, withdrawConsent } from '../../../core/privacy/consents.ts';
import { beginNews, sendNews } from '../../../core/privacy/news.ts';
import { news } from '../../../operate/news.ts';
import { pressable } from '../../support/requests.ts';
import { DAY_MS, intercept, shareTold } from './told.ts';

const openTold = shareTold();

const NEWS = { subject: 'New styles', text: 'Three of them: ink, clay and glass.' };

/** Ann and Ben want news, by Telegram and e-mail; Cem wants them and has only an address and Discord; Dan does not want any. */
async function open() {
  const told = await openTold();
  const { app, newcomer, accountOf, onDiscord, clock, letters } = told;
  app.address.url = 'https://lpm.example';
  await newcomer('1', 'ann@example.com');
  await newcomer('2', 'ben@example.com');
  await newcomer('3', 'cem@example.com', onDiscord('3').place);
  await newcomer('4', 'dan@example.com');
  letters.length = 0;
  const about = async (user: string) => {
    const { _id: id } = await accountOf(user, user === '3' ? 'discord' : 'telegram');
    return { account: { id }, purpose: 'marketing', channel: 'telegram', language: 'en', at: clock.at } as const;
  };
  const agree = async (user: string) => grantConsent(app, { ...(await about(user)), text: 'News, please.' });
  const withdraw = async (user: string) => withdrawConsent(app, await about(user));
  for (const user of ['1', '2', '3']) await agree(user);
  return { ...told, agree, withdraw };
}

const addressees = (letters: readonly { to: string }[]) => letters.map(({ to }) => to).sort();

test('news go to those who want them, by Telegram and e-mail, once, and never by Discord', async () => {
  const { app, work, letters, sendings } = await open();
  await beginNews(app, NEWS);
  await work();
  expect(addressees(letters)).toEqual(['ann@example.com', 'ben@example.com', 'cem@example.com']);
  expect(sendings.map(({ place }) => [place.platform, place.user]).sort()).toEqual([
    ['telegram', '1'],
    ['telegram', '2'],
  ]);
  expect(await app.models.broadcasts.findOne({}).lean()).toMatchObject({ state: 'sent', sent: 3, skipped: 0, cursor: '' });
  expect((await beginNews(app, NEWS)).isNew).toBe(false);
  await work();
  expect([letters.length, sendings.length]).toEqual([3, 2]);
});

test('each of them carries its way out', async () => {
  const { app, work, letters, sendings } = await open();
  await beginNews(app, NEWS);
  await work();
  for (const { reply } of sendings) {
    expect(pressable(reply)).toEqual([{ label: 'No more news', command: 'privacy consents withdraw=marketing' }]);
  }
  for (const { text, headers } of letters) {
    const url = /No more news: (https:\/\/lpm\.example\/news\/\S+)/.exec(text)?.[1];
    expect(url).toBeTruthy();
    expect(headers).toEqual({ 'List-Unsubscribe': `<${url}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' });
  }
});

test('the button in the message works', async () => {
  const { app, work, sendings, talk, letters } = await open();
  await beginNews(app, NEWS);
  await work();
  const { command = '' } = pressable(sendings[0]?.reply ?? { text: [] })[0] ?? {};
  const user = sendings[0]?.place.user ?? '';
  await talk(user, 'privacy', command.replace('privacy ', ''));
  await beginNews(app, { ...NEWS, subject: 'Newer styles' });
  await work();
  expect(sendings.filter(({ place }) => place.user === user)).toHaveLength(1);
  expect(letters).toHaveLength(5);
});

test('a withdrawal between two sends stops the next one', async () => {
  const { app, work, withdraw, letters, sendings, sends } = await open();
  const { telegram } = sends;
  sends.telegram = async (...given) => {
    const sent = await telegram?.(...given);
    for (const user of ['1', '2', '3']) await withdraw(user);
    return sent ?? {};
  };
  await beginNews(app, NEWS);
  await work();
  expect(sendings.length).toBeLessThanOrEqual(1);
  expect(letters.length).toBeLessThanOrEqual(1);
  expect(await app.models.newsSent.countDocuments()).toBe(sendings.length + letters.length);
});

test('a proof that has been withdrawn, or has waited, sends nothing and leaves no trace', async () => {
  const { app, agree, withdraw, accountOf, sends, sendings, letters, clock } = await open();
  const { _id: id } = await accountOf('1');
  const about = { ...NEWS, id: 'news-1' };
  const withdrawn = await prove(app, id, 'marketing');
  await withdraw('1');
  await agree('2');
  const old = await prove(app, (await accountOf('2'))._id, 'marketing');
  clock.at += 10_000;
  if (!withdrawn || !old) throw new Error('there was a consent');
  for (const proof of [withdrawn, old]) {
    for (const way of ['telegram', 'mail'] as const) expect(await sendNews(app, sends, proof, { ...about, way })).toBe('skipped');
  }
  expect([sendings.length, letters.length, await app.models.newsSent.countDocuments()]).toEqual([0, 0, 0]);
});

test('a process that dies in the middle of a send repeats it to nobody', async () => {
  const { app, work, letters, mailFails, sendings, clock } = await open();
  mailFails.push({ error: new MailFailed('ETIMEDOUT', false), after: true });
  await beginNews(app, NEWS);
  let calls = 0;
  intercept(app.models.broadcasts, 'findOneAndUpdate', () => {
    calls += 1;
    if (calls === 2) throw new Error('killed');
  });
  await expect(work()).rejects.toThrow('killed');
  clock.at += 3 * 60_000;
  await work();
  expect(addressees(letters)).toEqual(['ann@example.com', 'ben@example.com', 'cem@example.com']);
  expect(sendings).toHaveLength(2);
});

test('a mail server that is away holds the news up and loses none of them, for a day', async () => {
  const { app, work, letters, mailFails, sendings, clock } = await open();
  mailFails.push({ error: new MailFailed('ECONNECTION', true) });
  await beginNews(app, NEWS);
  await work();
  expect(letters).toEqual([]);
  clock.at += 61_000;
  await work();
  expect([letters.length, sendings.length]).toEqual([3, 2]);
  mailFails.push({ error: new MailFailed('ECONNECTION', true) });
  await beginNews(app, { ...NEWS, subject: 'Late' });
  clock.at += 2 * DAY_MS;
  await work();
  expect(await app.models.broadcasts.findOne({ subject: 'Late' }).lean()).toMatchObject({ state: 'stopped' });
});

test('the operator reads how many want news, and the same file twice is sent once', async () => {
  const { app, withdraw, work, letters } = await open();
  await withdraw('2');
  const file = join(app.config.DATA_DIR, 'news.txt');
  await writeFile(file, `\uFEFF${NEWS.subject}\r\n\r\n${NEWS.text}\r\n`);
  const lines = await news(app, [file]);
  expect(lines[0]).toBe('2 accounts agree to news at this moment; each is asked again before it is sent.');
  expect(lines[1]).toMatch(/^Begun as news-[0-9a-f]{32}\./);
  await work();
  expect(letters[0]).toMatchObject({ subject: NEWS.subject });
  expect((await news(app, [file])).at(-1)).toMatch(/sent, sent to 2\. Nothing is sent twice\.$/);
  await writeFile(file, 'Only a subject\n');
  await expect(news(app, [file])).rejects.toMatchObject({ code: 'news_unusable' });
});
