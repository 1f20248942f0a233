import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import type { Invoice, Reply } from '../../../core/chat.ts';
import { badRequest, forbidden, Refusal, upgraded } from '../../../simulator/telegram/index.ts';
import { buildSend, buildTelegram, buildVideo, NEWS, privately, RESULT } from './building.ts';

const reply: Reply = { text: ['Queued. ', { bold: '<12> & more' }] };

async function meet(options: Parameters<Awaited<ReturnType<typeof buildTelegram>>['person']>[0] = {}) {
  const telegram = await buildTelegram();
  const person = telegram.person(options);
  person.say('hello');
  return { telegram, person, send: buildSend(telegram) };
}

function calls(telegram: Awaited<ReturnType<typeof buildTelegram>>, method: string) {
  return telegram.calls.filter((call) => call.method === method);
}

test('shows text, marks and buttons, without link previews', async () => {
  const { telegram, person, send } = await meet();
  const buttons: Reply['buttons'] = [[{ label: 'Cancel', command: 'cancel id=7', tone: 'danger' }]];
  const sent = await send(privately(person), { text: [...reply.text, ' https://example.org'], buttons }, RESULT);
  const message = person.messages().at(-1);
  expect(message).toMatchObject({ id: sent.message, from: 'bot', text: 'Queued. <12> & more https://example.org' });
  expect(message?.html).toMatch(/<b>[^<>]*12[^<>]*more<\/b>/);
  expect(message?.buttons).toMatchObject([[{ label: 'Cancel', tone: 'danger' }]]);
  expect(calls(telegram, 'sendMessage')[0]?.fields).toMatchObject({ link_preview_options: { is_disabled: true } });
});

test('says when something happens as seen from the moment of sending', async () => {
  const { telegram, person } = await meet();
  const send = buildSend(telegram, { now: () => Date.UTC(2026, 10, 24) });
  await send(privately(person), { text: ['Ready ', { when: new Date(Date.UTC(2026, 10, 24, 0, 5)) }] }, RESULT);
  expect(person.messages().at(-1)?.text).toBe('Ready in 5 minutes');
});

test('quotes the message that asked for a generation, even when it is gone', async () => {
  const { telegram, person, send } = await meet();
  const asking = person.messages()[0];
  const place = privately(person, { replyTo: Number(asking?.id) });
  await send(place, { ...reply, follows: 'g1' }, RESULT);
  expect(calls(telegram, 'sendMessage')[0]?.fields).toMatchObject({
    reply_parameters: { message_id: Number(asking?.id), allow_sending_without_reply: true },
  });
  person.deleteMessage(String(asking?.id));
  const sent = await send(place, { ...reply, follows: 'g1' }, RESULT);
  expect(sent.message).toBeDefined();
});

test('shows a video natively, gives back its handle, and takes the announcement away', async () => {
  const { telegram, person, send } = await meet();
  const announced = (await send(privately(person), reply, RESULT)).message;
  const { video } = await buildVideo();
  const sent = await send(privately(person), { text: ['Here it is'], video }, { ...RESULT, announced });
  const messages = person.messages();
  expect(messages.map(({ id }) => id)).not.toContain(announced);
  expect(messages.at(-1)).toMatchObject({ id: sent.message, text: 'Here it is', files: [{ kind: 'video', size: 10 }] });
  expect(sent.uploadedAs).toMatch(/./);
  const call = calls(telegram, 'sendVideo')[0];
  expect(call?.fields).toMatchObject({ width: 1280, height: 720, duration: 4, supports_streaming: true });
  expect(call?.files.map(({ name }) => name).toSorted()).toEqual(['a-cat.mp4', 'poster.jpg']);
});

test('does not upload a video again whose handle is known', async () => {
  const { telegram, person, send } = await meet();
  const first = await send(privately(person), { text: [], video: (await buildVideo()).video }, RESULT);
  const { video, counted } = await buildVideo({ uploadedAs: first.uploadedAs });
  const again = await send(privately(person), { text: ['Again'], video }, RESULT);
  expect(again.uploadedAs).toBe(first.uploadedAs);
  expect(counted.reads).toBe(0);
  expect(calls(telegram, 'sendVideo')[1]?.files).toEqual([]);
});

