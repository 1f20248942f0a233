import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { type Account, openAccount } from '../../../core/accounts.ts';
import type { App } from '../../../core/app.ts';
import type { Place } from '../../../core/chat.ts';
import { getMedia, putMedia } from '../../../core/generations/objects.ts';
import { prompt as promptField } from '../../../core/generations/sealed.ts';
import { type PackWish, packArchive } from '../../../core/privacy/export/pack.ts';
import { shareArchives } from '../../support/archives.ts';
import { buildRequest, discordPlace } from '../../support/requests.ts';
import { canaryOf, exportedCollections, seedEverything } from '../../support/seeded.ts';
import { type ReadArchive, readArchiveZip } from '../../support/zip.ts';

const sharedApp = shareArchives();

const AT = new Date('2026-11-24T10:00:00Z');

let people = 1;
/** Somebody new in this file's app. */
const person = async (place?: Place) => openAccount(sharedApp(), buildRequest({ ...(place && { place }) }, String(people++)));

async function pack(app: App, accountIds: string[], wish: Partial<PackWish> = {}): Promise<{ zip: Buffer } & ReadArchive> {
  const readMedia = async (...which: Parameters<typeof getMedia> extends [App, ...infer Rest] ? Rest : never) =>
    Readable.from([await getMedia(app, ...which)]);
  const { stream, done } = await packArchive({ ...app, readMedia }, { accountIds, content: 'all', createdAt: AT, ...wish });
  const [chunks] = await Promise.all([stream.toArray(), done]);
  const zip = Buffer.concat(chunks);
  return { zip, ...(await readArchiveZip(zip)) };
}

/** A finished video with the picture it began with. */
async function makeVideo(app: App, { id: accountId, keyId, keys }: Account, id: string, words: string, at = AT): Promise<void> {
  await app.models.generations.create({
    _id: id,
    accountId,
    keyId,
    rev: 0,
    state: 'delivered',
    prompt: promptField.seal(keys, id, words),
    place: keys.seal({ collection: 'generations', id, path: 'place' }, '{}'),
    hasImage: true,
    style: 'neon',
    aspectRatio: '16:9',
    seconds: 6,
    seed: 1,
    price: 12,
    video: { seconds: 6, width: 320, height: 180, size: 9 },
    tries: 0,
    createdAt: at,
    deadlineAt: at,
  });
  await putMedia(app, keys, 'video', id, Buffer.from(`video-${id}`));
  await putMedia(app, keys, 'image', id, Buffer.from(`image-${id}`));
}

