import { expect, test } from 'vitest';
import { Undeliverable } from '../../../core/errors.ts';
import type { Letter } from '../../../core/mail.ts';
import { keepWithinLimits } from '../../../core/privacy/retention.ts';
import { monthsAfter } from '../../../core/privacy/unused.ts';
import { openApp } from '../../support/app.ts';
import { ask, discordPlace } from '../../support/requests.ts';
import { recordSends } from '../../support/sends.ts';

const DAY_MS = 86_400_000;
const BEGIN = Date.UTC(2030, 0, 10, 12);
/** A year later: when an account that was used at the beginning only is deleted. */
const END = Date.UTC(2031, 0, 10, 12);

async function open(settings: Record<string, string> = {}) {
  const clock = { at: BEGIN };
  const app = await openApp({ now: () => clock.at }, settings);
  const { sends, sendings, fail } = recordSends();
  const round = async (at: number) => {
    clock.at = at;
    await keepWithinLimits(app, sends);
    const account = await app.models.accounts.findOne().lean();
    return { told: sendings.length, status: account?.status };
  };
  return { app, clock, sendings, fail, round };
}

const start = (at: number) => ({ command: 'start', at });

test('tells a person 30 and 7 days before an unused account is deleted, and deletes it on the day', async () => {
  const { app, round, sendings } = await open();
  await ask(app, start(BEGIN));
  expect(await round(END - 31 * DAY_MS)).toEqual({ told: 0, status: 'active' });
  expect(await round(END - 30 * DAY_MS)).toEqual({ told: 1, status: 'active' });
  expect(await round(END - 20 * DAY_MS)).toEqual({ told: 1, status: 'active' });
  expect(await round(END - 7 * DAY_MS)).toEqual({ told: 2, status: 'active' });
  expect(await round(END - 2 * 3_600_000)).toEqual({ told: 2, status: 'active' });
  expect(await round(END)).toEqual({ told: 2, status: 'leaving' });
  expect(await app.models.erasures.findOne().lean()).toMatchObject({ cause: 'unused', scope: 'account', state: 'running' });
  expect(sendings[0]).toMatchObject({ place: { platform: 'telegram', chat: '77' }, options: { kind: 'result' } });
  expect(sendings[0]?.words).toMatch(/will be deleted[\s\S]*10 January 2031/);
});

test('leaves alone whoever comes back, and begins anew a year later', async () => {
  const { app, clock, round } = await open();
  await ask(app, start(BEGIN));
  await round(END - 30 * DAY_MS);
  clock.at = END - 2 * DAY_MS;
  await ask(app, start(clock.at));
  await expect.poll(async () => (await app.models.accounts.findOne().lean())?.unusedUntil).toBeUndefined();
  expect(await round(END + DAY_MS)).toEqual({ told: 1, status: 'active' });
  expect(await round(monthsAfter(END - 2 * DAY_MS, 12) - 30 * DAY_MS)).toEqual({ told: 2, status: 'active' });
});

test('gives everybody the full 30 and 7 days when the first word goes out late', async () => {
  const { app, round } = await open();
  await ask(app, start(BEGIN));
  const late = END + 100 * DAY_MS;
  expect(await round(late)).toEqual({ told: 1, status: 'active' });
  expect(await round(late + 22 * DAY_MS)).toEqual({ told: 1, status: 'active' });
  expect(await round(late + 29 * DAY_MS)).toEqual({ told: 2, status: 'active' });
  expect(await round(late + 35 * DAY_MS)).toEqual({ told: 2, status: 'active' });
  expect(await round(late + 36 * DAY_MS)).toEqual({ told: 2, status: 'leaving' });
});

