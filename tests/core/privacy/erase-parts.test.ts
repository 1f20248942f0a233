import { expect, test } from 'vitest';
import { getMedia } from '../../../core/generations/objects.ts';
import { place as placeField, prompt as promptField } from '../../../core/generations/sealed.ts';
import { checkReceipt } from '../../../core/privacy/receipt-of-erasure.ts';
import { pressable } from '../../support/requests.ts';
import { type Leaver, objectsOf, type Stage, shareLeaving } from './leaving.ts';

const shared = shareLeaving();

/** The person says what, and when, and yes. */
async function remove(stage: Stage, who: Leaver, line: string, yes: string, when = 'Now') {
  const { follows: id = '' } = await who.press(await who.press(await who.say(`privacy delete ${line}`), when), yes);
  return { id, end: await stage.drive(id) };
}

async function readBack({ app }: Stage, who: Leaver, id: string) {
  const generation = await app.models.generations.findById(id).lean();
  if (!generation) throw new Error('the generation is gone');
  const keys = app.keys.open(await app.models.keys.findById(who.keyId).lean());
  return {
    generation,
    keys,
    prompt: promptField.open(keys, id, generation.prompt),
    place: placeField.open(keys, id, generation.place),
  };
}

const objectsFor = async ({ app }: Stage, id: string) => (await objectsOf(app)).filter((name) => name.includes(id));

test('one video goes with its words, files and message, and the other stays as it is', async () => {
  const stage = shared();
  const ann = await stage.person();
  const [gone, kept] = [await stage.video(ann, 'a fox'), await stage.video(ann, 'a cat')];
  const before = await stage.app.models.generations.findById(kept).lean();
  const { id, end } = await remove(stage, ann, `video=${gone}`, 'Yes, delete this video');
  expect(end?.state).toBe('done');
  const { generation, prompt, place } = await readBack(stage, ann, gone);
  expect(prompt).toBe('');
  expect(place).toMatchObject({ chat: '', user: '' });
  expect(generation).toMatchObject({ state: 'delivered', price: 12 });
  expect(generation.removed?.video).toBeInstanceOf(Date);
  for (const path of ['video', 'message', 'uploadedAs']) expect(generation).not.toHaveProperty(path);
  expect(await objectsFor(stage, gone)).toEqual([]);
  expect(stage.taken).toHaveLength(1);
  expect(await stage.app.models.generations.findById(kept).lean()).toEqual(before);
  expect(await objectsFor(stage, kept)).toHaveLength(2);
  const receipt = checkReceipt(stage.app.keys, end?.receipt ?? '');
  expect(receipt).toMatchObject({ id, scope: 'video', deleted: { videos: 1, prompts: 1, messages: 1 } });
  expect(receipt).not.toHaveProperty('backupsUnreadableFrom');
});

test('the history shows what was deleted, without a button to watch it, and it cannot be made again', async () => {
  const stage = shared();
  const ann = await stage.person();
  const gone = await stage.video(ann, 'a fox');
  await remove(stage, ann, `video=${gone}`, 'Yes, delete this video');
  const history = await ann.say('videos');
  expect(history.words).toMatch(/words deleted · 6 s, deleted/);
  expect(pressable(history)).toEqual([]);
  expect((await ann.say(`videos show=${gone}`)).words).toContain('I cannot find that video');
  expect((await ann.say(`generate again=${gone}`)).words).toContain('The words of that video are deleted');
  expect((await ann.say('balance')).words).toContain('You have 38 credits');
});

test('a video that is being made is stopped first, and its credits come back', async () => {
  const stage = shared();
  stage.provider.answer = { state: 'running', progress: 0.5 };
  const ann = await stage.person();
  const { follows: making = '' } = await ann.say('generate a fox');
  await stage.step(making);
  await stage.step(making);
  const { end } = await remove(stage, ann, `video=${making}`, 'Yes, delete this video');
  expect(end?.state).toBe('done');
  expect(stage.provider.cancelled).toEqual([{ id: `job-${making}` }]);
  expect((await readBack(stage, ann, making)).generation).toMatchObject({ state: 'told', fault: 'cancelled' });
  expect(await stage.app.models.creditAccounts.findById(ann.id).lean()).toMatchObject({ available: 50, held: 0 });
});

test('all media go and prompts stay; what was made after the yes stays too', async () => {
  const stage = shared();
  const ann = await stage.person();
  const old = await stage.video(ann, 'a fox');
  const asked = await ann.press(
    await ann.press(await ann.say('privacy delete media'), 'In 72 hours'),
    'Yes, delete all videos and pictures',
  );
  stage.clock.at += 1_000;
  const fresh = await stage.video(ann, 'a cat');
  stage.clock.at += 72 * 3_600_000;
  await stage.look(asked.follows ?? '');
  const end = await stage.drive(asked.follows ?? '');
  const { generation, prompt } = await readBack(stage, ann, old);
  expect(prompt).toBe('a fox');
  expect(generation).not.toHaveProperty('video');
  expect(await objectsFor(stage, old)).toEqual([]);
  const { keys, generation: later } = await readBack(stage, ann, fresh);
  expect((await getMedia(stage.app, keys, 'video', fresh)).length).toBe(later.video?.size);
  expect(checkReceipt(stage.app.keys, end?.receipt ?? '')?.deleted).toEqual({ videos: 1, messages: 1 });
});

test('all prompts go and videos stay, and the account goes on', async () => {
  const stage = shared();
  const ann = await stage.person();
  const made = await stage.video(ann, 'a fox');
  await remove(stage, ann, 'prompts', 'Yes, delete all prompts');
  const { generation, prompt } = await readBack(stage, ann, made);
  expect(prompt).toBe('');
  expect(generation.video).toBeDefined();
  expect(await objectsFor(stage, made)).toHaveLength(2);
  expect(stage.taken).toEqual([]);
  expect((await ann.say('videos')).words).toContain('words deleted');
  expect((await ann.say('generate a cat')).words).toContain('reserved');
});

test('nobody else’s generations are touched by any of it', async () => {
  const stage = shared();
  const [ann, bob] = [await stage.person(), await stage.person()];
  await stage.video(ann);
  const his = await stage.video(bob, 'a whale');
  const before = await stage.app.models.generations.findById(his).lean();
  await remove(stage, ann, 'media', 'Yes, delete all videos and pictures');
  await remove(stage, ann, 'prompts', 'Yes, delete all prompts');
  expect(await stage.app.models.generations.findById(his).lean()).toEqual(before);
  expect(await objectsFor(stage, his)).toHaveLength(2);
});

test('a part that waits for its time is gone with the account, and its end disturbs nobody', async () => {
  const stage = shared();
  const ann = await stage.person();
  await stage.video(ann);
  const part = await ann.press(
    await ann.press(await ann.say('privacy delete prompts'), 'In 72 hours'),
    'Yes, delete all prompts',
  );
  await stage.drive(await stage.leave(ann));
  expect(await stage.app.models.erasures.findById(part.follows).lean()).toBeNull();
  expect(await stage.look(part.follows ?? '')).toBeUndefined();
});
