import { expect, test } from 'vitest';
import { withNotice, withNoticeFor } from '../../../core/privacy/notices.ts';
import { pressable, wordsOf } from '../../support/requests.ts';
import { DAY_MS, intercept, SECOND, shareTold } from './told.ts';

const openTold = shareTold();

const NOTICE =
  'Our privacy policy changes on 1 March 2027. Videos may be made by another provider. Logs are kept for 7 days instead of 14.';

test('whoever writes next is told of a new version once, on both platforms, before it takes effect', async () => {
  const { talk, clock, newcomer, onDiscord } = await openTold();
  await newcomer('1');
  await talk('2', 'balance', '', onDiscord('2'));
  clock.at = SECOND.publishedAt.getTime() - 1;
  expect((await talk('1', 'balance')).words).not.toContain('privacy policy');
  clock.at = SECOND.publishedAt.getTime();
  for (const [user, changes] of [
    ['1', {}],
    ['2', onDiscord('2')],
  ] as const) {
    const first = await talk(user, 'balance', '', changes);
    expect(first.words).toContain(`\n\n${NOTICE} /privacy policies shows all of it.`);
    expect(pressable(first).at(-1)).toEqual({ label: 'What changes', command: 'privacy policies' });
    expect((await talk(user, 'balance', '', changes)).words).not.toContain('privacy policy');
  }
});

test('what is told is noted with the day, and once for requests that come together', async () => {
  const { talk, clock, newcomer, accountOf } = await openTold();
  await newcomer('1');
  clock.at = SECOND.publishedAt.getTime() + DAY_MS;
  const replies = await Promise.all(['balance', 'settings', 'videos', 'privacy'].map((command) => talk('1', command)));
  expect(replies.filter(({ words }) => words.includes(NOTICE))).toHaveLength(1);
  expect((await accountOf('1')).policy).toEqual({ version: SECOND.version, at: new Date(clock.at) });
});

test('whoever begins after the publication is told of what comes, and whoever begins under it is not', async () => {
  const { talk, clock } = await openTold();
  clock.at = SECOND.publishedAt.getTime();
  expect((await talk('1', 'balance')).words).toContain(NOTICE);
  clock.at = SECOND.effectiveAt.getTime();
  expect((await talk('2', 'balance')).words).not.toContain('privacy policy');
});

test('whoever was away is told with the first answer that it has changed', async () => {
  const { talk, clock, newcomer } = await openTold();
  await newcomer('1');
  clock.at = SECOND.effectiveAt.getTime() + 40 * DAY_MS;
  expect((await talk('1', 'balance')).words).toContain('Our privacy policy has changed on 1 March 2027.');
});

test('a refusal and a failure carry the notice too', async () => {
  const { app, talk, clock, newcomer } = await openTold();
  await newcomer('1');
  await newcomer('2');
  clock.at = SECOND.publishedAt.getTime();
  expect((await talk('1', 'videos', 'show=nonsense')).words).toMatch(
    /^I cannot find that video[\s\S]*Our privacy policy changes/,
  );
  intercept(app.models.generations, 'find', () => {
    throw new Error('down');
  });
  const { words } = await talk('2', 'videos');
  expect(words).toMatch(/^Something broke[\s\S]*Our privacy policy changes/);
});

test('a message that will be replaced shows it without that counting, and the video that replaces it carries it', async () => {
  const { app, clock, newcomer, accountOf } = await openTold();
  await newcomer('1');
  clock.at = SECOND.publishedAt.getTime();
  const { _id: id, policy } = await accountOf('1');
  const asked = await withNotice(app, { id, about: policy ? { policy } : {} }, { text: ['Queued.'], follows: 'g1' }, clock.at);
  expect(wordsOf(asked.text)).toContain(NOTICE);
  const brought = await withNoticeFor(app, id, { text: ['Here it is.'] }, clock.at);
  expect(wordsOf(brought.text)).toBe(`Here it is.\n\n${NOTICE} /privacy policies shows all of it.`);
  expect(await withNoticeFor(app, id, { text: ['Another.'] }, clock.at)).toEqual({ text: ['Another.'] });
});

test('an answer without room stays whole, and the next one carries the notice', async () => {
  const { app, clock, newcomer, accountOf } = await openTold();
  await newcomer('1');
  clock.at = SECOND.publishedAt.getTime();
  const { _id: id } = await accountOf('1');
  const read = async () => ({
    name: '',
    seconds: 4,
    width: 1,
    height: 1,
    size: 1,
    read: () => Promise.reject(new Error('unread')),
  });
  const video = await read();
  const full = { text: ['x'.repeat(940)], video };
  expect(await withNoticeFor(app, id, full, clock.at)).toBe(full);
  const nearly = await withNoticeFor(app, id, { text: ['x'.repeat(800)], video }, clock.at);
  expect(wordsOf(nearly.text)).toMatch(
    /^x+\n\nOur privacy policy changes on 1 March 2027\. \/privacy policies shows all of it\.$/,
  );
});

test('with nothing to tell the database is asked nothing', async () => {
  const { app, clock, newcomer, accountOf } = await openTold();
  await newcomer('1');
  const { _id: id, policy } = await accountOf('1');
  const asked: string[] = [];
  for (const name of ['updateOne', 'findById', 'findOne'] as const) {
    intercept(app.models.accounts, name, () => asked.push(name));
  }
  const reply = { text: ['Hello.'] };
  expect(await withNotice(app, { id, about: policy ? { policy } : {} }, reply, clock.at)).toBe(reply);
  expect(await withNoticeFor(app, id, reply, clock.at)).toBe(reply);
  expect(asked).toEqual([]);
});
