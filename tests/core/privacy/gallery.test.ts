import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { App } from '../../../core/app.ts';
import { consentsOf, prove, withdrawConsent } from '../../../core/privacy/consents.ts';
import { galleryPage, readGallery, shownItem } from '../../../core/privacy/gallery/seen.ts';
import { publish, unpublish, unpublishAll } from '../../../core/privacy/gallery.ts';
import { createGallerySweep, run } from '../../../workers/gallery.ts';
import { tidy } from '../../../workers/tidy.ts';
import { newMaker, newVideo, offer, openOnce } from './makers.ts';

const { app, clock } = openOnce();
const bytes = Buffer.from('the bytes of a video');

const copiesOf = async (slug: string) => (await app().storage.list(`gallery/${slug}`)).keys;
const itemOf = (slug: string) => app().models.galleryItems.findById(slug).lean();
const withdraw = (accountId: string, subject: string, on = app()) =>
  withdrawConsent(on, {
    ...{ account: { id: accountId }, purpose: 'gallery', subject },
    ...{ channel: 'telegram', language: 'en', at: clock.now },
  });

async function newShown() {
  const maker = await newMaker(app());
  const generation = await newVideo(app(), maker, { video: bytes });
  const slug = await offer(app(), generation);
  await run(app(), slug);
  return { maker, generation, slug };
}

/** The app, whose storage or collections die at the n-th call of this name. */
function dyingAt(method: 'write' | 'remove', call: number, when: 'before' | 'after'): App {
  let calls = 0;
  const around = async <T>(go: () => Promise<T>): Promise<T> => {
    calls += 1;
    if (calls === call && when === 'before') throw new Error('killed');
    const answer = await go();
    if (calls === call) throw new Error('killed');
    return answer;
  };
  const { storage } = app();
  const write: App['storage']['write'] = (...inputs) => around(() => storage.write(...inputs));
  const remove: App['storage']['remove'] = (keys) => around(() => storage.remove(keys));
  return { ...app(), storage: { ...storage, ...(method === 'write' ? { write } : { remove }) } };
}

test('shows a copy under a name of its own, sealed, only after the worker has made it', async () => {
  const maker = await newMaker(app());
  const generation = await newVideo(app(), maker, { video: bytes });
  const slug = await offer(app(), generation);
  expect(slug).toMatch(/^[\w-]{22}$/);
  expect(await shownItem(app(), slug)).toBeUndefined();
  await run(app(), slug);
  expect(await shownItem(app(), slug)).toMatchObject({ generation: generation._id, size: bytes.length });
  expect(await buffer(await readGallery(app(), slug, 'video'))).toEqual(bytes);
  expect((await buffer(await readGallery(app(), slug, 'poster'))).toString()).toBe('still');
  const keys = app().keys.open(await app().models.keys.findById(maker.keyId).lean());
  await expect(app().storage.get(`gallery/${slug}.mp4`, keys.objectsKey, { purpose: 'gallery' })).rejects.toThrow();
  const { items } = await galleryPage(app(), 0, 24);
  expect(items.map(({ _id }) => _id)).toContain(slug);
});

test('publishes the same video once', async () => {
  const { generation, slug } = await newShown();
  expect(await offer(app(), generation)).toBe(slug);
  expect(await shownItem(app(), slug)).toBeDefined();
  expect(await app().models.galleryItems.countDocuments({ generation: generation._id })).toBe(1);
});

test('takes no proof of another video or of another person', async () => {
  const { maker, generation } = await newShown();
  const other = await newVideo(app(), maker);
  const foreign = await newVideo(app(), await newMaker(app()));
  const proof = await prove(app(), maker.id, 'gallery', generation._id);
  if (!proof) throw new Error('it was agreed to');
  for (const one of [other, foreign]) await expect(publish(app(), proof, one)).rejects.toMatchObject({ code: 'no_consent' });
});

test('does not show a withdrawn video from the moment that the withdrawal is written, before anything is removed', async () => {
  const { maker, generation, slug } = await newShown();
  await withdraw(maker.id, generation._id);
  expect(await itemOf(slug)).toMatchObject({ state: 'leaving' });
  expect(await copiesOf(slug)).toHaveLength(2);
  expect(await shownItem(app(), slug)).toBeUndefined();
  clock.now += 1;
  expect(await tidy(app())).toBeGreaterThan(0);
  await run(app(), slug);
  expect(await copiesOf(slug)).toEqual([]);
  expect(await itemOf(slug)).toBeNull();
});

test('does not show what the ledger says no to, even where its state says shown', async () => {
  const { maker, generation, slug } = await newShown();
  await withdraw(maker.id, generation._id);
  await app().models.galleryItems.updateOne({ _id: slug }, { state: 'shown', shownAt: new Date(clock.now) });
  expect(await shownItem(app(), slug)).toBeUndefined();
  expect((await galleryPage(app(), 0, 24)).items.map(({ _id }) => _id)).not.toContain(slug);
});