test('uploads a video when Telegram no longer knows its handle', async () => {
  const { person, send } = await meet();
  const { video, counted } = await buildVideo({ uploadedAs: 'forgotten' });
  const sent = await send(privately(person), { text: ['Here'], video }, RESULT);
  expect(counted.reads).toBe(1);
  expect(sent.uploadedAs).not.toBe('forgotten');
});

test('cuts a caption that Telegram would refuse', async () => {
  const { person, send } = await meet();
  const { video } = await buildVideo();
  await send(privately(person), { text: ['word '.repeat(400)], video }, RESULT);
  const shown = person.messages().at(-1)?.text ?? '';
  expect(shown.length).toBeLessThanOrEqual(1024);
  expect(shown).toMatch(/word…$/);
});

test('does not name a message that Telegram is still converting', async () => {
  const { telegram, person, send } = await meet({ group: { id: -1001, title: 'Films' } });
  telegram.largeGroups.add(-1001);
  const { video } = await buildVideo();
  const sent = await send(privately(person, { group: true }), { text: [], video }, RESULT);
  expect(sent.message).toBeUndefined();
  expect(sent.uploadedAs).toBeDefined();
});

test('edits the announcement for news, and says nothing where there is none', async () => {
  const { telegram, person, send } = await meet();
  const { message: announced } = await send(privately(person), reply, RESULT);
  const news = { text: ['Half done'] };
  expect(await send(privately(person), news, { ...NEWS, announced })).toEqual({ message: announced });
  expect(await send(privately(person), news, NEWS)).toEqual({});
  expect(person.messages().filter(({ from }) => from === 'bot')).toMatchObject([{ id: announced, text: 'Half done' }]);
  expect(calls(telegram, 'sendMessage')).toHaveLength(1);
});

test('takes a message that says it already for edited', async () => {
  const { person, send } = await meet();
  const { message: announced } = await send(privately(person), reply, RESULT);
  expect(await send(privately(person), reply, { ...NEWS, announced })).toEqual({ message: announced });
});

test('lets news go when the announcement is gone', async () => {
  const { telegram, person, send } = await meet();
  expect(await send(privately(person), { text: ['Half done'] }, { ...NEWS, announced: '99' })).toEqual({});
  expect(calls(telegram, 'editMessageText')).toHaveLength(1);
  expect(person.messages().filter(({ from }) => from === 'bot')).toEqual([]);
});

test('writes a result anew when the announcement is gone', async () => {
  const { person, send } = await meet();
  const { message: announced } = await send(privately(person), reply, RESULT);
  person.deleteMessage(announced ?? '');
  await send(privately(person), { text: ['It failed, nothing was charged'] }, { ...RESULT, announced });
  expect(person.messages().at(-1)?.text).toBe('It failed, nothing was charged');
});

test('writes a failure over the announcement', async () => {
  const { person, send } = await meet();
  const { message: announced } = await send(privately(person), reply, RESULT);
  expect(await send(privately(person), { text: ['It failed'] }, { ...RESULT, announced })).toEqual({ message: announced });
  expect(person.messages().filter(({ from }) => from === 'bot')).toMatchObject([
    { id: announced, text: 'It failed', edited: true },
  ]);
});

test('answers in the private chat what was asked in a group, and says so there', async () => {
  const { telegram, person: ada, send } = await meet();
  const inGroup = telegram.person({ id: ada.user.id, group: { id: -1001, title: 'Films' } });
  const sent = await send(privately(inGroup, { group: true }), { text: ['38 credits'], private: true }, RESULT);
  expect(ada.messages().at(-1)).toMatchObject({ id: sent.message, text: '38 credits' });
  expect(inGroup.messages().map(({ text }) => text)).toEqual(["I've answered you in our private chat."]);
});

