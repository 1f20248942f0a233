import { expect, test } from 'vitest';
import type { App } from '../../core/app.ts';
import { createSweep } from '../../workers/sweep.ts';
import { tidy } from '../../workers/tidy.ts';
import { queriesOf, scansOf } from '../support/plans.ts';
import { openOwnProduct, type TestProduct } from '../support/product.ts';
import { ask } from '../support/requests.ts';
import { goodPicture } from './pictures.ts';
import { type Meet, PLATFORMS } from './platforms.ts';

// Telegram takes three messages at once and then one a second, so the story is told by many people instead of one.

async function makeVideos(product: TestProduct, meet: Meet): Promise<void> {
  const [watching, collecting, animating] = [meet(product), meet(product), meet(product)];
  product.provider.answer = { state: 'queued' };
  watching.wish('a fox', { seconds: 2 });
  await watching.reads(/^Starting now/);
  product.provider.answer = { state: 'running', progress: 0.2 };
  await watching.reads(/^Making your video/);
  product.provider.answer = { state: 'succeeded' };
  await watching.watches();
  animating.animate(await goodPicture(), 'go', { seconds: 2 });
  collecting.wish('a ship', { seconds: 2 });
  const video = await collecting.watches();
  collecting.press(video, 'My videos');
  collecting.press(await collecting.reads(/^Your videos/), '▶ 1');
  await collecting.watches();
  collecting.press(video, 'Again');
  await Promise.all([collecting.watches(), animating.watches()]);
}

async function getNone(product: TestProduct, meet: Meet): Promise<void> {
  const [spending, cancelling, failing] = [meet(product), meet(product), meet(product)];
  product.provider.answer = { state: 'queued' };
  for (const prompt of ['one', 'two', 'three']) spending.wish(prompt, { seconds: 10 });
  await spending.reads(/^This video costs 20 credits/);
  cancelling.wish('a fox');
  await cancelling.reads(/12 credits reserved/);
  cancelling.command('cancel');
  await cancelling.reads(/^Cancelled\. 12 credits are back, you have 50\.$/);
  product.provider.answer = { state: 'failed', reason: 'content_policy' };
  failing.wish('a fox');
  await Promise.all([failing.reads(/^No video this time/), spending.reads(/^No video this time/)]);
}

async function askAround(product: TestProduct, meet: Meet): Promise<void> {
  const [one, another] = [meet(product), meet(product)];
  one.command('settings', { style: 'noir' });
  await one.reads(/^Saved\./);
  for (const name of ['balance', 'privacy']) one.command(name);
  for (const name of ['help', 'start']) another.command(name);
  await Promise.all([one.reads(/^Your privacy/), another.reads(/^Welcome to LPM AI/)]);
}

/** What is asked for around money; that nothing is sold here changes no query. */
async function buyAndLink(app: App): Promise<void> {
  for (const command of ['buy', 'billing', 'receipt', 'paid', 'balance', 'link', 'unlink']) await ask(app, { command });
  await ask(app, { command: 'buy', words: 'item=pack-s with=stars' });
  await ask(app, { command: 'receipt', words: 'id=tg-1' });
  await ask(app, { command: 'link', words: 'code=ABCDEFGH' });
}

async function wholeStory(product: TestProduct): Promise<void> {
  const { app } = product;
  product.discord.deliverTimes = 2;
  product.telegram.deliverTwice = true;
  for (const [, meet] of PLATFORMS) {
    await Promise.all([askAround(product, meet), makeVideos(product, meet)]);
    await getNone(product, meet);
  }
  await ask(app, { command: 'balance' });
  await Promise.all([ask(app, { id: 'tg-1', words: 'a twin' }), ask(app, { id: 'tg-1', words: 'a twin' })]);
  await app.models.generations.updateOne({ _id: 'due' }, { $set: { dueAt: new Date(0), state: 'told' } }, { upsert: true });
  await buyAndLink(app);
  await Promise.all([tidy(app), app.inbox.waiting(), createSweep(app)()]);
  await app.menus.register('telegram:1', (await app.menus.registered('telegram:1')) ?? 'a menu');
}

/** Some of what the story must have asked for, each by another step of it. */
const SEEN = [
  'aggregate accounts by identities.hash',
  'aggregate generations by state',
  'find generations by _id, accountId',
  'find generations by accountId, state',
  'find generations by accountId, state not',
  'find generations by dueAt',
  'find ledgerentries by accountId, op',
  'find menus by _id',
  'findAndModify generations by _id, rev, state',
  'findAndModify storedupdates by dueAt',
  'update accounts by _id',
  'update creditaccounts by _id, rev',
  'update generations by _id, dueAt',
  'update storedupdates by _id',
];

test('no query of the whole product reads a whole collection', async () => {
  const product = await openOwnProduct({ outside: { monitorCommands: true } });
  const queries = await queriesOf(product.app, () => wholeStory(product));
  expect(queries.map(({ about }) => about)).toEqual(expect.arrayContaining(SEEN));
  expect(await scansOf(product.app, queries)).toEqual([]);
}, 60_000);

test('a query without an index is found out', async () => {
  const { app } = await openOwnProduct({ outside: { monitorCommands: true } });
  const { accounts, generations, ledgerEntries, storedUpdates } = app.models;
  const $lookup = { from: 'keys', localField: 'keyId', foreignField: 'kekId', as: 'key' };
  const queries = await queriesOf(app, async () => {
    await generations.find({ seed: 1, state: { $ne: 'done' } });
    await generations.countDocuments();
    await storedUpdates.findOneAndUpdate({ chat: 'somewhere' }, { $set: { state: 'done' } });
    await storedUpdates.deleteOne({ state: 'done' });
    await ledgerEntries.updateMany({ op: 'x' }, { $set: { reason: 'y' } });
    await accounts.aggregate([{ $match: { _id: 'x' } }, { $lookup }]);
    await accounts.findById('x');
  });
  expect(await scansOf(app, queries)).toEqual([
    'find generations by seed, state not',
    'aggregate generations by nothing',
    'findAndModify storedupdates by chat',
    'delete storedupdates by state',
    'update ledgerentries by op',
    'aggregate keys by kekId',
  ]);
});
