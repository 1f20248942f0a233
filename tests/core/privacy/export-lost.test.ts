import { Readable } from 'node:stream';
import { expect, test, vi } from 'vitest';
import { openAccount } from '../../../core/accounts.ts';
import { KeyDestroyed, Unreadable } from '../../../core/keys.ts';
import { openSource, type ReadMedia } from '../../../core/privacy/export/media.ts';
import { type PackWish, packArchive } from '../../../core/privacy/export/pack.ts';
import { createZip } from '../../../core/privacy/export/zip.ts';
import { ObjectMissing } from '../../../core/storage.ts';
import { shareArchives } from '../../support/archives.ts';
import { buildRequest } from '../../support/requests.ts';
import { readArchiveZip, readZip } from '../../support/zip.ts';

const sharedApp = shareArchives();

const AT = new Date('2026-11-24T10:00:00Z');

let people = 1;

/** Somebody with so many videos; what is stored of them is made up by each test. */
async function withVideos(count: number, size = 5) {
  const app = sharedApp();
  const { id: accountId, keyId, keys } = await openAccount(app, buildRequest({}, String(people++)));
  for (let index = 1; index <= count; index++) {
    const _id = `${accountId}-g${index}`;
    await app.models.generations.create({
      ...{ _id, accountId, keyId, rev: 0, state: 'delivered', hasImage: false, style: 'neon', aspectRatio: '16:9' },
      ...{ seconds: 6, seed: 1, price: 12, tries: 0, video: { seconds: 6, width: 320, height: 180, size } },
      prompt: keys.seal({ collection: 'generations', id: _id, path: 'prompt' }, '"a fox"'),
      place: keys.seal({ collection: 'generations', id: _id, path: 'place' }, '{}'),
      createdAt: new Date(AT.getTime() + index),
      deadlineAt: AT,
    });
  }
  const begin = (readMedia: ReadMedia, wish: Partial<PackWish> = {}) =>
    packArchive({ ...app, readMedia }, { accountIds: [accountId], content: 'all', createdAt: AT, ...wish });
  const pack = async (readMedia: ReadMedia, wish: Partial<PackWish> = {}) => {
    const { stream, done } = await begin(readMedia, wish);
    const [chunks, progress] = await Promise.all([stream.toArray(), done]);
    return { progress, ...(await readArchiveZip(Buffer.concat(chunks))) };
  };
  return { app, begin, pack, accountId, keys };
}

async function* breakingOff(error: Error) {
  yield Buffer.from('verified');
  throw error;
}

const scripted: ReadMedia = async (_keys, _kind, id) => {
  if (id.endsWith('g1')) throw new ObjectMissing();
  if (id.endsWith('g2')) throw new Unreadable();
  if (id.endsWith('g3')) return Readable.from(breakingOff(new Unreadable()));
  return Readable.from([Buffer.from('whole')]);
};

test('a lost, an unreadable and a damaged video are named and leave the archive whole', async () => {
  const { accountId, pack } = await withVideos(4);
  const { manifest, text, names, progress } = await pack(scripted);
  expect(manifest.missing).toEqual([
    { path: 'videos/2026-11-24-0001.mp4', reason: 'missing', generation: `${accountId}-g1` },
    { path: 'videos/2026-11-24-0002.mp4', reason: 'unreadable', generation: `${accountId}-g2` },
    { path: 'videos/2026-11-24-0003.mp4', reason: 'damaged', generation: `${accountId}-g3` },
  ]);
  expect(names.filter((name) => name.startsWith('videos/'))).toEqual([
    'videos/2026-11-24-0003.mp4',
    'videos/2026-11-24-0004.mp4',
  ]);
  // Of the damaged one only what was verified, of the one behind it everything.
  expect(text('videos/2026-11-24-0003.mp4')).toBe('verified');
  expect(text('videos/2026-11-24-0004.mp4')).toBe('whole');
  expect(text('README.html')).toContain('videos/2026-11-24-0001.mp4 is not stored any more');
  expect(progress).toEqual({ packed: names.length, all: names.length + 2, missing: 3 });
});

