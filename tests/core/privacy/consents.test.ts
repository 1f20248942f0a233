import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import type { App } from '../../../core/app.ts';
import {
  brokenConsents,
  consentsOf,
  grantConsent,
  prove,
  stillHolds,
  withdrawAllConsents,
  withdrawConsent,
} from '../../../core/privacy/consents.ts';
import { policyAt } from '../../../core/privacy/policies.ts';
import type { ConsentDocument } from '../../../models/consent.ts';
import { newMaker, openOnce } from './makers.ts';

const { app: opened, clock } = openOnce();
let app: App;
beforeEach(() => {
  app = opened();
});

const newAccount = (): Promise<{ id: string }> => newMaker(app);

const words = 'I agree to news.';
const about = (account: { id: string }) =>
  ({ account, purpose: 'marketing', channel: 'telegram', language: 'en', at: clock.now }) as const;
const rowsOf = (accountId: string): Promise<ConsentDocument[]> => app.models.consents.find({ accountId }).sort({ seq: 1 }).lean();

describe('the ledger', () => {
  test('is off until a yes, and off again after a no', async () => {
    const account = await newAccount();
    expect(await prove(app, account.id, 'marketing')).toBeUndefined();
    await grantConsent(app, { ...about(account), text: words });
    expect(await prove(app, account.id, 'marketing')).toMatchObject({ accountId: account.id, purpose: 'marketing' });
    expect(await prove(app, account.id, 'improvement')).toBeUndefined();
    expect(await prove(app, account.id, 'gallery', 'tg-1')).toBeUndefined();
    await withdrawConsent(app, about(account));
    expect(await prove(app, account.id, 'marketing')).toBeUndefined();
    expect(await consentsOf(app, account.id)).toEqual([{ purpose: 'marketing', granted: false, at: clock.now }]);
  });

  test('keeps the words that were shown, their hash, the policy in force, the language and the way', async () => {
    const account = await newAccount();
    await grantConsent(app, { ...about(account), text: words });
    const [row] = await rowsOf(account.id);
    expect(row).toMatchObject({ text: words, channel: 'telegram', language: 'en', at: clock.now, previous: '' });
    expect(row?.policyVersion).toBe(policyAt(app.policies, clock.now).version);
    expect(row?.textHash).toMatch(/^[\w-]{43}$/);
  });

  test('writes a repeated yes or no once, and another wording anew', async () => {
    const account = await newAccount();
    await withdrawConsent(app, about(account));
    const first = await grantConsent(app, { ...about(account), text: words });
    expect(await grantConsent(app, { ...about(account), text: words })).toEqual(first);
    await grantConsent(app, { ...about(account), text: 'Other words.' });
    await withdrawConsent(app, about(account));
    await withdrawConsent(app, about(account));
    expect((await rowsOf(account.id)).map(({ act }) => act)).toEqual(['grant', 'grant', 'withdraw']);
  });

  test('keeps one gallery consent for each video, and withdraws only the one that is meant', async () => {
    const account = await newAccount();
    const video = (subject: string) => ({ ...about(account), purpose: 'gallery', subject }) as const;
    for (const subject of ['tg-1', 'tg-2']) await grantConsent(app, { ...video(subject), text: words });
    await withdrawConsent(app, video('tg-1'));
    expect(await prove(app, account.id, 'gallery', 'tg-1')).toBeUndefined();
    expect(await prove(app, account.id, 'gallery', 'tg-2')).toMatchObject({ subject: 'tg-2' });
  });

  test('takes ten appends at once without a gap or a fork', async () => {
    const account = await newAccount();
    const subjects = Array.from({ length: 10 }, (_, index) => `tg-${index}`);
    const grants = subjects.map((subject) => grantConsent(app, { ...about(account), purpose: 'gallery', subject, text: words }));
    await Promise.all(grants);
    const rows = await rowsOf(account.id);
    expect(rows.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(brokenConsents(rows)).toEqual([]);
  });

  test('shows a changed, a removed and a forged row', async () => {
    const account = await newAccount();
    for (const text of ['a', 'b', 'c']) await grantConsent(app, { ...about(account), text });
    const [one, two, three] = await rowsOf(account.id);
    if (!one || !two || !three) throw new Error('three rows were written');
    expect(brokenConsents([three, one, two])).toEqual([]);
    expect(brokenConsents([one, { ...two, at: two.at + 1 }, three])).toEqual([`${two._id}: it was changed`]);
    expect(brokenConsents([one, three])).toHaveLength(2);
    expect(brokenConsents([one, { ...two, act: 'withdraw' }, three])).toHaveLength(1);
    expect(brokenConsents([{ ...one, text: 'z' }, two, three])).toHaveLength(2);
  });

  test('withdraws everything at once in the name of an erasure, whatever the account is', async () => {
    const account = await newAccount();
    await grantConsent(app, { ...about(account), text: words });
    await grantConsent(app, { ...about(account), purpose: 'improvement', text: words });
    await app.models.accounts.updateOne({ _id: account.id }, { status: 'erasing' });
    await withdrawAllConsents(app, account.id, clock.now);
    expect((await consentsOf(app, account.id)).map(({ granted }) => granted)).toEqual([false, false]);
    expect(brokenConsents(await rowsOf(account.id))).toEqual([]);
  });
});

describe('a proof', () => {
  test('is not given for an account that leaves or is erased, which can agree to nothing either', async () => {
    for (const status of ['leaving', 'erasing'] as const) {
      const account = await newAccount();
      await grantConsent(app, { ...about(account), text: words });
      await app.models.accounts.updateOne({ _id: account.id }, { status });
      expect(await prove(app, account.id, 'marketing')).toBeUndefined();
      const other = { ...about(account), purpose: 'improvement', text: words } as const;
      await expect(grantConsent(app, other)).rejects.toMatchObject({ code: 'account_leaving' });
      expect(await rowsOf(account.id)).toHaveLength(1);
    }
  });

  test('is not given for an account that is gone, and nothing is written for it', async () => {
    const account = { id: randomUUID() };
    await expect(grantConsent(app, { ...about(account), text: words })).rejects.toMatchObject({ code: 'account_leaving' });
    await withdrawAllConsents(app, account.id, clock.now);
    expect(await rowsOf(account.id)).toEqual([]);
  });

  test('holds for five seconds, and not past a withdrawal', async () => {
    const account = await newAccount();
    await grantConsent(app, { ...about(account), text: words });
    const proof = await prove(app, account.id, 'marketing');
    if (!proof) throw new Error('the consent was granted');
    clock.now += 5_000;
    expect(await stillHolds(app, proof)).toBe(true);
    clock.now += 1;
    expect(await stillHolds(app, proof)).toBe(false);
    const fresh = await prove(app, account.id, 'marketing');
    if (!fresh) throw new Error('the consent was granted');
    await withdrawConsent(app, about(account));
    expect(await stillHolds(app, fresh)).toBe(false);
    expect(await stillHolds(app, { ...proof, mintedAt: clock.now } as typeof proof)).toBe(false);
  });
});
