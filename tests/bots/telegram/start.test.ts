import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { badRequest } from '../../../simulator/telegram/index.ts';
import { buildCommand, buildMenus, buildTelegram, startBot } from './building.ts';

test('gives Telegram the menu once, and again when it changed', async () => {
  const telegram = await buildTelegram();
  const menus = buildMenus();
  const commands = [buildCommand('generate'), buildCommand('help')];
  const sent = () => telegram.calls.filter(({ method }) => method === 'setMyCommands').length;
  for (const expected of [1, 1]) {
    const { bot } = await startBot(telegram, { menus, commands });
    expect(sent()).toBe(expected);
    await bot.close();
  }
  await startBot(telegram, { menus, commands: [...commands, buildCommand('balance')] });
  expect(sent()).toBe(2);
  expect(
    telegram
      .person()
      .menu()
      .map(({ name }) => name),
  ).toEqual(['generate', 'help', 'balance']);
});

test('starts without its menu when Telegram or our own check refuses it, and tries again next time', async () => {
  const telegram = await buildTelegram();
  const menus = buildMenus();
  telegram.forced.push({ method: 'setMyCommands', answer: badRequest('BOT_COMMAND_INVALID') });
  const refused = await startBot(telegram, { menus });
  expect(refused.log.lines.join()).toContain('telegram.menu_failed');
  await refused.bot.close();
  const wrong = await startBot(telegram, { menus, commands: [buildCommand('Not A Name')] });
  expect(wrong.log.lines.join()).toContain('telegram.menu_failed');
  await wrong.bot.close();
  const { log } = await startBot(telegram, { menus });
  expect(log.lines).toEqual([]);
  expect(telegram.calls.filter(({ method }) => method === 'setMyCommands')).toHaveLength(2);
});

test('polls even when a webhook was left behind', async () => {
  const telegram = await buildTelegram();
  await fetch(`${telegram.url}/bot${telegram.token}/setWebhook?url=http://127.0.0.1:1/`);
  await startBot(telegram);
  const ada = telegram.person();
  ada.command('help');
  await ada.until(({ text }) => text === 'help');
});

test('does not start with a token that Telegram refuses, nor tell it', async () => {
  const telegram = await buildTelegram();
  const token = '4200000000:WRONG';
  const failure: unknown = await startBot(telegram, { token }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'telegram_401' });
  const unreachable: unknown = await startBot(telegram, { apiRoot: 'http://127.0.0.1:1' }).catch((error: unknown) => error);
  expect(unreachable).toMatchObject({ code: 'ECONNREFUSED' });
  const all = inspect([failure, unreachable], { depth: 20, showHidden: true });
  expect(all).not.toContain(token);
  expect(all).not.toContain(telegram.token);
});