test('a sealed field that does not open is named, and the rest of its document is there', async () => {
  const { app, accountId, pack, keys } = await withVideos(2);
  const elsewhere = keys.seal({ collection: 'generations', id: 'another', path: 'prompt' }, '"stolen"');
  await app.models.generations.updateOne({ _id: `${accountId}-g1` }, { $set: { prompt: elsewhere } });
  const { json, manifest } = await pack(scripted, { content: 'data' });
  const path = 'data/generations/generations.json';
  expect(json(path).map(({ _id, prompt }: Record<string, string>) => [_id, prompt])).toEqual([
    [`${accountId}-g1`, undefined],
    [`${accountId}-g2`, 'a fox'],
  ]);
  expect(manifest.missing).toEqual([{ path, row: `${accountId}-g1`, field: 'prompt', reason: 'unreadable' }]);
});

test('an error that may pass ends the attempt, and only in the last one counts as the file’s own', async () => {
  const { accountId, begin, pack } = await withVideos(2);
  const flaky: ReadMedia = async (_keys, _kind, id) =>
    Readable.from(id.endsWith('g1') ? breakingOff(new Error('reset')) : ['whole']);
  const { stream, done } = await begin(flaky);
  await expect(stream.toArray()).rejects.toThrow('reset');
  await expect(done).rejects.toThrow('reset');
  const { manifest, text } = await pack(flaky, { isLastTry: true });
  expect(manifest.missing).toEqual([{ path: 'videos/2026-11-24-0001.mp4', reason: 'damaged', generation: `${accountId}-g1` }]);
  expect(text('videos/2026-11-24-0002.mp4')).toBe('whole');
});

test('ends with its reader, and closes the source that is open', async () => {
  const { begin } = await withVideos(3);
  const opened: Readable[] = [];
  const { stream, done } = await begin(async () => {
    const source = new Readable({ read() {} });
    source.push(Buffer.alloc(1_000));
    opened.push(source);
    return source;
  });
  stream.resume();
  await vi.waitFor(() => expect(opened).toHaveLength(1));
  stream.destroy();
  await expect(done).rejects.toThrow();
  await vi.waitFor(() => expect(opened[0]?.destroyed).toBe(true));
  expect(opened).toHaveLength(1);
});

test('never has more than one source open', async () => {
  const { pack } = await withVideos(6);
  let open = 0;
  let most = 0;
  await pack(async () => {
    open += 1;
    most = Math.max(most, open);
    return Readable.from([Buffer.alloc(100_000), Buffer.alloc(100_000)]).once('close', () => {
      open -= 1;
    });
  });
  expect({ open, most }).toEqual({ open: 0, most: 1 });
});

test('begins nothing for an account that is being deleted', async () => {
  const { app, begin, accountId } = await withVideos(1);
  await app.models.accounts.updateOne({ _id: accountId }, { $set: { status: 'erasing' } });
  await expect(begin(scripted)).rejects.toThrow(KeyDestroyed);
});

test('writes 64-bit sizes where the videos together are larger than 4 GiB', async () => {
  const { pack } = await withVideos(2, 2_000_000_000);
  const { entries } = await pack(async () => Readable.from(['whole']));
  expect([...new Set([...entries.values()].map(({ versionNeeded }) => versionNeeded))]).toEqual([45]);
});

test('refuses a name that another system would read differently, and stores what it is given', async () => {
  const zip = createZip();
  for (const path of ['../up', '/root', 'a\\b', 'a//b', 'a b', 'é', '.hidden', 'a/..', '']) {
    await expect(zip.add(path, AT, ['x']), path).rejects.toThrow('a name in a ZIP');
  }
  const [chunks] = await Promise.all([zip.stream.toArray(), zip.add('empty.txt', AT, []).then(() => zip.end())]);
  expect([...(await readZip(Buffer.concat(chunks)))].map(([path, { bytes }]) => [path, bytes.length])).toEqual([
    ['empty.txt', 0],
  ]);
});

test('takes an empty object for an empty file', async () => {
  const source = await openSource(async () => Readable.from([]), { isLastTry: false, gone: new AbortController().signal });
  if (typeof source === 'string') throw new Error(source);
  const chunks: unknown[] = [];
  for await (const chunk of source.content) chunks.push(chunk);
  expect(chunks).toEqual([]);
  expect(source.isDamaged()).toBe(false);
});
