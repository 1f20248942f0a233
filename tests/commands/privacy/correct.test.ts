import { expect, test } from 'vitest';
import { shareTold } from '../../core/privacy/told.ts';
import { pressable } from '../../support/requests.ts';

const openTold = shareTold();

async function open() {
  const told = await openTold();
  await told.newcomer('1');
  const { app, accountOf } = told;
  return {
    ...told,
    correct: (words = '', changes = {}) => told.talk('1', 'privacy', `correct ${words}`, changes),
    async name() {
      const { _id: id, keyId, name = '' } = await accountOf('1');
      const keys = app.keys.open(await app.models.keys.findById(keyId).lean());
      return keys.unseal({ collection: 'accounts', id, path: 'name' }, name);
    },
  };
}

test('shows what is held and a button for each, without changing anything', async () => {
  const { correct, accountOf } = await open();
  const before = await accountOf('1');
  const reply = await correct();
  expect(reply.private).toBe(true);
  expect(reply.words).toContain('\nName: Ann\nE-mail: none\nLanguage: English (en)\n');
  expect(pressable(reply).map(({ label, command }) => [label, command])).toEqual([
    ['Name', 'privacy correct field=name'],
    ['E-mail', 'privacy correct field=mail'],
    ['Language', 'privacy correct field=language'],
  ]);
  expect((await correct('field=name')).words).toContain('To change it, send: /privacy correct name Robin Smith');
  expect(await accountOf('1')).toEqual(before);
});

test('says on Discord how it is typed there', async () => {
  const { talk, onDiscord } = await open();
  const { words } = await talk('9', 'privacy', 'correct field=mail', onDiscord('9'));
  expect(words).toContain('/privacy correct field:mail value:robin@example.com');
});

test('takes a name of several words as it is typed, and shows the old and the new one', async () => {
  const { app, correct, name } = await open();
  expect((await correct('name Robin  Smith')).words).toContain('Name before: Ann\nName now: Robin  Smith');
  expect(await name()).toBe('Robin  Smith');
  const [event] = await app.models.privacyEvents.find({}).lean();
  expect(event).toMatchObject({ action: 'name_corrected', actor: 'person' });
  expect(JSON.stringify(event)).not.toMatch(/Robin|Ann/);
});

test('takes what Discord has taken apart already', async () => {
  const { talk, onDiscord } = await open();
  const changes = { ...onDiscord('9'), words: undefined, sub: 'correct', values: { field: 'name', value: 'name' } };
  expect((await talk('9', 'privacy', '', changes)).words).toContain('Name now: name');
});

test.each(['name \u0007bell', `name ${'x'.repeat(65)}`, 'name a\u202eb', 'name two\nlines'])(
  'refuses a name that is none: %j',
  async (words) => {
    const { correct, name } = await open();
    expect((await correct(words)).words).toMatch(/^A name has 1 to 64 letters/);
    expect(await name()).toBe('Ann');
  },
);

test('counts letters as people do, and takes 64 of them', async () => {
  const { correct, name } = await open();
  await correct(`name ${'🦊'.repeat(64)}`);
  expect(await name()).toBe('🦊'.repeat(64));
  await correct('name Zoe\u0308');
  expect(await name()).toBe('Zo\u00eb');
});

test('takes languages by their tag in any spelling, and none that does not exist', async () => {
  const { app, correct, accountOf } = await open();
  for (const [typed, stored] of [
    ['PT_br', 'pt-BR'],
    ['de', 'de'],
    ['zh-hant-tw', 'zh-Hant-TW'],
  ] as const) {
    expect((await correct(`language ${typed}`)).words).toContain(`(${stored})`);
    expect((await accountOf('1')).language).toBe(stored);
  }
  for (const wrong of ['klingonish', 'e', 'en-US-x-private-long-tag', '{}', 'de de']) {
    expect((await correct(`language ${wrong}`)).words).toMatch(/^I do not know that language/);
  }
  expect((await accountOf('1')).language).toBe('zh-Hant-TW');
  expect(await app.models.privacyEvents.countDocuments({ action: 'language_corrected' })).toBe(3);
});

test('asks what is meant where no field is named', async () => {
  const { correct, name } = await open();
  expect((await correct('Robin Smith')).words).toMatch(/^Say first what to correct/);
  expect(await name()).toBe('Ann');
});
