import { expect, test } from 'vitest';
import { MailFailed } from '../../../core/mail.ts';
import { DAY_MS, intercept, shareTold } from './told.ts';

const openTold = shareTold();

const MINUTE_MS = 60_000;

async function open() {
  const told = await openTold();
  await told.newcomer('1');
  const { app, letters } = told;
  return {
    ...told,
    correct: (words: string, changes = {}) => told.talk('1', 'privacy', `correct ${words}`, changes),
    codeIn: (index = -1) => /\d{6}/.exec(letters.at(index)?.text ?? '')?.[0] ?? '',
    actions: async () => (await app.models.privacyEvents.find({}).sort({ seq: 1 }).lean()).map(({ action }) => action),
    /** Everything the account holds, opened. */
    async opened() {
      const account = await told.accountOf('1');
      const keys = app.keys.open(await app.models.keys.findById(account.keyId).lean());
      const read = (path: string, sealed?: string) =>
        sealed && keys.unseal({ collection: 'accounts', id: account._id, path }, sealed);
      return {
        name: read('name', account.name),
        mail: read('mail', account.mail),
        proof: read('mailProof.address', account.mailProof?.address),
        language: account.language,
      };
    },
  };
}

test('an address is stored only when its code has come back, and then the code is of no more use', async () => {
  const { correct, codeIn, opened, actions, letters } = await open();
  expect((await correct('mail Robin@Example.com')).words).toContain('Within 10 minutes, send me: /privacy correct code=123456');
  expect(letters[0]?.to).toBe('Robin@Example.com');
  expect((await opened()).mail).toBeUndefined();
  expect(await actions()).toEqual([]);
  expect((await correct(`code=${codeIn()}`)).words).toMatch(/^Confirmed\./);
  const held = await opened();
  expect(held.mail).toBe('Robin@Example.com');
  expect(held.proof).not.toContain('Robin');
  expect(await actions()).toEqual(['mail_corrected']);
});

test('another address replaces the first, which is then nowhere, and "none" removes it', async () => {
  const { correct, codeIn, opened, actions } = await open();
  await correct('mail first@example.com');
  await correct(`code=${codeIn()}`);
  await correct('mail second@example.com');
  expect((await opened()).mail).toBe('first@example.com');
  await correct(codeIn());
  expect(JSON.stringify(await opened())).not.toContain('first');
  expect((await opened()).mail).toBe('second@example.com');
  await correct('mail none');
  expect(JSON.stringify(await opened())).not.toContain('example.com');
  expect(await actions()).toEqual(['mail_corrected', 'mail_corrected', 'mail_corrected']);
});

test('removing the address ends a code that is still on its way', async () => {
  const { correct, codeIn, opened } = await open();
  await correct('mail robin@example.com');
  await correct('mail none');
  expect((await correct(`code=${codeIn()}`)).words).toMatch(/^No code is waiting/);
  expect((await opened()).mail).toBeUndefined();
});

test('a code lives ten minutes and five tries, the right one included', async () => {
  const { correct, codeIn, clock, opened } = await open();
  await correct('mail robin@example.com');
  clock.at += 10 * MINUTE_MS;
  expect((await correct(`code=${codeIn()}`)).words).toMatch(/^No code is waiting/);
  await correct('mail robin@example.com');
  const wrong = String((Number(codeIn()) + 1) % 1_000_000).padStart(6, '0');
  for (let attempt = 0; attempt < 5; attempt++) expect((await correct(`code=${wrong}`)).words).toMatch(/^That is not the code/);
  expect((await correct(`code=${codeIn()}`)).words).toMatch(/^That code was tried 5 times/);
  expect((await opened()).mail).toBeUndefined();
});

