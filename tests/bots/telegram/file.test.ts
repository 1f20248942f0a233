import { expect, test } from 'vitest';
import type { Attachment, Reply } from '../../../core/chat.ts';
import { Undeliverable } from '../../../core/errors.ts';
import { badRequest, Refusal } from '../../../simulator/telegram/index.ts';
import { buildSend, buildTelegram, NEWS, privately, RESULT } from './building.ts';

const buttons: Reply['buttons'] = [[{ label: 'Delete', command: 'privacy delete' }]];

function buildFile(more: Partial<Attachment> = {}): Attachment {
  return { name: 'my-data.zip', type: 'application/zip', size: 6, read: async () => Buffer.from('PK zip'), ...more };
}

async function meet(options: Parameters<Awaited<ReturnType<typeof buildTelegram>>['person']>[0] = {}) {
  const telegram = await buildTelegram();
  const person = telegram.person(options);
  person.say('hello');
  const calls = () => telegram.calls.map(({ method }) => method);
  const shown = () => person.messages().filter(({ from }) => from === 'bot');
  return { telegram, person, place: privately(person), send: buildSend(telegram), calls, shown };
}

test('shows a file to keep with its words and buttons, byte for byte', async () => {
  const { place, send, shown } = await meet();
  const sent = await send(place, { text: ['Your ', { bold: 'data' }], file: buildFile(), buttons }, RESULT);
  const [message] = shown();
  expect(message).toMatchObject({ id: sent.message, text: 'Your data', files: [{ kind: 'file', name: 'my-data.zip', size: 6 }] });
  expect(message?.buttons).toMatchObject([[{ label: 'Delete' }]]);
  expect(await (await fetch(message?.files[0]?.url ?? '')).text()).toBe('PK zip');
});

test('says words that are too long for a caption in a message before the file', async () => {
  const { place, send, shown } = await meet();
  const sent = await send(place, { text: ['word '.repeat(300)], file: buildFile(), buttons }, RESULT);
  const [words, file] = shown();
  expect(words).toMatchObject({ text: 'word '.repeat(300).trim(), files: [], buttons: [[{ label: 'Delete' }]] });
  expect(file).toMatchObject({ id: sent.message, text: '', files: [{ name: 'my-data.zip' }], buttons: [] });
});

test('takes the message away that announced it', async () => {
  const { place, send, shown } = await meet();
  const { message: announced } = await send(place, { text: ['Collecting your data'], follows: 'a1' }, RESULT);
  await send(place, { text: ['Your data'], file: buildFile() }, { ...RESULT, announced });
  expect(shown().map(({ text }) => text)).toEqual(['Your data']);
});

test('is told of in a message of its own when there are no words in the file’s message to change', async () => {
  const { place, send, shown } = await meet();
  const { message: announced } = await send(place, { text: ['Your data'], file: buildFile() }, RESULT);
  expect(await send(place, { text: ['Old now'] }, { ...NEWS, announced })).toEqual({});
  await send(place, { text: ['Removed'] }, { ...RESULT, announced });
  expect(shown().map(({ text }) => text)).toEqual(['Your data', 'Removed']);
});

test('asked for in a group arrives in the private chat', async () => {
  const telegram = await buildTelegram();
  const alone = telegram.person({ id: 5_000_001, acquainted: true });
  const inGroup = telegram.person({ id: 5_000_001, group: { id: -1001, title: 'Films' } });
  const place = privately(inGroup, { group: true });
  await buildSend(telegram)(place, { text: ['Your data'], file: buildFile(), private: true }, RESULT);
  expect(alone.messages()).toMatchObject([{ text: 'Your data', files: [{ name: 'my-data.zip' }] }]);
  expect(inGroup.messages().flatMap(({ files }) => files)).toEqual([]);
});

test('that is too large is undeliverable, under a code that says so', async () => {
  const { telegram, place, send } = await meet();
  telegram.forced.push({ method: 'sendDocument', answer: new Refusal(413, 'Request Entity Too Large') });
  const failure: unknown = await send(place, { text: [], file: buildFile() }, RESULT).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Undeliverable);
  expect(failure).toMatchObject({ code: 'too_large' });
});

test('is uploaded once for each try, from the same bytes', async () => {
  const { telegram, place, send, calls } = await meet();
  telegram.forced.push({ method: 'sendDocument', answer: badRequest('message thread not found') });
  await send({ ...place, topic: 7 }, { text: ['Your data'], file: buildFile() }, RESULT);
  expect(calls().filter((method) => method === 'sendDocument')).toHaveLength(2);
  expect(telegram.calls.at(-1)?.files).toMatchObject([{ name: 'my-data.zip', size: 6 }]);
});
