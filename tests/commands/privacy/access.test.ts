import { expect, test } from 'vitest';
import { recordPrivacyEvent } from '../../../core/privacy/events.ts';
import { openApp } from '../../support/app.ts';
import { ask, pressable } from '../../support/requests.ts';

const open = async () => {
  const app = await openApp();
  await ask(app, { command: 'start' });
  const account = await app.models.accounts.findOne().lean();
  return { app, accountId: account?._id ?? '' };
};
const access = (words = 'access') => ({ command: 'privacy', words });

test('says so when nobody has looked', async () => {
  const { app } = await open();
  const { words, private: isPrivate } = await ask(app, access());
  expect(words).toContain('Nobody has looked at your data.');
  expect(words).not.toContain('What was asked for');
  expect(isPrivate).toBe(true);
});

test('shows when, as whom and why staff looked, and apart from it what the person asked for', async () => {
  const { app, accountId } = await open();
  const at = app.now();
  const staff = { accountId, actor: 'staff', role: 'billing', action: 'looked_at_payment', reason: 'refund' } as const;
  await recordPrivacyEvent(app, { ...staff, at });
  await recordPrivacyEvent(app, { accountId, actor: 'person', action: 'archive_asked', at });
  const { words, text } = await ask(app, access());
  expect(words).toMatch(/billing looked at a payment, for a refund[\s\S]*What was asked for[\s\S]*You asked for an export/);
  expect(text).toContainEqual({ when: new Date(at) });
});

test('shows every look, page by page, and nobody else’s', async () => {
  const { app, accountId } = await open();
  const look = { actor: 'staff', role: 'support', action: 'looked_at_account', reason: 'fault' } as const;
  for (let index = 0; index < 14; index++) await recordPrivacyEvent(app, { ...look, accountId, at: 1_000 * index });
  await recordPrivacyEvent(app, { ...look, accountId: 'somebody else', role: 'owner', at: 5_000 });
  const seen: string[] = [];
  for (let line: string | undefined = 'access'; line; ) {
    const reply = await ask(app, access(line));
    seen.push(...(reply.words.match(/(support|owner) looked/g) ?? []));
    line = pressable(reply)
      .find(({ label }) => label.startsWith('Older'))
      ?.command.replace('privacy ', '');
  }
  expect(seen).toEqual(Array(14).fill('support looked'));
});
