import { expect, test } from 'vitest';
import { privacyEventsOf } from '../../core/privacy/events.ts';
import { look } from '../../operate/look.ts';
import { openApp } from '../support/app.ts';
import { createScriptedProvider } from '../support/provider.ts';
import { ask } from '../support/requests.ts';

async function open() {
  const app = await openApp({ provider: await createScriptedProvider() });
  await ask(app, { words: 'a fox in the snow' });
  const account = await app.models.accounts.findOne().lean();
  const generation = await app.models.generations.findOne().lean();
  if (!account || !generation) throw new Error('a video was asked for');
  return { app, account: account._id, generation: generation._id };
}

const because = ['--reason', 'support_request', '--role', 'support'];

test('shows an account only after the look stands in its access log', async () => {
  const { app, account } = await open();
  const lines = await look(app, [account, ...because]);
  expect(lines.join('\n')).toMatch(/active[\s\S]*1 prompts, 0 videos[\s\S]*Balance: 38 credits/);
  expect(lines.join('\n')).not.toContain('fox');
  expect(await privacyEventsOf(app, [account], 5)).toMatchObject([
    { actor: 'staff', role: 'support', reason: 'support_request', action: 'looked_at_account' },
  ]);
});

test('shows a video with its prompt, and the person can read why', async () => {
  const { app, generation } = await open();
  const lines = await look(app, [generation, '--reason', 'abuse_report', '--role', 'moderator']);
  expect(lines.join('\n')).toMatch(/queued[\s\S]*Prompt: a fox in the snow/);
  const { words } = await ask(app, { command: 'privacy', words: 'access' });
  expect(words).toContain('moderator looked at a video and its prompt, because somebody reported abuse');
});

test('shows nothing when the look cannot be noted', async () => {
  const { app, generation } = await open();
  const away = () => {
    throw new Error('the database is away');
  };
  const deaf = { ...app, connection: Object.create(app.connection, { collection: { value: away } }) };
  const shown: string[] = [];
  await expect(look(deaf, [generation, ...because]).then((lines) => shown.push(...lines))).rejects.toThrow('away');
  expect(shown).toEqual([]);
});

test('takes no reason and no role that there is not, and notes nothing then', async () => {
  const { app, account } = await open();
  for (const args of [
    [account],
    [account, '--reason', 'curiosity', '--role', 'support'],
    [account, '--reason', 'fault', '--role', 'friend'],
    because,
  ]) {
    await expect(look(app, args)).rejects.toMatchObject({ code: 'usage' });
  }
  await expect(look(app, ['nobody', ...because])).rejects.toMatchObject({ code: 'unknown_id' });
  expect(await app.models.privacyEvents.countDocuments()).toBe(0);
});
