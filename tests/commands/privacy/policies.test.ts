import { expect, test } from 'vitest';
import { beginPolicyBroadcasts } from '../../../core/privacy/policy-broadcast.ts';
import { POLICIES } from '../../../core/privacy/policy-texts.ts';
import { SECOND, shareTold } from '../../core/privacy/told.ts';
import { links } from '../../support/requests.ts';

const openTold = shareTold();

test('names the version in force, what it was told of, and leads to the whole text', async () => {
  const { app, talk, newcomer } = await openTold({ policies: POLICIES });
  app.address.url = 'https://lpm.example';
  await newcomer('1');
  const reply = await talk('1', 'privacy', 'policies');
  expect(reply.words).toContain('In force: version 2025-12-21, since 21 December 2025.');
  expect(reply.words).toContain('You were told of version 2025-12-21 on 10 January 2027.');
  expect(reply.words).toContain('You have asked for no export, correction or deletion so far.');
  expect(reply.words).toContain('support@lpmai.art');
  expect(links(reply)).toEqual([{ label: 'Read all of it', url: 'https://lpm.example/policy' }]);
  expect(reply.private).toBe(true);
});

test('shows what changes and from when, the e-mail about it, and what was asked for', async () => {
  const { app, clock, talk, newcomer, work } = await openTold();
  await newcomer('1', 'ann@example.com');
  await talk('1', 'privacy', 'correct name Robin');
  expect((await talk('1', 'privacy', 'policies')).words).not.toContain('2027-03-01');
  clock.at = SECOND.publishedAt.getTime();
  await beginPolicyBroadcasts(app);
  await work();
  const { words } = await talk('1', 'privacy', 'policies');
  expect(words).toContain('In force: version 2025-12-21');
  expect(words).toContain('2027-03-01 takes effect on 1 March 2027. Videos may be made by another provider.');
  expect(words).toContain('E-mail to you on 15 January 2027.');
  expect(words).toContain('What you have asked for: name corrected on 10 January 2027');
  expect(words.length).toBeLessThan(1_700);
});

test('shows nobody the requests of somebody else', async () => {
  const { talk, newcomer } = await openTold({ policies: POLICIES });
  await newcomer('1');
  await newcomer('2');
  await talk('1', 'privacy', 'correct name Robin');
  expect((await talk('2', 'privacy', 'policies')).words).toContain('You have asked for no export');
});

test('many versions still fit into one message', async () => {
  const many = Array.from({ length: 9 }, (_, index) => ({
    ...SECOND,
    version: `2027-03-0${index + 1}`,
    changes: Array.from({ length: 20 }, () => 'This sentence is one of many that say what is different.'),
  }));
  const { clock, talk, newcomer } = await openTold({ policies: [...POLICIES, ...many] });
  await newcomer('1');
  clock.at = SECOND.publishedAt.getTime();
  await talk('1', 'balance');
  const { words } = await talk('1', 'privacy', 'policies');
  expect(words).toContain('Earlier ones are on the web page: 7.');
  expect(words.length).toBeLessThan(1_700);
});
