import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStageWithBrowser } from './stage.ts';

let stage: Awaited<ReturnType<typeof openStageWithBrowser>>;

beforeAll(async () => {
  stage = await openStageWithBrowser();
});
afterAll(() => stage.close());

const focused = `document.activeElement.id || document.activeElement.name || document.activeElement.textContent`;

test('a slash command is found, filled in, sent and its button pressed without a mouse', async () => {
  const { page, discord } = await stage.visit();
  const { keyboard } = page;
  await keyboard.press('Tab');
  await keyboard.press('Enter');
  expect(await page.evaluate(focused)).toBe('discord-line');
  await keyboard.type('/');
  await keyboard.press('ArrowDown');
  expect(await discord.root.getByRole('option', { selected: true }).textContent()).toContain('/animate');
  await keyboard.press('ArrowUp');
  await keyboard.press('Enter');
  expect(await page.evaluate(focused)).toBe('option-prompt');
  await keyboard.type('an owl');
  await keyboard.press('Tab');
  await keyboard.type('Neon');
  await keyboard.press('Shift+Tab');
  await keyboard.press('Enter');
  await discord.last.getByText('Queued: an owl, neon').waitFor();
  expect(await page.evaluate(focused)).toBe('discord-line');
  await discord.root.getByRole('button', { name: 'Start' }).focus();
  await keyboard.press('Enter');
  await discord.last.getByText('Making it: 50 %').waitFor();
});

test('Escape closes the command list, then the fields, and keeps the message box focused', async () => {
  const { page, discord } = await stage.visit();
  await discord.line.focus();
  await page.keyboard.type('/');
  await discord.root.getByRole('listbox').waitFor();
  await page.keyboard.press('Escape');
  expect(await discord.root.getByRole('listbox').isVisible()).toBe(false);
  await discord.line.fill('/animate ');
  await discord.root.getByLabel('image').waitFor();
  await page.keyboard.press('Escape');
  expect(await page.evaluate(focused)).toBe('discord-line');
});

test('Tab completes a Telegram command, Enter sends it with its words, Shift and Enter make a line', async () => {
  const { page, telegram, persons } = await stage.visit();
  await telegram.line.focus();
  await page.keyboard.type('/ani');
  await page.keyboard.press('Tab');
  expect(await telegram.line.inputValue()).toBe('/animate ');
  await page.keyboard.type('one');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('two');
  await page.keyboard.press('Enter');
  await persons.telegram.until((message) => message.from === 'person' && message.text === '/animate one\ntwo');
});

test('a button keeps the focus while its message is edited', async () => {
  const { page, telegram, persons } = await stage.visit();
  persons.telegram.say('a fox');
  await telegram.root.getByRole('button', { name: 'Finish' }).focus();
  const { id } = await persons.telegram.until((message) => message.text === 'Queued: a fox');
  await stage.telegramBot.api.editMessageText(persons.telegram.chat, Number(id), '10 %', {
    reply_markup: { inline_keyboard: [[{ text: 'Finish now', callback_data: 'finish' }]] },
  });
  await telegram.root.getByRole('button', { name: 'Finish now' }).waitFor();
  expect(await page.evaluate(focused)).toBe('Finish now');
});
