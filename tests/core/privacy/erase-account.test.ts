import { expect, test } from 'vitest';
import { checkInvariants } from '../../../core/credits/invariants.ts';
import { putMedia } from '../../../core/generations/objects.ts';
import { checkReceipt } from '../../../core/privacy/receipt-of-erasure.ts';
import { codeOf, parted } from '../wallet/people.ts';
import { heldOf, type Leaver, objectsOf, othersOf, type Stage, shareLeaving } from './leaving.ts';

const shared = shareLeaving();
const SWEEP_MS = 10 * 60_000;

/** Somebody with a bit of everything that a chat can make, and for whom something is being made. */
async function busy(stage: Stage): Promise<{ who: Leaver; ids: string[] }> {
  const made = await settled(stage);
  await made.who.say('generate a whale seconds=10 style=noir');
  return made;
}

async function settled(stage: Stage): Promise<{ who: Leaver; ids: string[] }> {
  const who = await stage.person();
  const ids = [await stage.video(who, 'a fox'), await stage.video(who, 'a cat')];
  await who.say('settings style=neon');
  await who.say('link');
  return { who, ids };
}

const receiptOf = async ({ app }: Stage, id: string) =>
  checkReceipt(app.keys, (await app.models.erasures.findById(id).lean())?.receipt ?? '');

test('nothing of an account is left but an empty key, and other accounts are the same byte for byte', async () => {
  const stage = shared();
  const { app, clock } = stage;
  const { who: bob } = await settled(stage);
  const { who: ann, ids } = await busy(stage);
  const before = await othersOf(app, [ann]);
  const objects = await objectsOf(app);
  const id = await stage.leave(ann);
  expect((await stage.drive(id))?.state).toBe('done');
  clock.at += SWEEP_MS;
  await stage.look(id);
  const held = await heldOf(app, ann);
  expect(Object.keys(held)).toEqual(['keys']);
  expect(held.keys).toMatchObject([{ state: 'destroyed' }]);
  expect(held.keys?.[0]).not.toHaveProperty('wrapped');
  expect(await othersOf(app, [ann])).toBe(before);
  const gone = objects.filter((name) => ids.some((one) => name.includes(one)));
  expect(gone).toHaveLength(4);
  expect((await objectsOf(app)).filter((name) => !name.startsWith('journal/'))).toEqual(
    objects.filter((name) => !gone.includes(name)),
  );
  expect((await bob.say('videos')).words).toContain('a fox');
});

test('the receipt counts what went, names what stays, and holds nothing of the person', async () => {
  const stage = shared();
  const { who: ann } = await busy(stage);
  const id = await stage.leave(ann);
  await stage.drive(id);
  const receipt = await receiptOf(stage, id);
  expect(receipt).toMatchObject({ id, scope: 'account', policy: '2025-12-21' });
  expect(receipt?.deleted).toMatchObject({
    videos: 2,
    prompts: 3,
    messages: 2,
    credits: 26,
    'documents.generations': 3,
    'documents.accounts': 1,
  });
  expect(receipt?.kept.map(({ what }) => what)).toEqual([
    'a fingerprint that says welcome credits were given',
    'the random number of the account',
  ]);
  const text = JSON.stringify(receipt);
  for (const own of [ann.id, ann.keyId, ann.user]) expect(text).not.toContain(own);
  const told = stage.sendings.find(({ reply }) => reply.file);
  expect(told?.place).toMatchObject({ chat: ann.user });
  expect(told?.words).toMatch(/^Deleted: your account\. Gone: /);
  const file = (await told?.reply.file?.read())?.toString() ?? '';
  expect(told?.reply.file?.name).toBe(`deletion-receipt-${id}.json`);
  expect(checkReceipt(stage.app.keys, file)).toEqual(receipt);
});

test('some minutes later the erasure does not know any more whose it was, and its receipt stays', async () => {
  const stage = shared();
  const { who: ann } = await busy(stage);
  const id = await stage.leave(ann);
  await stage.drive(id);
  expect(await stage.look(id)).toEqual({ afterMs: SWEEP_MS });
  stage.clock.at += SWEEP_MS;
  await stage.look(id);
  const erasure = await stage.app.models.erasures.findById(id).lean();
  for (const path of ['accountIds', 'keyIds', 'place', 'dueAt']) expect(erasure).not.toHaveProperty(path);
  expect(await receiptOf(stage, id)).toBeDefined();
});

