import { expect, test } from 'vitest';
import { Undeliverable } from '../../core/errors.ts';
import * as erase from '../../workers/erase.ts';
import { tidy } from '../../workers/tidy.ts';
import { shareLeaving } from '../core/privacy/leaving.ts';

const shared = shareLeaving();

test('what is away is tried again with growing pauses, and nothing is skipped', async () => {
  const stage = shared();
  const { app, clock } = stage;
  const ann = await stage.person();
  const id = await stage.leave(ann);
  const put = async () => {
    throw new Error('away');
  };
  const broken = { ...app, storage: { ...app.storage, put } };
  const pauses: number[] = [];
  for (let turn = 0; turn < 12; turn++) {
    const afterMs = (await erase.run(broken, stage.sends, stage.removes, id))?.afterMs ?? 0;
    pauses.push(afterMs / 1_000);
    clock.at += afterMs;
  }
  expect(pauses).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600]);
  expect(await app.models.erasures.findById(id).lean()).toMatchObject({ state: 'running', step: 'journal' });
  expect((await app.models.accounts.findById(ann.id).lean())?.status).toBe('leaving');
});

test('two workers at once take each step once between them', async () => {
  const stage = shared();
  const ann = await stage.person();
  await stage.video(ann);
  const id = await stage.leave(ann);
  const both = await Promise.all([stage.look(id), stage.look(id)]);
  expect(both.filter((again) => (again?.afterMs ?? 0) > 1_000).length).toBeLessThanOrEqual(1);
  await stage.drive(id);
  expect(stage.sendings.filter(({ reply }) => reply.file)).toHaveLength(1);
  expect(stage.taken).toHaveLength(1);
});

test('a lease of a process that died is taken over when it has run out', async () => {
  const stage = shared();
  const ann = await stage.person();
  const id = await stage.leave(ann);
  const leaseUntil = new Date(stage.clock.at + 60_000);
  await stage.app.models.erasures.updateOne({ _id: id }, { $set: { leaseUntil } });
  expect(await stage.look(id)).toEqual({ afterMs: 60_000 });
  stage.clock.at += 60_000;
  await stage.look(id);
  expect((await stage.app.models.erasures.findById(id).lean())?.state).toBe('done');
});

test('tidy rings for what waits for its time, and what is kept rings no more', async () => {
  const stage = shared();
  const { app, clock } = stage;
  const ann = await stage.person();
  const waiting = await ann.press(
    await ann.press(await ann.say('privacy delete prompts'), 'In 72 hours'),
    'Yes, delete all prompts',
  );
  const id = waiting.follows ?? '';
  const rung: string[] = [];
  const queue = { ...app.queue, ring: async (name: string, one: string) => void (name === 'erase' && rung.push(one)) };
  await stage.look(id);
  clock.at += 60_000;
  await stage.look(id);
  await tidy({ ...app, queue });
  expect(rung).not.toContain(id);
  clock.at += 72 * 3_600_000;
  await tidy({ ...app, queue });
  expect(rung).toContain(id);
  await ann.press(waiting, 'Keep it');
  rung.length = 0;
  clock.at += 3_600_000;
  await tidy({ ...app, queue });
  expect(rung).not.toContain(id);
});

test('who has blocked the bot loses the receipt and nothing else; a chat that is away gets it later', async () => {
  const stage = shared();
  const [ann, bob] = [await stage.person(), await stage.person()];
  stage.fail.push(new Undeliverable('blocked'));
  expect((await stage.drive(await stage.leave(ann)))?.state).toBe('done');
  expect(stage.sendings).toEqual([]);
  stage.fail.push(new Error('502'), new Error('502'));
  expect((await stage.drive(await stage.leave(bob)))?.state).toBe('done');
  expect(stage.sendings.filter(({ reply }) => reply.file)).toHaveLength(1);
});

test('does nothing for an offer, and for what it does not know', async () => {
  const stage = shared();
  const ann = await stage.person();
  await ann.say('privacy delete account');
  const offer = await stage.app.models.erasures.findOne({ accountIds: ann.id }).lean();
  expect(await stage.look(offer?._id ?? '')).toBeUndefined();
  expect(await stage.look('nothing')).toBeUndefined();
  expect((await stage.app.models.erasures.findById(offer?._id).lean())?.state).toBe('offered');
});
