import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Reading, read, storesItself } from '../../../bots/telegram/read.ts';

const self = { username: 'lpm_bot', commands: new Set(['generate', 'animate', 'help', 'start', 'cancel']) };
const ada = { id: 7, is_bot: false, first_name: 'Ada', last_name: 'Byron', language_code: 'en' };
const alone = { id: 7, type: 'private', first_name: 'Ada' };
const group = { id: -100_5, type: 'supergroup', title: 'Films' };
const sizes = [
  { file_id: 'small', file_unique_id: 's', width: 90, height: 60, file_size: 900 },
  { file_id: 'large', file_unique_id: 'l', width: 1280, height: 853, file_size: 90_000 },
  { file_id: 'middle', file_unique_id: 'm', width: 320, height: 213, file_size: 9000 },
];

function message(content: object, chat: object = alone): unknown {
  return { update_id: 31, message: { message_id: 5, date: 1, chat, from: ada, ...content } };
}

function asked(update: unknown): { command?: string; words?: string | undefined; picture?: string } {
  const reading = read(update, self);
  if (reading.kind !== 'request') return {};
  const { request, picture } = reading;
  return { command: request.command, words: request.words, ...(picture && { picture: picture.file }) };
}

function why(update: unknown): Reading['kind'] | string {
  const reading = read(update, self);
  return reading.kind === 'ignore' ? reading.why : reading.kind;
}

describe('reads in a private chat', () => {
  test.each([
    ['plain words', { text: ' a cat ' }, { command: 'generate', words: 'a cat' }],
    ['forwarded words', { text: 'a cat', forward_origin: { type: 'hidden_user' } }, { command: 'generate', words: 'a cat' }],
    ['a command', { text: '/help' }, { command: 'help', words: undefined }],
    ['a command in capitals', { text: '/Help' }, { command: 'help', words: undefined }],
    ['a command with words', { text: '/generate a\ncat style=neon' }, { command: 'generate', words: 'a\ncat style=neon' }],
    ['a command to this bot', { text: '/help@LPM_bot me' }, { command: 'help', words: 'me' }],
    ['a command nobody knows', { text: '/dance' }, { command: 'dance', words: undefined }],
    ['a deep link', { text: '/start link_abc' }, { command: 'start', words: 'link_abc' }],
    ['a path, which is no command', { text: '/etc/hosts on fire' }, { command: 'generate', words: '/etc/hosts on fire' }],
    ['a picture', { photo: sizes }, { command: 'animate', words: undefined, picture: 'large' }],
    ['a picture with words', { photo: sizes, caption: 'waves' }, { command: 'animate', words: 'waves', picture: 'large' }],
    [
      'a picture to animate',
      { photo: sizes, caption: '/animate waves' },
      { command: 'animate', words: 'waves', picture: 'large' },
    ],
    [
      'a picture to generate',
      { photo: sizes, caption: '/generate waves' },
      { command: 'animate', words: 'waves', picture: 'large' },
    ],
    [
      'a picture as a document',
      { document: { file_id: 'doc', mime_type: 'image/png', file_size: 5 }, caption: 'waves' },
      { command: 'animate', words: 'waves', picture: 'doc' },
    ],
    [
      'the captioned picture of an album',
      { photo: sizes, media_group_id: '1', caption: 'waves' },
      { command: 'animate', words: 'waves', picture: 'large' },
    ],
  ])('%s', (_, content, expected) => {
    expect(asked(message(content))).toEqual(expected);
  });

  test.each([
    ['a sticker', { sticker: {} }],
    ['a voice message', { voice: {} }],
    ['a video', { video: {}, caption: 'make it longer' }],
    ['a document that is no picture', { document: { file_id: 'doc', mime_type: 'application/pdf' } }],
  ])('%s, and says that nothing was charged', (_, content) => {
    const reading = read(message(content), self);
    expect(reading).toMatchObject({ kind: 'decline', id: 'tg-31', place: { chat: '7' } });
    expect(reading.kind === 'decline' && reading.text.join('')).toContain('Nothing was charged');
  });
});

describe('ignores', () => {
  test.each([
    ['a command to another bot', message({ text: '/help@other_bot' }), 'other_bot'],
    ['a command in a group that only another bot can know', message({ text: '/dance' }, group), 'other_bot'],
    ['talk in a group', message({ text: 'nice film' }, group), 'group'],
    ['a picture in a group', message({ photo: sizes, caption: 'nice' }, group), 'group'],
    ['a sticker in a group', message({ sticker: {} }, group), 'group'],
    ['the further pictures of an album', message({ photo: sizes, media_group_id: '1' }), 'album'],
    ['a service message', message({ pinned_message: {} }), 'service'],
    ['another bot', message({ text: 'hi', from: { ...ada, is_bot: true } }), 'chat'],
    ['a channel', message({ text: 'hi' }, { id: -9, type: 'channel' }), 'chat'],
    ['an edited message', { update_id: 31, edited_message: { message_id: 5 } }, 'kind'],
    [
      'being blocked',
      { update_id: 31, my_chat_member: { chat: alone, from: ada, new_chat_member: { status: 'kicked', user: ada } } },
      'blocked',
    ],
    ['what is no update', { update_id: 'x' }, 'unreadable'],
    ['a button that carries no command', press('?'), 'button'],
  ])('%s', (_, update, expected) => {
    expect(why(update)).toBe(expected);
  });
});

