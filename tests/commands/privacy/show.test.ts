import { expect, test } from 'vitest';
import { openAccount } from '../../../core/accounts.ts';
import type { App } from '../../../core/app.ts';
import { offerErasure } from '../../../core/privacy/erasures.ts';
import { recordPrivacyEvent } from '../../../core/privacy/events.ts';
import { joined, openStage } from '../../core/wallet/people.ts';
import { makePicture } from '../../privacy/pictures.ts';
import { openApp } from '../../support/app.ts';
import { createScriptedProvider } from '../../support/provider.ts';
import { ask, buildRequest, links, pressable } from '../../support/requests.ts';

const show = { command: 'privacy' };

async function accountOf(app: App) {
  const account = await app.models.accounts.findOne().lean();
  if (!account) throw new Error('somebody has asked');
  return account;
}

test('says which policy holds, what is kept, who handles it, and leads to everything that can be done about it', async () => {
  const app = await openApp({}, { PUBLIC_URL: 'https://chat.example' });
  const reply = await ask(app, show);
  expect(reply.words).toMatch(/^Your privacy \(policy of 21 December 2025\)[\s\S]*What I keep[\s\S]*Your name and language/);
  expect(reply.words).toMatch(/Who handles it\nTelegram, and this service itself/);
  expect(pressable(reply).map(({ command }) => command)).toEqual(
    ['export', 'delete', 'correct', 'consents', 'access', 'policies'].map((name) => `privacy ${name}`),
  );
  expect(links(reply)).toEqual([{ label: 'The whole policy', url: 'https://chat.example/policy' }]);
  expect(reply.private).toBe(true);
});

test('shows the counts that the database holds', async () => {
  const app = await openApp({ provider: await createScriptedProvider() });
  const image = { read: async () => await makePicture('png', { width: 64, height: 64, words: 'x' }) };
  await ask(app, { words: 'a fox seconds=2' });
  await ask(app, { words: 'a whale seconds=2' });
  await ask(app, { command: 'animate', words: 'it swims seconds=2', image });
  const { _id: accountId } = await accountOf(app);
  const size = 2_500_000;
  const video = { seconds: 2, width: 640, height: 360, size };
  await app.models.generations.updateMany({ hasImage: false }, { $set: { state: 'delivered', video } });
  await recordPrivacyEvent(app, { accountId, actor: 'person', action: 'archive_asked', at: app.now() });
  const { words } = await ask(app, show);
  const { generations, ledgerEntries } = app.models;
  expect(await generations.countDocuments({ accountId })).toBe(3);
  expect(words).toContain('• 3 prompts,');
  expect(words).toContain('• 2 videos, 5.0 MB,');
  expect(words).toContain('• 1 picture you sent, removed by itself ');
  expect(words).toContain(`• ${await ledgerEntries.countDocuments({ accountId })} movements of credits`);
  expect(words).toContain('• 1 line in your access log');
  expect(words).not.toContain('payment');
});

test('counts both accounts of a person who has linked them, and nobody else’s', async () => {
  const { telegram, discord } = await openStage();
  const [ann, same, stranger] = [await telegram(), await discord(), await telegram()];
  for (const person of [ann, same, stranger]) await person.say('generate a fox seconds=2');
  for (const person of [ann, same]) await person.say('cancel');
  await joined(ann, same);
  for (const person of [ann, same]) expect((await person.say('privacy')).words).toContain('• 2 prompts');
  expect((await ann.say('privacy')).words).toContain('Telegram and Discord, and this service');
  expect((await stranger.say('privacy')).words).toContain('• 1 prompt,');
});

test('puts a deletion and an export that are under way on top', async () => {
  const app = await openApp();
  const request = buildRequest(show);
  const account = await openAccount(app, request);
  const { erasure } = await offerErasure(app, { account, place: request.place, scope: 'media', at: app.now() });
  expect((await ask(app, show)).words).not.toContain('deleted at');
  await app.models.erasures.updateOne({ _id: erasure._id }, { $set: { state: 'waiting', dueAt: new Date(app.now() + 1_000) } });
  await ask(app, { command: 'privacy', words: 'export content=data' });
  const { words } = await ask(app, show);
  expect(words).toMatch(
    /^Your privacy .*\nAll your videos and pictures are deleted [^•]*Delete takes it back\.\nAn export is being packed/,
  );
});

test('is answered while the account is about to be deleted', async () => {
  const app = await openApp();
  await ask(app, show);
  await app.models.accounts.updateOne({}, { $set: { status: 'leaving', leaving: 'x' } });
  expect((await ask(app, show)).words).toMatch(/^Your privacy/);
  expect((await ask(app, { words: 'a fox' })).words).toContain('about to be deleted');
});
