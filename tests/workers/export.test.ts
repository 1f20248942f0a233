import { expect, test, vi } from 'vitest';
import type { App } from '../../core/app.ts';
import { Undeliverable } from '../../core/errors.ts';
import { latestArchive, removeArchive, removeArchives, sweepArchives } from '../../core/privacy/archives.ts';
import { run } from '../../workers/export.ts';
import { openStored, runToEnd, shareExports, storedOf, storeVideo } from '../support/archives.ts';
import { discordPlace, links, pressable } from '../support/requests.ts';
import { readArchiveZip } from '../support/zip.ts';

const openExport = shareExports();

type Write = App['storage']['write'];

/** An app whose store ends a write as `write` says. */
const withWrite = (app: App, write: (real: Write) => Write): App => ({
  ...app,
  storage: { ...app.storage, write: write(app.storage.write) },
});

/** A write that waits at its end until it is let go. */
function gate(app: App) {
  let letGo = () => {};
  const waiting = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let isStored = false;
  const gated = withWrite(app, (real) => async (...what) => {
    const bytes = await real(...what);
    isStored = true;
    await waiting;
    return bytes;
  });
  return { gated, letGo, stored: () => vi.waitFor(() => expect(isStored).toBe(true), { timeout: 10_000 }) };
}

test('packs, stores sealed and brings the file into the chat, private and once', async () => {
  const { app, account, ask, sends, sendings } = await openExport();
  await storeVideo(app, account, `${account.id}-1`, Buffer.from('a-video-of-mine'));
  const id = await ask('all');
  expect(await run(app, sends, id)).toBeUndefined();
  expect(await run(app, sends, id)).toBeUndefined();
  expect(sendings).toHaveLength(1);
  const [{ reply, options, words } = { reply: undefined, options: undefined, words: '' }] = sendings;
  expect(options?.kind).toBe('result');
  expect(options?.key.length).toBeLessThanOrEqual(25);
  expect(reply?.private).toBe(true);
  expect(words).toContain('Your data is ready');
  const sent = await reply?.file?.read();
  expect(sent?.length).toBe(reply?.file?.size);
  const { text } = await readArchiveZip(sent ?? Buffer.alloc(0));
  expect(text(`videos/${new Date(app.now()).toISOString().slice(0, 10)}-0001.mp4`)).toBe('a-video-of-mine');
  const archive = await app.models.archives.findById(id).lean();
  expect(archive).toMatchObject({ state: 'ready', size: sent?.length, leftovers: [], dueAt: archive?.expiresAt });
  expect(await storedOf(app, id)).toEqual([`archives/${archive?.object}`]);
});

test('two workers at once make one object and tell once', async () => {
  const { app, ask, sends, sendings, clock } = await openExport();
  const id = await ask();
  await Promise.all([run(app, sends, id), run(app, sends, id), run(app, sends, id)]);
  await runToEnd(clock, () => run(app, sends, id));
  expect(sendings).toHaveLength(1);
  expect(await storedOf(app, id)).toHaveLength(1);
});

test('a worker that comes back after its lease leaves nothing behind and tells nobody', async () => {
  const { app, ask, clock, sends, sendings } = await openExport();
  const id = await ask();
  const { gated, letGo, stored } = gate(app);
  const late = run(gated, sends, id);
  await stored();
  clock.at += 20_001;
  await runToEnd(clock, () => run(app, sends, id));
  letGo();
  await late;
  expect(sendings).toHaveLength(1);
  const archive = await app.models.archives.findById(id).lean();
  expect(await storedOf(app, id)).toEqual([`archives/${archive?.object}`]);
  await readArchiveZip(await openStored(app, id));
});

test('what is removed while it is packed is gone for good', async () => {
  const { app, archives, account, ask, clock, sends, sendings } = await openExport();
  const id = await ask();
  const { gated, letGo, stored } = gate(app);
  const running = run(gated, sends, id);
  await stored();
  expect(await removeArchive(app, account.id, id, clock.at)).toBe(true);
  letGo();
  await running;
  expect(await storedOf(app, id)).toEqual([]);
  expect(await archives()).toBe(0);
  expect(sendings).toEqual([]);
});

test('an account that is erased in the middle ends it quietly', async () => {
  const { app, archives, account, ask, sends, sendings } = await openExport();
  const id = await ask();
  const { gated, letGo, stored } = gate(app);
  const running = run(gated, sends, id);
  await stored();
  await app.models.accounts.updateOne({ _id: account.id }, { $set: { status: 'erasing' } });
  await app.models.keys.updateOne({ _id: account.keyId }, { $set: { state: 'destroyed' }, $unset: { wrapped: 1 } });
  letGo();
  expect(await running).toBeUndefined();
  expect(sendings).toEqual([]);
  expect(await storedOf(app, id)).toEqual([]);
  expect(await archives()).toBe(0);
});

test('an account that is erased before its turn is never packed', async () => {
  const { app, archives, account, ask, sends, sendings } = await openExport();
  const id = await ask();
  await app.models.accounts.updateOne({ _id: account.id }, { $set: { status: 'erasing' } });
  expect(await run(app, sends, id)).toBeUndefined();
  expect([sendings, await storedOf(app, id), await archives()]).toEqual([[], [], 0]);
});

