import { expect, test } from 'vitest';
import { readOptions } from '../../../commands/options.ts';
import { exportData } from '../../../commands/privacy/export.ts';
import { openAccount } from '../../../core/accounts.ts';
import type { App } from '../../../core/app.ts';
import { UserError } from '../../../core/errors.ts';
import { askArchive } from '../../../core/privacy/archives.ts';
import { run } from '../../../workers/export.ts';
import { shareExports, storedOf, storeVideo } from '../../support/archives.ts';
import { buildRequest, pressable, wordsOf } from '../../support/requests.ts';

const openExport = shareExports();

let presses = 0;

/** A person presses a button or types the line; `press` names the request. */
async function say({ app, user }: { app: App; user: string }, words: string, press = String(++presses)) {
  const request = buildRequest({ at: app.now(), id: `dc-${user}-${press}` }, user);
  const account = await openAccount(app, request);
  const options = readOptions(exportData, { words });
  const reply = await exportData.run({ app, account, place: request.place, options, id: request.id, at: request.at } as never);
  return { ...reply, words: wordsOf(reply.text), lines: pressable(reply).map(({ command }) => command) };
}

test('shows what an archive will hold and offers both kinds', async () => {
  const ann = await openExport();
  await storeVideo(ann.app, ann.account, `${ann.account.id}-1`, Buffer.alloc(1_500_000));
  const { words, lines } = await say(ann, '');
  expect(words).toContain('1 video (1.5 MB), 0 pictures');
  expect(lines).toEqual(['privacy export content=all', 'privacy export content=data']);
});

test('the same request twice is one archive, and so is a second wish while one is under way', async () => {
  const ann = await openExport();
  const first = await say(ann, 'content=all', 'a');
  expect(first.follows).toMatch(/^[\w-]{22}$/);
  await say(ann, 'content=all', 'a');
  const other = await say(ann, 'content=data', 'b');
  expect(other.words).toContain('It is being packed');
  expect(other.follows).toBeUndefined();
  expect(await ann.archives()).toBe(1);
  const { privacyEvents } = ann.app.models;
  expect(await privacyEvents.countDocuments({ accountId: ann.account.id, action: 'archive_asked' })).toBe(1);
  expect((await say(ann, '')).lines).toEqual([`privacy export remove=${first.follows}`]);
});

test('of wishes at the same moment one begins', async () => {
  const { app, account, place, clock, archives, user } = await openExport();
  const wishes = Array.from({ length: 6 }, (_, index) =>
    askArchive(app, { account, place, content: 'all', at: clock.at, id: `tg-${user}-${index % 4}` }),
  );
  const asked = await Promise.all(wishes);
  expect(new Set(asked.map(({ archive }) => archive._id)).size).toBe(1);
  expect(await archives()).toBe(1);
});

test('a finished one of the last ten minutes is offered again, sent again, and removed', async () => {
  const ann = await openExport();
  const { app, sends, sendings } = ann;
  const { follows: id = '' } = await say(ann, 'content=data');
  await run(app, sends, id);
  const again = await say(ann, 'content=data');
  expect(again.lines).toEqual([`privacy export send=${id}`, `privacy export remove=${id}`]);
  expect((await say(ann, `send=${id}`)).follows).toBe(id);
  await run(app, sends, id);
  // Another telling, not a repeat of the first one.
  expect(new Set(sendings.map(({ options }) => options.key)).size).toBe(2);
  expect((await say(ann, `remove=${id}`)).words).toContain('Removed');
  expect(await storedOf(app, id)).toEqual([]);
  expect((await say(ann, 'content=data')).follows).not.toBe(id);
});

test('after ten minutes, and for the other kind, a new one is packed', async () => {
  const ann = await openExport();
  const { app, sends, clock } = ann;
  const { follows: id = '' } = await say(ann, 'content=data');
  await run(app, sends, id);
  const { follows: everything = '' } = await say(ann, 'content=all');
  expect(everything).not.toBe(id);
  await run(app, sends, everything);
  clock.at += 10 * 60_000 + 1;
  expect((await say(ann, 'content=data')).follows).toMatch(/^[\w-]{22}$/);
});

test('denies somebody else’s archive: not sent, not removed, not shown', async () => {
  const [ann, bob] = [await openExport(), await openExport()];
  const { follows: id = '' } = await say(ann, 'content=data');
  await run(ann.app, ann.sends, id);
  for (const words of [`send=${id}`, `remove=${id}`, 'remove=nothing-of-this-kind']) {
    await expect(say(bob, words)).rejects.toThrow(UserError);
  }
  expect((await say(bob, '')).lines).toEqual(['privacy export content=all', 'privacy export content=data']);
  expect(ann.sendings).toHaveLength(1);
  expect(await storedOf(ann.app, id)).toHaveLength(1);
});

test('keeps no word of the place or the request in the open', async () => {
  const ann = await openExport();
  const { follows: id = '' } = await say(ann, 'content=data', 'press-4711');
  const stored = JSON.stringify(await ann.app.models.archives.findById(id).lean());
  expect(stored).not.toContain(`"${ann.user}"`);
  expect(stored).not.toContain('4711');
  for (const line of [`privacy export remove=${id}`, `privacy export send=${id}`]) expect(line.length).toBeLessThanOrEqual(64);
});
