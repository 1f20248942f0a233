import { expect, test } from 'vitest';
import { Undeliverable } from '../../../core/errors.ts';
import { MailFailed } from '../../../core/mail.ts';
import { beginPolicyBroadcasts } from '../../../core/privacy/policy-broadcast.ts';
import { POLICIES } from '../../../core/privacy/policy-texts.ts';
import { tidy } from '../../../workers/tidy.ts';
import { DAY_MS, intercept, SECOND, shareTold } from './told.ts';

const openTold = shareTold();

const ID = 'policy-2027-03-01';

/** Ann has an address and Telegram, Ben only Telegram, Cem an address and Discord, Dan only Discord and an address without its code. */
async function openPublished() {
  const told = await openTold();
  const { app, clock, newcomer, talk, onDiscord, letters } = told;
  await newcomer('1', 'ann@example.com');
  await newcomer('2');
  await newcomer('3', 'cem@example.com', onDiscord('3').place);
  await newcomer('4', undefined, onDiscord('4').place);
  await talk('4', 'privacy', 'correct mail dan@example.com', onDiscord('4'));
  letters.length = 0;
  clock.at = SECOND.publishedAt.getTime() + DAY_MS;
  await beginPolicyBroadcasts(app);
  const rows = async () => (await app.models.policyNotices.find({}).sort({ mail: 1 }).lean()).map(({ mail }) => mail).sort();
  const state = async () => (await app.models.broadcasts.findById(ID).lean())?.state;
  return { ...told, rows, state };
}

test('tells of a significant version by e-mail to confirmed addresses and in Telegram, and writes to nobody on Discord', async () => {
  const { work, letters, sendings, rows, state, talk, onDiscord } = await openPublished();
  await work();
  expect(letters.map(({ to }) => to).sort()).toEqual(['ann@example.com', 'cem@example.com']);
  expect(letters[0]?.subject).toBe('Our privacy policy changes on 1 March 2027');
  expect(letters[0]?.text).toContain('- Logs are kept for 7 days instead of 14.');
  expect(sendings.map(({ place }) => [place.platform, place.user]).sort()).toEqual([
    ['telegram', '1'],
    ['telegram', '2'],
  ]);
  expect(await rows()).toEqual(['none', 'sent', 'sent']);
  expect(await state()).toBe('sent');
  expect((await talk('2', 'balance')).words).not.toContain('privacy policy');
  expect((await talk('4', 'balance', '', onDiscord('4'))).words).toContain('Our privacy policy changes');
});

test('is begun once, however often it is looked, and repeats nothing afterwards', async () => {
  const { app, work, letters, sendings } = await openPublished();
  await Promise.all([beginPolicyBroadcasts(app), beginPolicyBroadcasts(app)]);
  await work();
  expect(await beginPolicyBroadcasts(app)).toBe(0);
  await work();
  expect(await app.models.broadcasts.countDocuments()).toBe(1);
  expect([letters.length, sendings.length]).toEqual([2, 2]);
});

test('the first version, one that is not significant and one that is not published yet are told to nobody', async () => {
  const slight = { ...SECOND, isSignificant: false };
  const { app, clock } = await openTold({
    policies: [...POLICIES, slight, { ...SECOND, version: '2028-01-01', publishedAt: new Date('2027-12-01') }],
  });
  clock.at = SECOND.effectiveAt.getTime();
  expect(await beginPolicyBroadcasts(app)).toBe(0);
  expect(await app.models.broadcasts.countDocuments()).toBe(0);
});

test('who was told in the chat is not told there again, and who came later is not told at all', async () => {
  const { talk, clock, newcomer, work, letters, sendings } = await openPublished();
  await talk('1', 'balance');
  clock.at = SECOND.effectiveAt.getTime();
  await newcomer('5', 'eve@example.com');
  letters.length = 0;
  await work();
  expect(sendings.map(({ place }) => place.user)).toEqual(['2']);
  expect(letters.map(({ to }) => to).sort()).toEqual(['ann@example.com', 'cem@example.com']);
});

test('a letter whose sending was interrupted before or after goes out again as the same letter, and no other does', async () => {
  const { app, work, letters, mailFails, clock, rows } = await openPublished();
  let dies = true;
  // The process ends between the letter and the note of it.
  intercept(app.models.policyNotices, 'updateOne', (given) => {
    if (dies && JSON.stringify(given[1]).includes('"sent"')) throw new Error('killed');
  });
  await expect(work()).rejects.toThrow('killed');
  dies = false;
  expect(letters).toHaveLength(1);
  clock.at += 3 * 60_000;
  mailFails.push({ error: new MailFailed('ESOCKET', false) });
  await work();
  clock.at += 3 * 60_000;
  await work();
  const ids = letters.map(({ id }) => id);
  expect(new Set(ids).size).toBe(2);
  expect(ids.length).toBe(3);
  expect(letters.filter(({ id }) => id === ids[0]).map(({ to }) => to)).toEqual([letters[0]?.to, letters[0]?.to]);
  expect(await rows()).toEqual(['none', 'sent', 'sent']);
});

test('a mail server that is down is tried five times over hours, and then the notice is given up', async () => {
  const { app, work, letters, mailFails, clock, rows, state } = await openPublished();
  mailFails.push(...Array.from({ length: 100 }, () => ({ error: new MailFailed('ECONNECTION', true) })));
  const before = mailFails.length;
  await work();
  expect(await state()).toBe('sending');
  for (const minutes of [2, 6, 31, 121]) {
    clock.at += minutes * 60_000;
    await tidy(app);
    await work();
  }
  expect(before - mailFails.length).toBe(10);
  expect(await rows()).toEqual(['failed', 'failed', 'none']);
  expect(await state()).toBe('sent');
  expect(letters).toEqual([]);
});

test('an address or a chat that is closed for good is not tried again and holds nobody up', async () => {
  const { work, letters, mailFails, fail, sendings, rows, state } = await openPublished();
  mailFails.push({ error: new Undeliverable('EENVELOPE-550') });
  fail.push(new Undeliverable('blocked'));
  await work();
  expect(await rows()).toEqual(['failed', 'none', 'sent']);
  expect([letters.length, sendings.length]).toEqual([1, 1]);
  expect(await state()).toBe('sent');
});

test('nothing is written for an account that is being deleted', async () => {
  const { app, work, letters, accountOf, rows } = await openPublished();
  const { _id } = await accountOf('1');
  await app.models.accounts.updateOne({ _id }, { $set: { status: 'erasing' } });
  await work();
  expect(letters.map(({ to }) => to)).toEqual(['cem@example.com']);
  expect(await rows()).toEqual(['none', 'sent']);
  expect(await app.models.policyNotices.countDocuments({ accountId: _id })).toBe(0);
});