test('gives up after five attempts, says so with a reference, and is in nobody’s way', async () => {
  const { app, ask, clock, sends, sendings } = await openExport();
  const id = await ask();
  let attempts = 0;
  const failing = withWrite(app, () => async (_key, plain) => {
    attempts += 1;
    plain.destroy();
    throw new Error('no space');
  });
  await runToEnd(clock, () => run(failing, sends, id));
  expect(attempts).toBe(5);
  expect(sendings.map(({ words }) => words)).toEqual([expect.stringContaining(`Reference ${id.slice(0, 8)}`)]);
  expect(await run(app, sends, id)).toBeUndefined();
  expect(sendings).toHaveLength(1);
  expect(await app.models.archives.findById(id).lean()).toMatchObject({ state: 'failed' });
  const next = await ask();
  expect(next).not.toBe(id);
  await run(app, sends, next);
  expect(sendings.at(-1)?.words).toContain('Your data is ready');
});

test('ends 72 hours after the wish, with everything that is stored and every link', async () => {
  const { app, archives, account, ask, clock, sends } = await openExport({ PUBLIC_URL: 'http://localhost:8080' });
  const id = await ask('data', { ...discordPlace(), fileLimit: 1 });
  await run(app, sends, id);
  expect(await app.models.downloads.countDocuments({ target: id })).toBe(1);
  clock.at += 72 * 3_600_000 - 1;
  await run(app, sends, id);
  expect(await storedOf(app, id)).toHaveLength(1);
  clock.at += 1;
  expect(await latestArchive(app, account.id, clock.at)).toBeUndefined();
  await run(app, sends, id);
  expect(await storedOf(app, id)).toEqual([]);
  expect(await archives()).toBe(0);
  expect(await app.models.downloads.countDocuments({ target: id })).toBe(0);
  const events = await app.models.privacyEvents.find({ accountId: account.id }).sort({ seq: 1 }).lean();
  expect(events.map(({ actor, action }) => `${actor} ${action}`)).toEqual(['person archive_asked', 'system archive_removed']);
});

test('too large for the place, it comes as a link with a code; without a web address with advice', async () => {
  for (const settings of [{ PUBLIC_URL: 'http://localhost:8080' }, undefined]) {
    const { app, account, ask, sends, sendings } = await openExport(settings);
    await storeVideo(app, account, `${account.id}-1`, Buffer.alloc(100_000, 1));
    const id = await ask('all', { ...discordPlace(), fileLimit: 100_000 });
    await run(app, sends, id);
    const [{ reply, words } = { reply: { text: [] }, words: '' }] = sendings;
    expect('file' in reply).toBe(false);
    expect(pressable(reply).map(({ command }) => command)).toContain(`privacy export remove=${id}`);
    if (settings) {
      expect(links(reply)[0]?.url).toMatch(/^http:\/\/localhost:8080\/d\/[\w-]{22}$/);
      expect(words).toMatch(/code: \d{6}/);
    } else {
      expect(words).toContain('too large');
      expect(pressable(reply).map(({ command }) => command)).toContain('privacy export content=data');
    }
  }
});

test('a chat that cannot be reached leaves the archive to be fetched; a send that failed is repeated', async () => {
  const { app, account, ask, clock, sends, sendings, fail } = await openExport();
  const first = await ask('data');
  fail.push(new Error('502'), new Error('502'));
  await runToEnd(clock, () => run(app, sends, first));
  expect(sendings).toHaveLength(1);
  clock.at += 11 * 60_000;
  const second = await ask('data');
  fail.push(new Undeliverable('blocked'));
  expect(await run(app, sends, second)).toBeUndefined();
  expect(sendings).toHaveLength(1);
  expect(await latestArchive(app, account.id, clock.at)).toMatchObject({ _id: second, state: 'ready' });
});

test('tells how far it is, no more often than every three seconds', async () => {
  const { app, account, ask, clock, sends, sendings } = await openExport();
  for (const video of [1, 2, 3, 4]) await storeVideo(app, account, `${account.id}-${video}`, Buffer.from('a-video'));
  const id = await ask('all');
  await app.queue.remember(id, '41');
  const slow: App = {
    ...app,
    storage: {
      ...app.storage,
      read: async (...what) => {
        clock.at += 2_000;
        // The news is on its way while packing goes on; here it is awaited.
        await new Promise((resolve) => setTimeout(resolve, 50));
        return app.storage.read(...what);
      },
    },
  };
  await run(slow, sends, id);
  const news = sendings.filter(({ options }) => options.kind === 'news');
  expect(news).toHaveLength(2);
  for (const { words, options, reply } of news) {
    expect(words).toMatch(/^Packing: \d+ of \d+ files$/);
    expect([options.announced, reply.private]).toEqual(['41', true]);
  }
  expect(sendings.at(-1)).toMatchObject({ options: { kind: 'result', announced: '41' } });
});

test('removes all archives of accounts that go, whatever state they are in, and what nobody names', async () => {
  const { app, account, ask, archives, clock, sends } = await openExport();
  const ready = await ask();
  await run(app, sends, ready);
  clock.at += 11 * 60_000;
  const queued = await ask();
  await app.storage.put(`archives/${queued}.x`, Buffer.from('left behind'), account.keys.objectsKey, { purpose: 'archive' });
  expect(await sweepArchives(app)).toBeGreaterThan(0);
  expect(await storedOf(app, queued)).toEqual([]);
  expect(await storedOf(app, ready)).toHaveLength(1);
  expect(await removeArchives(app, [account.id])).toBe(2);
  expect(await removeArchives(app, [account.id])).toBe(0);
  expect([await storedOf(app, ready), await archives()]).toEqual([[], 0]);
});