test('hides the videos of a person who leaves, and shows them again when they stay', async () => {
  const { maker, slug } = await newShown();
  await app().models.accounts.updateOne({ _id: maker.id }, { status: 'leaving' });
  expect(await shownItem(app(), slug)).toBeUndefined();
  expect((await galleryPage(app(), 0, 24)).items.map(({ _id }) => _id)).not.toContain(slug);
  await app().models.accounts.updateOne({ _id: maker.id }, { status: 'active' });
  expect(await shownItem(app(), slug)).toBeDefined();
});

test('has removed every copy when taking out is answered, and shows it under another name when agreed to again', async () => {
  const { maker, generation, slug } = await newShown();
  await unpublish(app(), maker.id, generation._id);
  expect(await copiesOf(slug)).toEqual([]);
  expect(await consentsOf(app(), maker.id)).toMatchObject([{ granted: false }]);
  await unpublish(app(), maker.id, generation._id);
  const again = await offer(app(), generation);
  expect(again).not.toBe(slug);
  await run(app(), again);
  expect(await shownItem(app(), again)).toBeDefined();
});

test('does not take out what belongs to somebody else', async () => {
  const { generation, slug } = await newShown();
  await unpublish(app(), (await newMaker(app())).id, generation._id);
  expect(await shownItem(app(), slug)).toBeDefined();
});

test('takes everything of an account out and leaves the others alone', async () => {
  const { maker, slug } = await newShown();
  const second = await offer(app(), await newVideo(app(), maker, { video: bytes }));
  const other = await newShown();
  await unpublishAll(app(), [maker.id]);
  expect([await itemOf(slug), await itemOf(second)]).toEqual([null, null]);
  expect([...(await copiesOf(slug)), ...(await copiesOf(second))]).toEqual([]);
  expect((await consentsOf(app(), maker.id)).map(({ granted }) => granted)).toEqual([false, false]);
  expect(await shownItem(app(), other.slug)).toBeDefined();
});

test('does not copy what was withdrawn while it waited, or whose video is gone', async () => {
  const maker = await newMaker(app());
  const waiting = await newVideo(app(), maker, { video: bytes });
  const slug = await offer(app(), waiting);
  await withdraw(maker.id, waiting._id);
  await run(app(), slug);
  const gone = await offer(app(), await newVideo(app(), maker));
  await run(app(), gone);
  expect([await itemOf(slug), await itemOf(gone)]).toEqual([null, null]);
  expect([...(await copiesOf(slug)), ...(await copiesOf(gone))]).toEqual([]);
});

test('removes the copy that it was making when the consent is withdrawn in between', async () => {
  const maker = await newMaker(app());
  const generation = await newVideo(app(), maker, { video: bytes });
  const slug = await offer(app(), generation);
  const { storage } = app();
  const write: App['storage']['write'] = async (...inputs) => {
    if (inputs[0].endsWith('.mp4')) await unpublish(app(), maker.id, generation._id);
    return storage.write(...inputs);
  };
  await run({ ...app(), storage: { ...storage, write } }, slug);
  expect(await itemOf(slug)).toBeNull();
  expect(await copiesOf(slug)).toEqual([]);
});

test('comes to the same end wherever a copying process is killed, whether it is withdrawn then or not', async () => {
  for (const call of [1, 2]) {
    for (const when of ['before', 'after'] as const) {
      for (const withdrawn of [false, true]) {
        const maker = await newMaker(app());
        const generation = await newVideo(app(), maker, { video: bytes });
        const slug = await offer(app(), generation);
        await expect(run(dyingAt('write', call, when), slug)).rejects.toThrow('killed');
        expect(await shownItem(app(), slug)).toBeUndefined();
        if (withdrawn) await withdraw(maker.id, generation._id);
        await run(app(), slug);
        expect((await shownItem(app(), slug)) !== undefined).toBe(!withdrawn);
        expect(await copiesOf(slug)).toHaveLength(withdrawn ? 0 : 2);
      }
    }
  }
});

test('is finished by the next step where taking out is killed', async () => {
  for (const when of ['before', 'after'] as const) {
    const { maker, generation, slug } = await newShown();
    await expect(unpublish(dyingAt('remove', 1, when), maker.id, generation._id)).rejects.toThrow('killed');
    expect(await shownItem(app(), slug)).toBeUndefined();
    await run(app(), slug);
    expect(await itemOf(slug)).toBeNull();
    expect(await copiesOf(slug)).toEqual([]);
  }
});

test('sweeps a copy that no item stands for when it is met a second time', async () => {
  const { slug } = await newShown();
  const stray = `gallery/${'s'.repeat(22)}.mp4`;
  await app().storage.put(stray, bytes, app().keys.galleryKey, { purpose: 'gallery' });
  const sweep = createGallerySweep(app());
  expect(await sweep()).toBe(0);
  expect(await sweep()).toBe(1);
  expect((await app().storage.list(stray)).keys).toEqual([]);
  expect(await copiesOf(slug)).toHaveLength(2);
});