test('shows the way to a private chat that was never opened, and keeps the answer to itself', async () => {
  const telegram = await buildTelegram();
  const inGroup = telegram.person({ group: { id: -1001, title: 'Films' } });
  const send = buildSend(telegram);
  await send(privately(inGroup, { group: true }), { text: ['38 credits'], private: true }, RESULT);
  const [note, ...others] = inGroup.messages();
  expect(note?.text).toMatch(/^Open a private chat with me first/);
  expect(others).toEqual([]);
  expect(telegram.calls.at(-1)?.fields).toMatchObject({
    reply_markup: { inline_keyboard: [[{ url: `https://t.me/${telegram.username}` }]] },
  });
});

test.each([
  ['blocked', forbidden('bot was blocked by the user')],
  ['deactivated', forbidden('user is deactivated')],
  ['kicked', forbidden('bot was kicked from the supergroup chat')],
  ['chat_gone', badRequest('chat not found')],
  ['no_rights', badRequest('not enough rights to send text messages to the chat')],
  ['too_large', new Refusal(413, 'Request Entity Too Large')],
])('calls it undeliverable: %s', async (code, answer) => {
  const { telegram, person, send } = await meet();
  telegram.forced.push({ method: 'sendMessage', answer });
  await expect(send(privately(person), reply, RESULT)).rejects.toMatchObject({ name: 'Undeliverable', code });
});

test('follows a group into its supergroup', async () => {
  const { telegram, send } = await meet();
  const group = telegram.person({ group: { id: -1002, title: 'Films' } });
  telegram.forced.push({ method: 'sendMessage', answer: upgraded(-1002) });
  const place = { platform: 'telegram' as const, chat: '-5', user: '7', group: true, replyTo: 3 };
  const sent = await send(place, reply, RESULT);
  expect(group.messages().at(-1)).toMatchObject({ id: sent.message });
});

test('sends to the group when the topic is gone', async () => {
  const { telegram, person, send } = await meet({ group: { id: -1001, title: 'Films' } });
  telegram.forced.push({ method: 'sendMessage', answer: badRequest('message thread not found') });
  await send(privately(person, { group: true, topic: 9 }), reply, RESULT);
  expect(calls(telegram, 'sendMessage').map(({ fields }) => fields.message_thread_id)).toEqual([9, undefined]);
});

test('does not put the token into any error', async () => {
  const { telegram, send } = await meet();
  const errors: unknown[] = [];
  const chat = () => ({ platform: 'telegram' as const, chat: `${errors.length}`, user: '7', group: false });
  const failures = [
    'break before',
    'break after',
    new Refusal(500, `Internal: ${telegram.token}`),
    new Refusal(400, 'Bad Request: odd'),
  ] as const;
  for (const answer of failures) {
    telegram.forced.push({ method: 'sendMessage', answer });
    await send(chat(), reply, RESULT).catch((error: unknown) => errors.push(error));
  }
  const elsewhere = buildSend({ ...telegram, url: 'http://127.0.0.1:1' });
  await elsewhere(chat(), reply, RESULT).catch((error: unknown) => errors.push(error));
  expect(errors).toHaveLength(5);
  for (const error of errors) {
    const all = inspect(error, { depth: 20, showHidden: true });
    expect(all).not.toContain(telegram.token);
    expect(all).not.toContain('more');
  }
});

test('does not send a message twice whose answer was lost', async () => {
  const { telegram, person, send } = await meet();
  telegram.forced.push({ method: 'sendMessage', answer: 'break after' });
  await expect(send(privately(person), reply, RESULT)).rejects.toThrow(/sendMessage/);
  expect(person.messages().filter(({ from }) => from === 'bot')).toHaveLength(1);
});

test('refuses a place of another platform', async () => {
  const { send } = await meet();
  const place = {
    platform: 'discord' as const,
    chat: '1',
    user: '1',
    application: '1',
    interaction: { id: '1', token: 't', at: 0 },
    canPost: true,
    fileLimit: 1,
  };
  await expect(send(place, reply, RESULT)).rejects.toThrow(/discord/);
});