test('many wrong codes at once are no more tries', async () => {
  const { correct, codeIn } = await open();
  await correct('mail robin@example.com');
  const wrong = String((Number(codeIn()) + 1) % 1_000_000).padStart(6, '0');
  const replies = await Promise.all(Array.from({ length: 12 }, () => correct(`code=${wrong}`)));
  expect(replies.filter(({ words }) => words.startsWith('That is not the code'))).toHaveLength(5);
  expect((await correct(`code=${codeIn()}`)).words).toMatch(/^That code was tried 5 times/);
});

test('nobody can be showered with codes: three letters an hour, whatever happens in between', async () => {
  const { correct, codeIn, clock, letters } = await open();
  await correct('mail own@example.com');
  await correct(`code=${codeIn()}`);
  await correct('mail victim@example.com');
  await correct('mail none');
  await correct('mail victim@example.com');
  for (let attempt = 0; attempt < 5; attempt++) {
    clock.at += MINUTE_MS;
    expect((await correct('mail victim@example.com')).words).toMatch(/^I send at most 3 codes an hour/);
  }
  expect(letters).toHaveLength(3);
  clock.at += 60 * MINUTE_MS;
  await correct('mail victim@example.com');
  expect(letters).toHaveLength(4);
});

test('many at once send no more letters than the hour allows', async () => {
  const { correct, letters } = await open();
  await Promise.all(Array.from({ length: 10 }, (_, index) => correct(`mail victim${index}@example.com`)));
  expect(letters.length).toBeGreaterThan(0);
  expect(letters.length).toBeLessThanOrEqual(3);
});

test('the same request again sends the same letter, and confirming again confirms again', async () => {
  const { correct, codeIn, letters, actions } = await open();
  const same = { id: 'tg-4711' };
  for (let time = 0; time < 4; time++) await correct('mail robin@example.com', same);
  expect(letters).toHaveLength(4);
  expect(new Set(letters.map(({ id, text }) => `${id} ${text}`)).size).toBe(1);
  for (let time = 0; time < 2; time++) expect((await correct(`code=${codeIn()}`)).words).toMatch(/^Confirmed\./);
  expect(await actions()).toEqual(['mail_corrected']);
});

test('what is no address is refused, and so is any where no mail is sent or the server is down', async () => {
  const { app, correct, letters, mailFails } = await open();
  const long = `${'a'.repeat(60)}@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.example.com`;
  for (const wrong of ['robin', 'a@b', 'a@example.com,b@example.com', 'a b@example.com', long]) {
    expect((await correct(`mail ${wrong}`)).words).toMatch(/^That does not look like an e-mail address/);
  }
  mailFails.push({ error: new MailFailed('ECONNECTION', true) });
  expect((await correct('mail robin@example.com')).words).toMatch(/^The code could not be sent/);
  app.mail = undefined;
  expect((await correct('mail robin@example.com')).words).toMatch(/^This deployment sends no e-mail/);
  expect(letters).toEqual([]);
});

test('codes of one account open nothing in another', async () => {
  const { app, correct, codeIn, newcomer, talk, accountOf } = await open();
  await newcomer('2');
  await correct('mail robin@example.com');
  await talk('2', 'privacy', 'correct mail eve@example.com');
  const theirs = codeIn(-2);
  if (theirs !== codeIn()) expect((await talk('2', 'privacy', `correct code=${theirs}`)).words).toMatch(/^That is not the code/);
  expect((await accountOf('2')).mail).toBeUndefined();
  expect((await app.models.accounts.find({ mail: { $exists: true } }).lean()).length).toBe(0);
});

test('nothing is changed in an account that is being deleted', async () => {
  const { app, correct, accountOf, clock } = await open();
  const before = await accountOf('1');
  const freeze = () =>
    app.connection.collection<{ _id: string }>('accounts').updateOne({ _id: before._id }, { $set: { status: 'erasing' } });
  // The deletion begins after the account was read and before the name is stored.
  intercept(app.models.accounts, 'updateOne', freeze);
  clock.at += DAY_MS;
  expect((await correct('name Robin Smith')).words).toMatch(/^Your account is being deleted/);
  expect((await accountOf('1')).name).toBe(before.name);
});
