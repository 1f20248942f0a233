import { describe, expect, it } from 'vitest';
import { PRESS_ANSWER_LIMIT } from '../../../simulator/telegram/calls/methods.ts';
import { CALLBACK_DATA_LIMIT } from '../../../simulator/telegram/chats/keyboards.ts';
import { CAPTION_LIMIT, TEXT_LIMIT } from '../../../simulator/telegram/chats/messages.ts';
import { checkRequest, checkResult, checkUpdate, limits } from '../../support/telegram-schema.ts';
import { scene } from './setup.ts';

describe('the outside check of Telegram traffic', () => {
  it('complains about requests that are wrong', () => {
    expect(checkRequest('sendMessage', { chat_id: 1, text: 'x' })).toEqual([]);
    expect(checkRequest('sendMessage', { chat_id: 1 }).join()).toContain("must have required property 'text'");
    expect(checkRequest('sendMessage', { chat_id: 1, text: 'x', txt: 'y' }).join()).toContain('additional properties');
    expect(checkRequest('sendVideo', { chat_id: 1, video: 'attach://a', width: 'wide' }).join()).toContain('must be number');
    expect(checkRequest('sendTelepathy', {})).toEqual(['unknown method sendTelepathy']);
  });

  it('complains about lengths, after the formatting is taken away', () => {
    const markup = (data: string) => ({ inline_keyboard: [[{ text: 'go', callback_data: data }]] });
    expect(checkRequest('sendMessage', { chat_id: 1, text: 'x', reply_markup: markup('é'.repeat(33)) })).toEqual([
      'InlineKeyboardButton.CallbackButton.callback_data has 66 bytes, not 1-64',
    ]);
    expect(checkRequest('sendMessage', { chat_id: 1, text: 'x'.repeat(4097) })).toEqual([
      'sendMessage.text has 4097 characters, not 1-4096',
    ]);
    expect(checkRequest('sendMessage', { chat_id: 1, text: `<b>${'x'.repeat(4096)}</b>`, parse_mode: 'HTML' })).toEqual([]);
    expect(checkRequest('setMyCommands', { commands: [{ command: 'x', description: '' }] })).toEqual([
      'BotCommand.description has 0 characters, not 1-256',
    ]);
    const media = { type: 'video', media: 'attach://a', caption: 'x'.repeat(1025) };
    expect(checkRequest('editMessageMedia', { chat_id: 1, message_id: 1, media })).toEqual([
      'InputMediaVideo<string>.caption has 1025 characters, not 0-1024',
    ]);
  });

  it('complains about results and updates that are wrong', () => {
    const message = { message_id: 1, date: 1, chat: { id: 1, type: 'private', first_name: 'A' }, text: 'x' };
    expect(checkResult('sendMessage', message)).toEqual([]);
    expect(checkResult('sendMessage', { ...message, text: undefined })).not.toEqual([]);
    expect(checkResult('getMe', { id: 1 })).not.toEqual([]);
    expect(checkUpdate({ update_id: 1, message: {} })).not.toEqual([]);
    expect(checkUpdate({ update_id: 1, message: { ...message, from: { id: 1, is_bot: false, first_name: 'A' } } })).toEqual([]);
  });

  it('hears all traffic of a simulator', async () => {
    const { telegram, api, complaints } = await scene();
    await api.setMyCommands([{ command: 'x'.repeat(40), description: 'x' }]).catch(() => undefined);
    telegram.forced.push({ method: 'getMe', answer: { result: { id: 'x' } } });
    await api.getMe();
    expect(complaints[0]).toBe('request setMyCommands BotCommand.command has 40 characters, not 1-32');
    expect(complaints[1]).toContain('result getMe');
  });

  it('agrees with the limits the simulator keeps', () => {
    expect(Object.keys(limits).length).toBeGreaterThan(100);
    expect(limits['sendMessage.text']).toEqual({ min: 1, max: TEXT_LIMIT, unit: 'characters' });
    expect(limits['sendVideo.caption']?.max).toBe(CAPTION_LIMIT);
    expect(limits['InlineKeyboardButton.CallbackButton.callback_data']).toEqual({
      min: 1,
      max: CALLBACK_DATA_LIMIT,
      unit: 'bytes',
    });
    expect(limits['answerCallbackQuery.text']?.max).toBe(PRESS_ANSWER_LIMIT);
  });
});