const PACK: Invoice = { title: 'Pack S', description: '100 credits', order: 'order-1', stars: 250, monthly: false };

test('asks for a payment in a message of its own, behind what is said', async () => {
  const telegram = await buildTelegram();
  const ada = telegram.person({ acquainted: true });
  const buttons = [[{ label: 'By card', url: 'https://example.test/pay/1' }]];
  const sent = await buildSend(telegram)(privately(ada), { text: ['Packs'], buttons, invoice: PACK }, RESULT);
  const [said, asks] = ada.messages();
  expect(said).toMatchObject({ id: sent.message, text: 'Packs', buttons: [[{ url: 'https://example.test/pay/1' }]] });
  expect(asks).toMatchObject({ text: 'Pack S\n100 credits', invoice: { price: '250 Stars', paid: false } });
  expect(telegram.calls.find(({ method }) => method === 'sendInvoice')?.fields).toEqual({
    chat_id: ada.chat,
    title: 'Pack S',
    description: '100 credits',
    payload: 'order-1',
    provider_token: '',
    currency: 'XTR',
    prices: [{ label: 'Pack S', amount: 250 }],
    start_parameter: 'buy',
  });
});

test('says nothing beside an invoice when there is nothing to say', async () => {
  const telegram = await buildTelegram();
  const ada = telegram.person({ acquainted: true });
  const sent = await buildSend(telegram)(privately(ada), { text: [], invoice: PACK }, RESULT);
  expect(ada.messages().map(({ id, text }) => [id, text])).toEqual([[sent.message, 'Pack S\n100 credits']]);
});

test('does not let a forwarded copy of an invoice be paid', async () => {
  const telegram = await buildTelegram();
  const [ada, ben] = [telegram.person({ acquainted: true }), telegram.person({ acquainted: true })];
  await buildSend(telegram)(privately(ada), { text: [], invoice: PACK }, RESULT);
  const copy = ada.forward(ada.messages()[0]?.id ?? '', ben);
  expect(() => ben.pay(copy)).toThrow('asks for no payment');
});

test('sells a subscription by a button, in front of the others', async () => {
  const telegram = await buildTelegram();
  const ada = telegram.person({ acquainted: true });
  const buttons = [[{ label: 'Back', command: 'buy' }]];
  const send = buildSend(telegram);
  await send(privately(ada), { text: ['Plans'], buttons, invoice: { ...PACK, monthly: true } }, RESULT);
  await send(privately(ada), { text: [], invoice: { ...PACK, monthly: true } }, RESULT);
  const [plans, bare] = ada.messages();
  expect(plans).toMatchObject({ text: 'Plans', invoice: { price: '250 Stars a month' } });
  expect(plans?.buttons.flat().map(({ label }) => label)).toEqual(['Subscribe for 250 Stars', 'Back']);
  expect(bare).toMatchObject({ text: 'Pack S\n100 credits', buttons: [[{ label: 'Subscribe for 250 Stars' }]] });
  const links = telegram.calls.filter(({ method }) => method === 'createInvoiceLink');
  expect(links.map(({ fields }) => fields.subscription_period)).toEqual([2_592_000, 2_592_000]);
});

test.each([
  ['a title of more than 32 characters', { title: 'x'.repeat(33) }],
  ['no title', { title: '' }],
  ['a description of more than 255 characters', { description: 'x'.repeat(256) }],
  ['an order of more than 128 bytes', { order: 'é'.repeat(65) }],
  ['no price', { stars: 0 }],
  ['part of a Star', { stars: 2.5 }],
  ['a plan of more than 10,000 Stars', { stars: 10_001, monthly: true }],
])('does not ask for a payment with %s', async (_, wrong) => {
  const telegram = await buildTelegram();
  const ada = telegram.person({ acquainted: true });
  const reply = { text: [], invoice: { ...PACK, ...wrong } };
  await expect(buildSend(telegram)(privately(ada), reply, RESULT)).rejects.toThrow(RangeError);
  expect(telegram.calls).toEqual([]);
});
