import { expect, test } from 'vitest';
import { brokenPrivacyEvents, type Happened, privacyEventsOf, recordPrivacyEvent } from '../../../core/privacy/events.ts';
import { openApp } from '../../support/app.ts';

const look = (changes: Partial<Happened> = {}): Happened => ({
  accountId: 'a',
  actor: 'staff',
  role: 'support',
  action: 'looked_at_account',
  reason: 'support_request',
  at: 1_000,
  ...changes,
});

test('numbers what happened at the same moment without a gap, one chain for each account', async () => {
  const app = await openApp();
  const both = Array.from({ length: 8 }, (_, index) => look({ accountId: index % 2 ? 'a' : 'b', at: index }));
  await Promise.all(both.map((happened) => recordPrivacyEvent(app, happened)));
  const rows = await app.models.privacyEvents.find().lean();
  expect(
    rows
      .filter(({ accountId }) => accountId === 'a')
      .map(({ seq }) => seq)
      .toSorted(),
  ).toEqual([1, 2, 3, 4]);
  expect(rows).toHaveLength(8);
  expect(brokenPrivacyEvents(rows)).toEqual([]);
});

test('shows the rows of all given accounts, newest first, and of no other', async () => {
  const app = await openApp();
  for (const [accountId, at] of [
    ['a', 1],
    ['b', 2],
    ['c', 3],
    ['a', 4],
  ] as const) {
    await recordPrivacyEvent(app, look({ accountId, at }));
  }
  expect((await privacyEventsOf(app, ['a', 'b'], 10)).map(({ at }) => at)).toEqual([4, 2, 1]);
  expect((await privacyEventsOf(app, ['a', 'b'], 2)).map(({ at }) => at)).toEqual([4, 2]);
});

test('sees a row that was changed, removed or put in', async () => {
  const app = await openApp();
  const rows = [];
  for (let index = 0; index < 3; index++) rows.push(await recordPrivacyEvent(app, look({ at: index })));
  const [first, second, third] = rows;
  if (!first || !second || !third) throw new Error('three rows were written');
  expect(brokenPrivacyEvents(rows)).toEqual([]);
  expect(brokenPrivacyEvents([first, { ...second, reason: 'fault' }, third])).toEqual(['a#2: it was changed']);
  expect(brokenPrivacyEvents([first, third])).toContain('a#3: a row before it is missing');
  expect(brokenPrivacyEvents([second, third])).toContain('a#2: a row before it is missing');
  expect(brokenPrivacyEvents([first, { ...second, previous: 'x' }, third])).toContain(
    'a#2: it does not follow the row before it',
  );
});
