import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStageWithBrowser } from './stage.ts';

let stage: Awaited<ReturnType<typeof openStageWithBrowser>>;

beforeAll(async () => {
  stage = await openStageWithBrowser();
});
afterAll(() => stage.close());

const log = `document.querySelector('#telegram .log')`;
const pixelsFromEnd = `Math.round(${log}.scrollHeight - ${log}.scrollTop - ${log}.clientHeight)`;

test('the newest message stays in view unless the person has scrolled up', async () => {
  const { page, persons, telegram } = await stage.visit({ viewport: { width: 1000, height: 500 } });
  for (let line = 0; line < 12; line++) persons.telegram.say(`line ${line}`);
  await telegram.root.getByText('Queued: line 11').waitFor();
  await expect.poll(() => page.evaluate(pixelsFromEnd)).toBe(0);
  await page.evaluate(`${log}.scrollTop = 0`);
  await stage.telegramBot.api.sendMessage(persons.telegram.chat, 'Good news');
  await telegram.root.getByRole('button', { name: 'Newest messages' }).waitFor();
  expect(await page.evaluate(`${log}.scrollTop`)).toBe(0);
  await telegram.press('Newest messages');
  await expect.poll(() => page.evaluate(pixelsFromEnd)).toBe(0);
});

test('a page opened later shows what was said before, and does not announce it again', async () => {
  const { page, telegram } = await stage.visit();
  await telegram.line.fill('remember me');
  await telegram.line.press('Enter');
  await telegram.last.getByText('Queued: remember me').waitFor();
  expect(await page.locator('#announcements p').allTextContents()).toEqual(['LPM AI on Telegram: Queued: remember me']);
  await page.reload();
  await telegram.last.getByText('Queued: remember me').waitFor();
  expect(await telegram.messages.count()).toBe(2);
  expect(await page.locator('#announcements p').count()).toBe(0);
});

test('edits in quick succession are announced only when something was finished', async () => {
  const { page, persons, telegram } = await stage.visit();
  persons.telegram.say('a fox');
  const { id } = await persons.telegram.until((message) => message.text === 'Queued: a fox');
  await telegram.last.getByText('Queued: a fox').waitFor();
  for (const step of ['10 %', '20 %', '30 %']) {
    await stage.telegramBot.api.editMessageText(persons.telegram.chat, Number(id), step, {
      reply_markup: { inline_keyboard: [[{ text: 'Finish', callback_data: 'finish' }]] },
    });
    await telegram.last.getByText(step).waitFor();
  }
  await telegram.press('Finish');
  await telegram.video.waitFor();
  const announced = await page.locator('#announcements p').allTextContents();
  expect(announced).toEqual(['LPM AI on Telegram: Queued: a fox', 'LPM AI on Telegram, with a video: Here it is']);
});

test.each([
  ['<img src=x onerror="window.broken=1">a', 'a'],
  ['<script>window.broken=1</script>b', 'b'],
  ['<b onclick="window.broken=1" style="position:fixed">c</b>', '<b>c</b>'],
  ['<a href="javascript:window.broken=1">d</a>', 'd'],
  ['<svg><g onload="window.broken=1"/></svg><iframe srcdoc="<script>window.broken=1</script>"></iframe>e', 'e'],
  [
    '<blockquote>f<br><i>g</i> <code>&lt;b&gt;</code></blockquote>',
    '<blockquote>f<br><i>g</i> <code>&lt;b&gt;</code></blockquote>',
  ],
  ['<math><mtext><table><mglyph><style><img src=x onerror=window.broken=1>', ''],
])('no more than harmless elements is made of %s', async (html, expected) => {
  const { page } = await stage.visit();
  const shown = await page.evaluate(`import('/safe-html.js').then(({ safeHtml }) => {
    const box = document.createElement('div');
    document.body.append(box);
    box.append(safeHtml(${JSON.stringify(html)}));
    return new Promise((resolve) => setTimeout(() => resolve([box.innerHTML, window.broken ?? 0]), 50));
  })`);
  expect(shown).toEqual([expected, 0]);
});

test('relative times move on, others stay as they were written', async () => {
  const { page } = await stage.visit();
  await page.clock.install({ time: new Date('2026-11-24T12:00:00Z') });
  await page.reload();
  await page.evaluate(`import('/safe-html.js').then(({ safeHtml }) => {
    const soon = '<time datetime="2026-11-24T12:01:30Z">in 2 minutes</time>', day = '<time datetime="2026-11-24T12:01:30Z">24 November</time>';
    document.querySelector('h1').append(safeHtml(soon + ' ' + day));
  })`);
  await page.clock.runFor(60_000);
  expect(await page.locator('h1 time').allTextContents()).toEqual(['in 30 seconds', '24 November']);
});
