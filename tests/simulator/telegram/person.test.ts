import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { refusal, scene, stoppedClock } from './setup.ts';

const png = await sharp({ create: { width: 400, height: 300, channels: 3, background: '#38c' } })
  .png()
  .toBuffer();

describe('a person in the simulated Telegram', () => {
  it('types commands with free text first and the rest by name', async () => {
    const { telegram, api, complaints } = await scene();
    const person = telegram.person({ firstName: 'Bo', languageCode: 'de' });
    person.command('generate', { seconds: 5, prompt: 'a red fox', aspect: '16:9' });
    const [update] = await api.getUpdates();
    expect(update?.message).toMatchObject({
      text: '/generate a red fox seconds=5 aspect=16:9',
      entities: [{ type: 'bot_command', offset: 0, length: 9 }],
      from: { first_name: 'Bo', language_code: 'de', is_bot: false },
      chat: { id: person.chat, type: 'private', first_name: 'Bo' },
    });
    expect(person.messages()).toMatchObject([{ from: 'person', text: '/generate a red fox seconds=5 aspect=16:9' }]);
    expect(complaints).toEqual([]);
  });

  it('sends a picture as a photo, and as a document what is none', async () => {
    const { telegram, api, complaints } = await scene();
    const person = telegram.person();
    person.command('animate', { prompt: 'it waves', image: { name: 'cat.png', data: png } });
    person.sendPicture({ name: 'bill.png', data: Buffer.from('%PDF-1.7 not a picture') }, '/animate');
    person.sendPicture({ name: 'huge.png', data: Buffer.concat([png, Buffer.alloc(11 * 1024 * 1024)]) }, '');
    const [photo, pdf, huge] = (await api.getUpdates()).map(({ message }) => message);
    expect(photo).toMatchObject({ caption: '/animate it waves', caption_entities: [{ type: 'bot_command', length: 8 }] });
    expect(photo?.photo?.map(({ width, height }) => [width, height])).toEqual([
      [90, 68],
      [320, 240],
      [400, 300],
    ]);
    expect(pdf).toMatchObject({
      caption: '/animate',
      document: { file_name: 'bill.png', mime_type: 'image/png', file_size: 22 },
    });
    expect(huge?.document).toMatchObject({ file_name: 'huge.png' });
    const { file_path } = await api.getFile(photo?.photo?.at(-1)?.file_id ?? '');
    const download = await fetch(`${telegram.url}/file/bot${telegram.token}/${file_path}`);
    expect(Buffer.from(await download.arrayBuffer())).toEqual(png);
    expect(person.messages()[0]?.files).toMatchObject([{ kind: 'image', name: 'cat.png', size: png.length }]);
    expect(complaints).toEqual([]);
  });

  it('sees the menu of the narrowest scope and the own language', async () => {
    const { telegram, api, complaints } = await scene();
    const german = telegram.person({ languageCode: 'de-AT' });
    const english = telegram.person({ languageCode: 'en' });
    const group = telegram.person({ languageCode: 'de', group: { id: -100, title: 'g' } });
    const names = () =>
      [german, english, group].map((person) =>
        person
          .menu()
          .map(({ about }) => about)
          .join(),
      );
    const set = (about: string, other: Parameters<typeof api.setMyCommands>[1] = {}) =>
      api.setMyCommands([{ command: 'help', description: about }], other);
    expect(names()).toEqual(['', '', '']);
    await set('default');
    await set('standard', { language_code: 'de' });
    expect(names()).toEqual(['standard', 'default', 'standard']);
    await set('private', { scope: { type: 'all_private_chats' } });
    await set('groups', { scope: { type: 'all_group_chats' } });
    expect(names()).toEqual(['private', 'private', 'groups']);
    await set('only here', { scope: { type: 'chat', chat_id: english.chat } });
    await set('only you', { scope: { type: 'chat_member', chat_id: group.chat, user_id: group.user.id } });
    expect(names()).toEqual(['private', 'only here', 'only you']);
    expect(await api.getMyCommands({ language_code: 'de' })).toEqual([{ command: 'help', description: 'standard' }]);
    await api.deleteMyCommands({ scope: { type: 'all_private_chats' } });
    expect(german.menu()).toEqual([{ name: 'help', about: 'standard', options: [] }]);
    expect(complaints).toEqual([]);
  });

  it('is heard in a group only with a command or an answer to the bot', async () => {
    const { telegram, api, complaints } = await scene();
    const person = telegram.person({ group: { id: -100, title: 'Films' } });
    person.say('chatting');
    person.say('/help');
    person.say('/help@another_bot');
    person.command('help');
    const { message_id } = await api.sendMessage(person.chat, 'help!');
    person.say('still chatting');
    person.say('/now');
    person.reply(String(message_id), 'thanks');
    const heard = (await api.getUpdates()).map(({ message }) => message?.text);
    expect(heard).toEqual([`/help@${telegram.username}`, '/now', 'thanks']);
    expect(person.messages()).toHaveLength(8);
    const answer = await refusal(api.sendMessage(person.user.id, 'in private'));
    expect(answer).toBe("403 Forbidden: bot can't initiate conversation with a user");
    expect(complaints).toEqual([]);
  });

  it('shares a group with others, and has a private chat beside it', async () => {
    const { telegram, api } = await scene();
    const group = { id: -100, title: 'Films' };
    const [ann, bo] = [telegram.person({ id: 7, group }), telegram.person({ id: 8, group })];
    const alone = telegram.person({ id: 7 });
    await api.sendMessage(group.id, 'to all');
    alone.say('psst');
    expect([ann.messages().length, bo.messages().length]).toEqual([1, 1]);
    expect(alone.messages().map(({ text }) => text)).toEqual(['psst']);
    expect(alone.chat).toBe(7);
  });

  it('tells the bot about blocking, and unblocks by writing', async () => {
    const { telegram, api, complaints } = await scene();
    const person = telegram.person();
    person.say('hello');
    person.block();
    person.block();
    person.say('back again');
    const kinds = (await api.getUpdates()).map((update) => Object.keys(update)[1]);
    expect(kinds).toEqual(['message', 'my_chat_member', 'my_chat_member', 'message']);
    await api.sendMessage(person.chat, 'welcome back');
    expect(complaints).toEqual([]);
  });

  it('sees that the bot is at work for five seconds, or until it writes', async () => {
    const clock = stoppedClock();
    const { telegram, api } = await scene(clock);
    const person = telegram.person();
    person.say('hello');
    let changes = 0;
    person.onChange(() => changes++);
    await api.sendChatAction(person.chat, 'upload_video');
    expect(person.messages().at(-1)).toMatchObject({ from: 'bot', pending: true, text: 'upload video' });
    clock.advance(4999);
    expect(person.messages()).toHaveLength(2);
    clock.advance(1);
    expect(person.messages()).toHaveLength(1);
    expect(changes).toBe(2);
    await api.sendChatAction(person.chat, 'typing');
    await api.sendMessage(person.chat, 'done');
    expect(person.messages().map(({ pending }) => pending)).toEqual([false, false]);
  });

  it('waits for a message, and says what it saw instead', async () => {
    const { telegram, api } = await scene();
    const person = telegram.person();
    person.say('hello');
    const soon = person.until(({ text }) => text === 'later');
    await api.sendMessage(person.chat, 'later');
    expect((await soon).text).toBe('later');
    await expect(person.until(({ text }) => text === 'never', 5)).rejects.toThrow('bot: later');
    expect(() => person.press('1', '0.0')).toThrow('there is no button');
  });
});
