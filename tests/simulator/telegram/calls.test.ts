import { Api, Bot, HttpError, InlineKeyboard } from 'grammy';
import { describe, expect, it } from 'vitest';
import { badRequest, forbidden, tooManyRequests, upgraded } from '../../../simulator/telegram/index.ts';
import { limits } from '../../support/telegram-schema.ts';
import { refusal, scene, stoppedClock } from './setup.ts';

const NOT_MODIFIED =
  '400 Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message';

describe('calls to the simulated Bot API', () => {
  it('know the bot by its token alone', async () => {
    const { telegram, api, complaints } = await scene();
    expect((await api.getMe()).username).toBe(telegram.username);
    expect(await refusal(new Api('1:wrong', { apiRoot: telegram.url }).getMe())).toBe('401 Unauthorized');
    expect(await refusal(new Api('wrong', { apiRoot: telegram.url }).getMe())).toBe('404 Not Found');
    expect(await refusal(api.getAvailableGifts())).toBe('404 Not Found: method not found');
    expect(complaints).toEqual([]);
  });

  it('come as JSON, as a form, in the query, and with any case of the method', async () => {
    const { telegram } = await scene();
    const person = telegram.person();
    person.say('hello');
    const base = `${telegram.url}/bot${telegram.token}`;
    const form = new URLSearchParams({ chat_id: String(person.chat), text: '42', disable_notification: 'true' });
    expect(await (await fetch(`${base}/SENDMESSAGE`, { method: 'POST', body: form })).json()).toMatchObject({
      result: { text: '42' },
    });
    const query = await fetch(`${base}/sendMessage?chat_id=${person.chat}&text=from+a+query`);
    expect(await query.json()).toMatchObject({ ok: true, result: { text: 'from a query' } });
    expect(telegram.calls.at(0)?.fields).toEqual({ chat_id: person.chat, text: '42', disable_notification: true });
  });

  it('reach only chats the bot has met, and people who have not left', async () => {
    const { telegram, api } = await scene();
    const person = telegram.person();
    expect(await refusal(api.sendMessage(person.chat, 'too early'))).toBe('400 Bad Request: chat not found');
    expect(await refusal(api.sendMessage('@nobody', 'x'))).toBe('400 Bad Request: chat not found');
    person.say('hello');
    person.block();
    expect(await refusal(api.sendMessage(person.chat, 'x'))).toBe('403 Forbidden: bot was blocked by the user');
    person.unblock();
    telegram.deactivated.add(person.chat);
    expect(await refusal(api.sendChatAction(person.chat, 'typing'))).toBe('403 Forbidden: user is deactivated');
    const group = telegram.person({ group: { id: -100123, title: 'Films' } });
    telegram.blocked.add(group.chat);
    expect(await refusal(api.sendMessage(group.chat, 'x'))).toBe('403 Forbidden: bot was kicked from the supergroup chat');
  });

  it('hold the lengths the documentation gives', async () => {
    const { telegram, api } = await scene();
    const person = telegram.person();
    person.say('hello');
    person.say('again');
    const button = (data: string) => ({ reply_markup: new InlineKeyboard().text('go', data) });
    const { message_id } = await api.sendMessage(
      person.chat,
      'x',
      button('x'.repeat(limits['InlineKeyboardButton.CallbackButton.callback_data']?.max ?? 0)),
    );
    expect(await refusal(api.sendMessage(person.chat, 'x', button('é'.repeat(33))))).toBe('400 Bad Request: BUTTON_DATA_INVALID');
    expect(await refusal(api.sendMessage(person.chat, '   '))).toBe('400 Bad Request: message text is empty');
    const longest = limits['sendMessage.text']?.max ?? 0;
    await api.sendMessage(person.chat, `<b>${'x'.repeat(longest)}</b>`, { parse_mode: 'HTML' });
    expect(await refusal(api.sendMessage(person.chat, 'x'.repeat(longest + 1)))).toBe('400 Bad Request: message is too long');
    expect(await refusal(api.editMessageText(person.chat, message_id, 'x'.repeat(longest + 1)))).toBe(
      '400 Bad Request: message is too long',
    );

    person.press(String(message_id), '0.0');
    const [query] = (await api.getUpdates()).flatMap(({ callback_query }) => callback_query ?? []);
    const id = query?.id ?? '';
    const answer = limits['answerCallbackQuery.text']?.max ?? 0;
    expect(await refusal(api.answerCallbackQuery(id, { text: 'x'.repeat(answer + 1) }))).toBe(
      '400 Bad Request: MESSAGE_TOO_LONG',
    );
    expect(await refusal(api.answerCallbackQuery(id, { text: 'x'.repeat(answer) }))).toBe('accepted');

    const command = (name: number, about: number) =>
      api.setMyCommands([{ command: 'c'.repeat(name), description: 'd'.repeat(about) }]);
    const [name, about] = [limits['BotCommand.command']?.max ?? 0, limits['BotCommand.description']?.max ?? 0];
    expect(await refusal(command(name, about))).toBe('accepted');
    expect(await refusal(command(name + 1, about))).toBe('400 Bad Request: BOT_COMMAND_INVALID');
    expect(await refusal(command(name, about + 1))).toBe('400 Bad Request: BOT_COMMAND_DESCRIPTION_INVALID');
    expect(await refusal(command(name, 0))).toBe('400 Bad Request: BOT_COMMAND_DESCRIPTION_INVALID');
    const many = Array.from({ length: 101 }, (_, n) => ({ command: `c${n}`, description: 'x' }));
    expect(await refusal(api.setMyCommands(many))).toBe('400 Bad Request: BOT_COMMANDS_TOO_MUCH');
    expect(await refusal(api.setMyCommands([{ command: 'Name', description: 'x' }]))).toBe(
      '400 Bad Request: BOT_COMMAND_INVALID',
    );

    const short = limits['setMyShortDescription.short_description']?.max ?? 0;
    expect(await refusal(api.setMyShortDescription('x'.repeat(short)))).toBe('accepted');
    expect(await refusal(api.setMyShortDescription('x'.repeat(short + 1)))).toBe(
      '400 Bad Request: short description is too long',
    );
    const long = limits['setMyDescription.description']?.max ?? 0;
    expect(await refusal(api.setMyDescription('x'.repeat(long)))).toBe('accepted');
    expect(await refusal(api.setMyDescription('x'.repeat(long + 1)))).toBe('400 Bad Request: description is too long');
  });

  it('edit and delete only what is there and is the bot’s own', async () => {
    const { telegram, api, complaints } = await scene();
    const person = telegram.person();
    person.say('mine');
    const keyboard = { reply_markup: new InlineKeyboard().text('go', 'go') };
    const { message_id } = await api.sendMessage(person.chat, 'one', keyboard);
    expect(await refusal(api.editMessageText(person.chat, message_id, 'one', keyboard))).toBe(NOT_MODIFIED);
    await api.editMessageText(person.chat, message_id, 'two');
    expect(person.messages().at(-1)).toMatchObject({ text: 'two', edited: true, buttons: [] });
    await api.editMessageReplyMarkup(person.chat, message_id, keyboard);
    expect(person.messages().at(-1)).toMatchObject({ text: 'two', buttons: [[{ label: 'go', tone: 'plain' }]] });
    expect(await refusal(api.editMessageCaption(person.chat, message_id, { caption: 'x' }))).toBe(
      '400 Bad Request: there is no caption in the message to edit',
    );
    expect(await refusal(api.editMessageText(person.chat, 1, 'x'))).toBe("400 Bad Request: message can't be edited");
    expect(await refusal(api.editMessageText(person.chat, 999, 'x'))).toBe('400 Bad Request: message to edit not found');
    await api.deleteMessage(person.chat, message_id);
    expect(await refusal(api.deleteMessage(person.chat, message_id))).toBe('400 Bad Request: message to delete not found');
    expect(await api.deleteMessages(person.chat, [1, 999])).toBe(true);
    expect(person.messages()).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('do not delete what is older than two days', async () => {
    const clock = stoppedClock();
    const { telegram, api } = await scene(clock);
    const person = telegram.person();
    person.say('hello');
    const { message_id } = await api.sendMessage(person.chat, 'old');
    clock.advance(48 * 3600_000 + 1000);
    expect(await refusal(api.deleteMessage(person.chat, message_id))).toBe(
      "400 Bad Request: message can't be deleted for everyone",
    );
    expect(person.messages()).toHaveLength(2);
  });

  it('do not answer a message that is gone, unless that is allowed', async () => {
    const { telegram, api, complaints } = await scene();
    const person = telegram.person();
    person.say('hello');
    const first = await api.sendMessage(person.chat, 'x', { reply_parameters: { message_id: 1 } });
    expect(first.reply_to_message).toMatchObject({ message_id: 1, text: 'hello' });
    person.deleteMessage('1');
    const gone = { message_id: 1 };
    expect(await refusal(api.sendMessage(person.chat, 'x', { reply_parameters: gone }))).toBe(
      '400 Bad Request: message to be replied not found',
    );
    const second = await api.sendMessage(person.chat, 'x', { reply_parameters: { ...gone, allow_sending_without_reply: true } });
    expect(second.reply_to_message).toBeUndefined();
    expect(complaints).toEqual([]);
  });

  it('do not answer a press that is old or unknown', async () => {
    const clock = stoppedClock();
    const { telegram, api } = await scene(clock);
    const person = telegram.person();
    person.say('hello');
    const { message_id } = await api.sendMessage(person.chat, 'x', { reply_markup: new InlineKeyboard().text('go', 'go') });
    person.press(String(message_id), '0.0');
    const [query] = (await api.getUpdates()).flatMap(({ callback_query }) => callback_query ?? []);
    expect(query).toMatchObject({ data: 'go', message: { message_id } });
    await api.answerCallbackQuery(query?.id ?? '', { text: 'done', show_alert: true });
    expect(person.notices).toEqual([{ text: 'done', alert: true, at: clock.now() }]);
    const tooOld = '400 Bad Request: query is too old and response timeout expired or query ID is invalid';
    clock.advance(11 * 60_000);
    expect(await refusal(api.answerCallbackQuery(query?.id ?? ''))).toBe(tooOld);
    expect(await refusal(api.answerCallbackQuery('1'))).toBe(tooOld);
  });

  it('are answered once as a test demands, the wait of a 429 in the header too', async () => {
    const { telegram, api } = await scene();
    const person = telegram.person();
    person.say('hello');
    telegram.forced.push(
      { method: 'sendMessage', answer: tooManyRequests(7) },
      { method: 'sendMessage', answer: forbidden('bot was blocked by the user') },
      { method: 'sendMessage', answer: upgraded(-100777) },
      { method: 'sendMessage', when: ({ text }) => text === 'special', answer: badRequest('PEER_ID_INVALID') },
    );
    const raw = await fetch(`${telegram.url}/bot${telegram.token}/sendMessage?chat_id=${person.chat}&text=x`);
    expect([raw.status, raw.headers.get('retry-after')]).toEqual([429, '7']);
    expect(await raw.json()).toEqual({
      ok: false,
      error_code: 429,
      description: 'Too Many Requests: retry after 7',
      parameters: { retry_after: 7 },
    });
    expect(await refusal(api.sendMessage(person.chat, 'x'))).toBe('403 Forbidden: bot was blocked by the user');
    await expect(api.sendMessage(person.chat, 'x')).rejects.toMatchObject({ parameters: { migrate_to_chat_id: -100777 } });
    expect(await refusal(api.sendMessage(person.chat, 'plain'))).toBe('accepted');
    expect(await refusal(api.sendMessage(person.chat, 'special'))).toBe('400 Bad Request: PEER_ID_INVALID');
    expect(telegram.forced).toEqual([]);
    expect(telegram.calls.at(-1)).toMatchObject({ method: 'sendMessage', error: { error_code: 400 } });
  });

  it('can break after the message was taken, and before', async () => {
    const { telegram, api } = await scene();
    const person = telegram.person();
    person.say('hello');
    telegram.forced.push({ method: 'sendMessage', answer: 'break after' }, { method: 'sendMessage', answer: 'break before' });
    await expect(api.sendMessage(person.chat, 'arrives')).rejects.toBeInstanceOf(HttpError);
    await expect(api.sendMessage(person.chat, 'is lost')).rejects.toBeInstanceOf(HttpError);
    expect(person.messages().map(({ text }) => text)).toEqual(['hello', 'arrives']);
    expect(telegram.calls.map(({ fields }) => fields.text)).toEqual(['arrives', 'is lost']);
  });

  it('flood by Telegram’s rules when that is asked for', async () => {
    const clock = stoppedClock();
    const { telegram, api } = await scene(clock);
    telegram.strict = true;
    const person = telegram.person();
    person.say('hello');
    const burst = Array.from({ length: 5 }, () => refusal(api.sendMessage(person.chat, 'x')));
    expect(await Promise.all(burst)).toEqual(Array(5).fill('accepted'));
    expect(await refusal(api.sendMessage(person.chat, 'x'))).toBe('429 Too Many Requests: retry after 1');
    clock.advance(1000);
    expect(await refusal(api.sendMessage(person.chat, 'x'))).toBe('accepted');

    const group = telegram.person({ group: { id: -100, title: 'g' } });
    for (let n = 0; n < 20; n++) {
      expect(await refusal(api.sendMessage(group.chat, 'x'))).toBe('accepted');
      clock.advance(1000);
    }
    expect(await refusal(api.sendMessage(group.chat, 'x'))).toBe('429 Too Many Requests: retry after 40');
    clock.advance(60_000);

    const people = Array.from({ length: 31 }, () => telegram.person());
    for (const each of people) each.say('hello');
    const answers = await Promise.all(people.map(({ chat }) => refusal(api.sendMessage(chat, 'x'))));
    expect(answers.filter((answer) => answer === 'accepted')).toHaveLength(30);
    expect(answers.filter((answer) => answer !== 'accepted')).toEqual(['429 Too Many Requests: retry after 1']);
  });

  it('give the same ids for the same seed, and others for another', async () => {
    const story = async (seed: number) => {
      const { telegram, api } = await scene({ seed, now: () => 1_700_000_000_000 });
      const person = telegram.person();
      person.say('/start');
      await api.sendMessage(person.chat, 'hi');
      return JSON.stringify([await api.getUpdates(), person.messages()]);
    };
    expect(await story(1)).toBe(await story(1));
    expect(await story(1)).not.toBe(await story(2));
  });

  it('keep a bot of grammY running unchanged', async () => {
    const { telegram, complaints } = await scene();
    const bot = new Bot(telegram.token, { client: { apiRoot: telegram.url } });
    bot.command('start', (context) =>
      context.reply(`welcome ${context.match}`, { reply_markup: new InlineKeyboard().text('go', 'go') }),
    );
    bot.callbackQuery('go', async (context) => {
      await context.answerCallbackQuery();
      await context.editMessageText('gone');
    });
    const running = bot.start();
    const person = telegram.person();
    person.command('start', { text: 'ref_1' });
    const welcome = await person.until(({ text }) => text === 'welcome ref_1');
    person.press(welcome.id, welcome.buttons[0]?.[0]?.id ?? '');
    expect(await person.until(({ text }) => text === 'gone')).toMatchObject({ id: welcome.id, edited: true });
    await bot.stop();
    await running;
    expect(telegram.pending()).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
