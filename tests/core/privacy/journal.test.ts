import { expect, test } from 'vitest';
import type { App } from '../../../core/app.ts';
import { replayJournal } from '../../../core/privacy/journal.ts';
import { heldOf, objectsOf, type Stage, shareLeaving } from './leaving.ts';

const shared = shareLeaving();
const DAY_MS = 86_400_000;

interface Copy {
  name: string;
  rows: Record<string, unknown>[];
}

/** Every document there is, as a backup would hold it. */
async function backUp({ models, connection }: App): Promise<Copy[]> {
  const names = Object.values(models).map((model) => model.collection.name);
  return Promise.all(names.map(async (name) => ({ name, rows: await connection.collection(name).find().toArray() })));
}

async function restore({ connection }: App, copies: readonly Copy[]): Promise<void> {
  for (const { name, rows } of copies) {
    await connection.collection(name).deleteMany({});
    if (rows.length > 0) await connection.collection(name).insertMany(rows);
  }
}

const journalOf = ({ app }: Stage) => objectsOf(app, 'journal/');

test('what a restored backup has brought back is deleted again before anything else begins, and nobody else', async () => {
  const stage = shared();
  const { app } = stage;
  const [ann, bob] = [await stage.person(), await stage.person()];
  await stage.video(ann);
  await stage.video(bob, 'a whale');
  await ann.say('generate a cat');
  const backup = await backUp(app);
  const id = await stage.leave(ann);
  await stage.drive(id);
  await restore(app, backup);
  expect(Object.keys(await heldOf(app, ann))).toContain('accounts');
  expect(await replayJournal(app)).toBe(1);
  expect(Object.keys(await heldOf(app, ann)).sort()).toEqual(['erasures', 'keys']);
  expect((await heldOf(app, ann)).keys).toMatchObject([{ state: 'destroyed' }]);
  expect(await app.models.erasures.findById(id).lean()).toMatchObject({ state: 'done', cause: 'restored' });
  expect((await bob.say('videos')).words).toContain('a whale');
  expect(await replayJournal(app)).toBe(0);
});

test('so are parts of an account that goes on, and an erasure that waited when the backup was made', async () => {
  const stage = shared();
  const { app, clock } = stage;
  const [ann, bob] = [await stage.person(), await stage.person()];
  await stage.video(ann, 'a fox');
  await ann.press(await ann.press(await ann.say('privacy delete prompts'), 'In 72 hours'), 'Yes, delete all prompts');
  const waiting = await bob.press(
    await bob.press(await bob.say('privacy delete account'), 'In 72 hours'),
    'Yes, delete my account',
  );
  const backup = await backUp(app);
  const [part] = await app.models.erasures.find({ accountIds: ann.id, state: 'waiting' }).lean();
  clock.at += 3 * DAY_MS;
  for (const id of [part?._id ?? '', waiting.follows ?? '']) {
    await stage.look(id);
    await stage.drive(id);
  }
  await restore(app, backup);
  expect(await replayJournal(app)).toBe(2);
  expect((await ann.say('videos')).words).toContain('words deleted');
  expect(Object.keys(await heldOf(app, bob)).sort()).toEqual(['erasures', 'keys']);
});

test('an erasure that is under way is left to its worker, with its accounts closed', async () => {
  const stage = shared();
  const { app } = stage;
  const ann = await stage.person();
  const backup = await backUp(app);
  const id = await stage.leave(ann);
  const running = await app.models.erasures.findById(id).lean();
  await stage.drive(id);
  await restore(app, backup);
  await app.models.erasures.deleteOne({ _id: id });
  await app.models.erasures.create({ ...running, step: 'stop' });
  expect(await replayJournal(app)).toBe(0);
  expect((await app.models.accounts.findById(ann.id).lean())?.status).toBe('erasing');
  expect((await app.models.erasures.findById(id).lean())?.state).toBe('running');
  expect((await stage.drive(id))?.state).toBe('done');
});

test('every entry is sealed, holds random ids only, and stands there before anything is destroyed', async () => {
  const stage = shared();
  const { app } = stage;
  const ann = await stage.person();
  const before = await journalOf(stage);
  const id = await stage.leave(ann);
  await stage.drive(id);
  const [name = '', ...more] = (await journalOf(stage)).filter((one) => !before.includes(one));
  expect(more).toEqual([]);
  expect(name).toMatch(new RegExp(`^journal/\\d{4}-\\d\\d-\\d\\dT[\\d:.]{12}Z-${id}$`));
  const entry = (await app.storage.get(name, app.keys.journalKey, { purpose: 'journal' })).toString();
  expect(JSON.parse(entry)).toMatchObject({ id, scope: 'account', accountIds: [ann.id], keyIds: [ann.keyId] });
  expect(entry).not.toContain(ann.user);
});

test('nothing is destroyed while the journal cannot be written, and nothing starts while it cannot be read', async () => {
  const stage = shared();
  const { app } = stage;
  const ann = await stage.person();
  const id = await stage.leave(ann);
  const away = async () => {
    throw new Error('the object store is away');
  };
  const broken = { ...app, storage: { ...app.storage, put: away, list: away } };
  let turns = 0;
  await expect(stage.drive(id, () => (++turns < 5 ? broken : app)).then((end) => end?.state)).resolves.toBe('done');
  expect(turns).toBeGreaterThanOrEqual(5);
  await expect(replayJournal(broken)).rejects.toThrow('away');
});

test('in ordinary times a page of the journal costs one query', async () => {
  const stage = shared();
  const { app } = stage;
  for (let people = 0; people < 3; people++) await stage.drive(await stage.leave(await stage.person()));
  let queries = 0;
  const erasures = new Proxy(app.models.erasures, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      queries += 1;
      return value.bind(target) as unknown;
    },
  });
  expect(await replayJournal({ ...app, models: { ...app.models, erasures } })).toBe(0);
  expect(queries).toBe(1);
});