test('what a slow process wrote after the end goes in the second sweep', async () => {
  const stage = shared();
  const { app, clock } = stage;
  const { who: ann, ids } = await busy(stage);
  const late = await app.models.generations.findById(ids[0]).lean();
  const keys = app.keys.open(await app.models.keys.findById(ann.keyId).lean());
  const id = await stage.leave(ann);
  await stage.drive(id);
  if (!late) throw new Error('the generation is gone too early');
  await app.models.generations.create(late);
  await putMedia(app, keys, 'video', late._id, Buffer.from('late'));
  clock.at += SWEEP_MS;
  expect(await stage.look(id)).toEqual({ afterMs: SWEEP_MS });
  clock.at += SWEEP_MS;
  await stage.look(id);
  expect(Object.keys(await heldOf(app, ann))).toEqual(['keys']);
  expect((await objectsOf(app, 'videos/')).filter((name) => name.includes(late._id))).toEqual([]);
});

test('who comes back is somebody new, without welcome credits for 180 days', async () => {
  const stage = shared();
  const ann = await stage.person();
  await stage.drive(await stage.leave(ann));
  const again = await stage.person('telegram', ann.user);
  expect(again.id).not.toBe(ann.id);
  expect((await again.say('balance')).words).toContain('You have 0 credits');
  const departures = await stage.app.models.departures.find().lean();
  expect(departures.some(({ forgetAt }) => forgetAt.getTime() === stage.clock.at + 180 * 86_400_000)).toBe(true);
});

test('messages are taken back where the platform lets the bot, and named where it does not', async () => {
  const stage = shared();
  const { who: ann } = await busy(stage);
  stage.remove.answer = 'refused';
  const id = await stage.leave(ann);
  await stage.drive(id);
  expect(stage.taken).toHaveLength(2);
  const receipt = await receiptOf(stage, id);
  expect(receipt?.deleted).toMatchObject({ messages_left: 2 });
  expect(receipt?.kept.map(({ what }) => what)).toContain('2 messages of the bot in your chats');
});

test('a chat that is away is asked again, and named after five tries', async () => {
  const stage = shared();
  const ann = await stage.person();
  await stage.video(ann);
  stage.remove.fail.push(...Array.from({ length: 8 }, () => new Error('502')));
  const id = await stage.leave(ann);
  await stage.drive(id);
  expect((await receiptOf(stage, id))?.deleted).toMatchObject({ messages_left: 1 });
  expect(stage.remove.fail).toHaveLength(2);
});

test('two linked accounts go together, and their pictures of each other with them', async () => {
  const stage = shared();
  const [ann, same] = [await stage.person(), await stage.person('discord')];
  await stage.video(ann);
  await same.press(await same.say(`link code=${await codeOf(ann)}`), 'Join them');
  await stage.video(same);
  const id = await stage.leave(same);
  await stage.drive(id);
  stage.clock.at += SWEEP_MS;
  await stage.look(id);
  for (const who of [ann, same]) expect(Object.keys(await heldOf(stage.app, who))).toEqual(['keys']);
  expect((await receiptOf(stage, id))?.deleted).toMatchObject({ videos: 2, 'documents.accounts': 2, credits: 76 });
});

test('a former partner’s video that these credits pay for is stopped, and the partner keeps everything', async () => {
  const stage = shared();
  const { app } = stage;
  const [ann, guest] = [await stage.person(), await stage.person('discord')];
  await guest.press(await guest.say(`link code=${await codeOf(ann)}`), 'Join them');
  const kept = await stage.video(guest);
  const { follows: running = '' } = await guest.say('generate a whale');
  await parted(guest);
  await stage.drive(await stage.leave(ann));
  expect(await app.models.generations.findById(running).lean()).toMatchObject({ state: 'failed', accountId: guest.id });
  expect((await app.models.generations.findById(kept).lean())?.state).toBe('delivered');
  expect((await guest.say('videos')).words).toContain('a fox');
  const account = await app.models.creditAccounts.findById(guest.id).lean();
  if (!account) throw new Error('the guest has no credits');
  checkInvariants(account, await app.models.ledgerEntries.find({ accountId: guest.id }).lean());
  expect(account).toMatchObject({ held: 0, holds: [] });
});