test('keeps an account to which money is bound', async () => {
  const { app, round } = await open();
  await ask(app, start(BEGIN));
  const account = await app.models.accounts.findOne().lean();
  const accountId = account?._id ?? '';
  await app.models.creditAccounts.updateOne({ _id: accountId }, { $set: { 'lots.0.kind': 'purchased' } });
  expect(await round(END + 60 * DAY_MS)).toEqual({ told: 0, status: 'active' });
  await app.models.creditAccounts.updateOne({ _id: accountId }, { $set: { 'lots.0.kind': 'promo', debt: 5 } });
  expect(await round(END + 61 * DAY_MS)).toEqual({ told: 0, status: 'active' });
  await app.models.creditAccounts.updateOne({ _id: accountId }, { $set: { debt: 0 } });
  const plan = {
    _id: 'sub_1',
    accountId,
    provider: 'stripe',
    item: 'p',
    status: 'active',
    syncedAt: new Date(),
    rev: 0,
  } as const;
  await app.models.subscriptions.create(plan);
  expect(await round(END + 62 * DAY_MS)).toEqual({ told: 0, status: 'active' });
  await app.models.subscriptions.updateOne({ _id: 'sub_1' }, { $set: { status: 'ended' } });
  expect(await round(END + 63 * DAY_MS)).toEqual({ told: 1, status: 'active' });
});

test('says nothing on Discord, where nobody is written to unasked', async () => {
  const { app, round } = await open();
  await ask(app, { ...start(BEGIN), place: discordPlace() });
  await round(END - 30 * DAY_MS);
  await round(END - 7 * DAY_MS);
  expect(await round(END)).toEqual({ told: 0, status: 'leaving' });
});

test('writes to a confirmed address too', async () => {
  const { app, clock } = await open();
  await ask(app, { ...start(BEGIN), place: discordPlace() });
  const account = await app.models.accounts.findOne().lean();
  const id = account?._id ?? '';
  const keys = app.keys.open(await app.models.keys.findOne().lean());
  const mail = keys.seal({ collection: 'accounts', id, path: 'mail' }, 'ann@example.com');
  await app.models.accounts.updateOne({ _id: id }, { $set: { mail } });
  const letters: Letter[] = [];
  const post = { send: async (letter: Letter) => void letters.push(letter), close() {} };
  for (const days of [30, 29, 7]) {
    clock.at = END - days * DAY_MS;
    await keepWithinLimits({ ...app, mail: post }, {});
  }
  expect(letters.map(({ to }) => to)).toEqual(['ann@example.com', 'ann@example.com']);
  expect(letters[0]?.text).toContain('10 January 2031');
  expect(new Set(letters.map((letter) => letter.id)).size).toBe(2);
});

test('tries again when a chat is away, and goes on when it is gone', async () => {
  const { app, round, fail } = await open();
  await ask(app, start(BEGIN));
  fail.push(new Error('away'), new Undeliverable('blocked'));
  await round(END - 30 * DAY_MS);
  expect((await app.models.accounts.findOne().lean())?.unusedUntil).toBeUndefined();
  expect(await round(END - 29 * DAY_MS)).toEqual({ told: 0, status: 'active' });
  expect((await app.models.accounts.findOne().lean())?.unusedUntil).toEqual(new Date(END + DAY_MS));
});

test('counts accounts that are older than that rule from their making', async () => {
  const { app, round } = await open();
  await ask(app, start(BEGIN));
  await app.models.accounts.updateOne({}, { $unset: { seenAt: 1 } });
  await round(END - 31 * DAY_MS);
  expect((await app.models.accounts.findOne().lean())?.seenAt).toEqual(new Date(BEGIN));
  expect(await round(END - 30 * DAY_MS)).toEqual({ told: 1, status: 'active' });
});

test('notes once a day that an account is used', async () => {
  const { app } = await open();
  await ask(app, start(BEGIN));
  const seen = async () => (await app.models.accounts.findOne().lean())?.seenAt?.getTime();
  await ask(app, start(BEGIN + 3_600_000));
  expect(await seen()).toBe(BEGIN);
  await ask(app, start(BEGIN + DAY_MS));
  await expect.poll(seen).toBe(BEGIN + DAY_MS);
});

test('knows the months of every length', () => {
  expect(new Date(monthsAfter(Date.UTC(2031, 0, 31), 1))).toEqual(new Date('2031-02-28'));
  expect(new Date(monthsAfter(Date.UTC(2032, 1, 29), 12))).toEqual(new Date('2033-02-28'));
  expect(new Date(monthsAfter(Date.UTC(2031, 2, 31), -1))).toEqual(new Date('2031-02-28'));
});
