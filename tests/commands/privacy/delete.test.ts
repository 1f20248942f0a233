import { expect, test } from 'vitest';
import { shareLeaving } from '../../core/privacy/leaving.ts';
import { pressable } from '../../support/requests.ts';

const shared = shareLeaving();

test('understands what is typed, and says what it can delete when it does not', async () => {
  const { person } = shared();
  const ann = await person();
  const first = async (words: string) => (await ann.say(`privacy delete ${words}`)).words.split('\n')[0];
  expect(await first('account')).toBe('Delete your account?');
  expect(await first('my account')).toBe('Delete your account?');
  expect(await first('all videos')).toBe('Delete all videos and pictures?');
  expect(await first('prompts')).toBe('Delete all prompts?');
  expect(await first('scope=media')).toBe('Delete all videos and pictures?');
  expect(await first('everything')).toContain('I can delete: video, media, prompts or account.');
  expect(await first('video')).toBe('There is no video that could be deleted.');
});

test('lists videos page by page, each with a button that asks first', async () => {
  const stage = shared();
  const ann = await stage.person();
  for (let count = 0; count < 6; count++) {
    const { follows: id = '' } = await ann.say(`generate fox ${count} seconds=2`);
    await stage.app.models.generations.updateOne({ _id: id }, { $set: { state: 'undelivered' }, $unset: { dueAt: 1 } });
    stage.clock.at += 1_000;
  }
  const page = await ann.say('privacy delete video');
  expect(page.words).toMatch(/1\. fox 5.*\n2\. fox 4/);
  expect(pressable(page).map(({ label }) => label)).toEqual([
    'Delete 1',
    'Delete 2',
    'Delete 3',
    'Delete 4',
    'Delete 5',
    'Older',
  ]);
  const older = await ann.press(page, 'Older');
  expect(older.words).toContain('1. fox 0');
  const shown = await ann.press(older, 'Delete 1');
  expect(shown.words).toContain('Delete this video?');
  expect(pressable(shown).map(({ label }) => label)).toEqual(['In 72 hours', 'Now', 'Leave it']);
});

test('the menu names what is on its way, with a button that calls it off', async () => {
  const stage = shared();
  const ann = await stage.person();
  await ann.press(await ann.press(await ann.say('privacy delete prompts'), 'In 72 hours'), 'Yes, delete all prompts');
  const menu = await ann.say('privacy delete');
  expect(menu.words).toContain('On its way: all prompts will be deleted');
  expect((await ann.press(menu, 'Keep all prompts')).words).toContain('Everything stays.');
  expect((await ann.say('privacy delete')).words).not.toContain('On its way');
});

test('a plan on Discord, paid credits and a payment that stays are said before the question', async () => {
  const stage = shared();
  const { app, clock } = stage;
  const ann = await stage.person('discord');
  const periodEnd = new Date(clock.at + 86_400_000);
  await app.models.subscriptions.create({
    ...{ _id: `s-${ann.id}`, accountId: ann.id, provider: 'discord', item: 'plan-plus', status: 'active', rev: 0 },
    ...{ periodEnd, syncedAt: new Date(clock.at) },
  });
  await app.models.creditAccounts.updateOne({ _id: ann.id, 'lots.kind': 'promo' }, { $set: { 'lots.$.paymentId': 'p1' } });
  const { words } = await ann.say('privacy delete account');
  expect(words).toContain('50 credits end with the account, 50 of them paid for');
  expect(words).toContain('/paysupport');
  expect(words).toContain('only you can end');
});