function press(data: string, chat: object = alone): unknown {
  const pressed = { message_id: 44, date: 0, chat };
  return { update_id: 31, callback_query: { id: '99', from: ada, chat_instance: '1', message: pressed, data } };
}

test('reads a button as a command line, even on a message too old to be shown', () => {
  expect(read(press('videos page=2 all'), self)).toEqual({
    kind: 'request',
    id: 'tg-31',
    press: '99',
    place: { platform: 'telegram', chat: '7', user: '7', group: false, replyTo: 44 },
    request: { command: 'videos', words: 'page=2 all', person: { name: 'Ada Byron', language: 'en' } },
  });
});

test('knows the place, the topic and the person of a command in a group', () => {
  const reading = read(message({ text: '/generate a cat', message_thread_id: 3, is_topic_message: true }, group), self);
  expect(reading).toMatchObject({
    place: { platform: 'telegram', chat: '-1005', user: '7', group: true, replyTo: 5, topic: 3 },
    request: { person: { name: 'Ada Byron', language: 'en' } },
  });
});

test('takes a chain of answers in a group without topics for no topic', () => {
  const reading = read(message({ text: '/help', message_thread_id: 3 }, group), self);
  expect(reading.kind === 'request' && reading.place.topic).toBeUndefined();
});

test('reads captions that are commands in a group', () => {
  const expected = { command: 'animate', words: 'waves', picture: 'large' };
  expect(asked(message({ photo: sizes, caption: '/animate waves' }, group))).toEqual(expected);
});

test('takes only words for a generation as a request that stores itself', () => {
  const stored = (update: unknown) => storesItself(read(update, self));
  expect(stored(message({ text: 'a cat' }))).toBe(true);
  expect(stored(message({ text: '/generate a cat' }, group))).toBe(true);
  expect(stored(message({ text: '/generate' }))).toBe(false);
  expect(stored(message({ text: '/help me' }))).toBe(false);
  expect(stored(message({ photo: sizes, caption: 'a cat' }))).toBe(false);
  expect(stored(press('generate a cat'))).toBe(false);
});

test('never throws, whatever arrives', () => {
  fc.assert(
    fc.property(fc.anything(), fc.anything(), (update, content) => {
      expect(['ignore', 'decline', 'request']).toContain(read(update, self).kind);
      expect(['ignore', 'decline', 'request']).toContain(read({ update_id: 1, message: content }, self).kind);
    }),
  );
});

describe('reads of Stars', () => {
  const paid = {
    currency: 'XTR',
    total_amount: 250,
    invoice_payload: 'order-1',
    telegram_payment_charge_id: 'stx1',
    provider_payment_charge_id: 'p1',
  };

  test('a payment, and who paid', () => {
    const reading = read(message({ successful_payment: paid }), self);
    const told = { order: 'order-1', charge: 'stx1', stars: 250, user: '7' };
    expect(reading).toEqual({ kind: 'paid', id: 'tg-31', chat: '7', paid: told });
  });

  test('a payment in a group, and one whose sender is hidden', () => {
    expect(read(message({ successful_payment: paid }, group), self)).toMatchObject({ chat: '-1005', paid: { user: '7' } });
    const hidden = message({ successful_payment: paid, from: undefined });
    expect(read(hidden, self)).toMatchObject({ kind: 'paid', paid: { user: '7' } });
  });

  test('a period of a subscription, with its end in milliseconds', () => {
    const period = { ...paid, is_recurring: true, subscription_expiration_date: 1_800_000_000 };
    expect(read(message({ successful_payment: { ...period, is_first_recurring: true } }), self)).toMatchObject({
      paid: { subscription: { first: true, until: 1_800_000_000_000 } },
    });
    expect(read(message({ successful_payment: period }), self)).toMatchObject({ paid: { subscription: { first: false } } });
  });

  test('a refund, whoever is said to have sent it', () => {
    const refund = { kind: 'refunded', id: 'tg-31', chat: '7', refund: { charge: 'stx1', order: 'order-1' } };
    expect(read(message({ refunded_payment: paid }), self)).toEqual(refund);
    const bot = { id: 1, is_bot: true, first_name: 'LPM AI' };
    expect(read(message({ refunded_payment: paid, from: bot }), self)).toEqual(refund);
  });

  test('the question before a payment', () => {
    const query = { id: '99', from: ada, currency: 'XTR', total_amount: 250, invoice_payload: 'order-1' };
    expect(read({ update_id: 31, pre_checkout_query: query }, self)).toEqual({
      kind: 'checkout',
      id: 'tg-31',
      question: '99',
      query: { order: 'order-1', stars: 250, user: '7' },
    });
  });

  test('no news of a subscription, for its payments tell all', () => {
    const news = { user: ada, invoice_payload: 'order-1', state: 'canceled' };
    expect(why({ update_id: 31, subscription: news })).toBe('subscription');
  });
});