const dig = (document: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((value, name) => {
    const inner: unknown = Array.isArray(value) ? value[0] : value;
    return inner && typeof inner === 'object' ? Object.entries(inner).find(([key]) => key === name)?.[1] : undefined;
  }, document);

const fileOf = ({ manifest }: ReadArchive, collection: string): string => {
  const schema = `schema/${collection.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.schema.json`;
  return manifest.files.find((file) => file.schema === schema)?.path ?? '';
};

test('holds every path that the registry exports and none that it keeps back, of one person only', async () => {
  const app = sharedApp();
  const [ann, bob] = [await person(), await person()];
  await seedEverything(app, ann, 'ann');
  await seedEverything(app, bob, 'bob');
  const archive = await pack(app, [ann.id]);
  for (const [name, rule] of exportedCollections) {
    const rows = archive.json(fileOf(archive, name));
    const document = rows.find(
      ({ _id }: { _id?: string }) => rule.paths._id?.exportNot || _id === ann.id || _id?.startsWith('ann-'),
    );
    expect(document, name).toBeDefined();
    for (const [path, { exportNot }] of Object.entries(rule.paths)) {
      const isSpecial = name === 'accounts' && ['partner', 'leaving', 'joining'].includes(path);
      if (exportNot) {
        expect(dig(document, path), `${name}.${path} is kept back`).toBeUndefined();
        expect(archive.zip.includes(canaryOf('ann', name, path)), `${name}.${path} is kept back`).toBe(false);
      } else if (!isSpecial) {
        expect(dig(document, path), `${name}.${path}`).toBeDefined();
      }
    }
  }
  expect(archive.zip.includes('bob-')).toBe(false);
  expect(archive.zip.includes(bob.id)).toBe(false);
  expect(archive.zip.includes(ann.keyId)).toBe(false);
  expect(archive.names).toEqual(expect.arrayContaining(['README.html', 'consents.json', 'access-log.json', 'billing.csv']));
  expect(archive.manifest.missing).toEqual([]);
  expect(archive.manifest.counts.consents?.rows).toBeGreaterThan(0);
});

test('holds the videos and pictures of both linked accounts, each opened with its own key', async () => {
  const app = sharedApp();
  const ann = await person();
  const onDiscord = await person(discordPlace('9'));
  await makeVideo(app, ann, 'l1', 'a <fox> & "friends"', new Date('2026-11-01T00:00:00Z'));
  await makeVideo(app, onDiscord, 'l2', 'a crow', new Date('2026-11-02T00:00:00Z'));
  const archive = await pack(app, [ann.id, onDiscord.id]);
  const media = archive.manifest.files.filter(({ generation }) => generation);
  expect(media.map(({ path, generation }) => `${path} ${generation}`)).toEqual([
    'inputs/2026-11-01-0001.jpg l1',
    'videos/2026-11-01-0001.mp4 l1',
    'inputs/2026-11-02-0002.jpg l2',
    'videos/2026-11-02-0002.mp4 l2',
  ]);
  expect(archive.text('videos/2026-11-02-0002.mp4')).toBe('video-l2');
  expect(archive.text('inputs/2026-11-01-0001.jpg')).toBe('image-l1');
  expect(archive.json('data/generations/generations.json').map(({ prompt }: { prompt: string }) => prompt)).toEqual([
    'a <fox> & "friends"',
    'a crow',
  ]);
  expect(archive.manifest.accounts).toEqual([
    { id: ann.id, platforms: ['telegram'] },
    { id: onDiscord.id, platforms: ['discord'] },
  ]);
  const page = archive.text('README.html');
  expect(page).toContain('a &lt;fox&gt; &amp; &quot;friends&quot;');
  expect(page).not.toMatch(/<script|<fox>/);
  const links = [...page.matchAll(/href="([^"]+)"/g)].map(([, path = '']) => path);
  expect(links.length).toBeGreaterThan(40);
  expect(links.filter((path) => !archive.entries.has(path))).toEqual([]);
  expect(links).toEqual(expect.arrayContaining(media.map(({ path }) => path)));
});

test('dates each file by what it is, stores it as it is, and names the rest of the files after nothing of the person', async () => {
  const app = sharedApp();
  const ann = await person();
  await makeVideo(app, ann, 'd1', 'a fox', new Date('2026-11-01T08:00:00Z'));
  const archive = await pack(app, [ann.id]);
  expect(archive.entries.get('videos/2026-11-01-0001.mp4')?.at).toEqual(new Date('2026-11-01T08:00:00Z'));
  expect(archive.entries.get('consents.json')?.at).toEqual(AT);
  expect([...archive.entries.values()].map(({ method }) => method)).toEqual(archive.names.map(() => 0));
  expect([...archive.entries.values()].some(({ versionNeeded }) => versionNeeded === 45)).toBe(false);
  expect(archive.names.filter((name) => !/^[\w/-]+(\.[a-z0-9]+)+$/.test(name))).toEqual([]);
});

test('“data only” holds no video and no picture, and says so', async () => {
  const app = sharedApp();
  const ann = await person();
  await makeVideo(app, ann, 'o1', 'a fox');
  const archive = await pack(app, [ann.id], { content: 'data' });
  expect(archive.names.filter((name) => /^(videos|inputs)\//.test(name))).toEqual([]);
  expect(archive.manifest.leftOut).toContainEqual({ what: 'your videos and pictures', why: 'you asked for the data only' });
  expect(archive.manifest.missing).toEqual([]);
});

test('what was removed before is not named as missing', async () => {
  const app = sharedApp();
  const ann = await person();
  await makeVideo(app, ann, 'r1', 'a fox');
  await app.models.generations.updateOne({ _id: 'r1' }, { $set: { removed: { video: AT, image: AT } } });
  const archive = await pack(app, [ann.id]);
  expect(archive.manifest.missing).toEqual([]);
  expect(archive.names.filter((name) => /^(videos|inputs)\//.test(name))).toEqual([]);
});

test('more documents than the database hands over at once are all there, each once', async () => {
  const app = sharedApp();
  const ann = await person();
  const rows = Array.from({ length: 1_234 }, (_, index) => ({
    _id: `${ann.id}#${index}`,
    accountId: ann.id,
    seq: index,
    actor: 'person' as const,
    action: 'archive_asked' as const,
    at: index,
    previous: 'x'.repeat(60),
    hash: 'y'.repeat(60),
  }));
  await app.models.privacyEvents.insertMany(rows);
  const archive = await pack(app, [ann.id]);
  expect(archive.json('access-log.json').map(({ seq }: { seq: number }) => seq)).toEqual(rows.map(({ seq }) => seq));
});
