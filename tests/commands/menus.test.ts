import { expect, test } from 'vitest';
import { complaintsAboutMenu as discordComplaints } from '../../bots/discord/index.ts';
import { complaintsAboutMenu as telegramComplaints } from '../../bots/telegram/index.ts';
import { commands } from '../../commands/index.ts';
import { openApp } from '../support/app.ts';
import { createScriptedProvider } from '../support/provider.ts';
import { ask, pressable } from '../support/requests.ts';

test('the list of commands fits both platforms', () => {
  expect(discordComplaints(commands)).toEqual([]);
  expect(telegramComplaints(commands)).toEqual([]);
});

test('the list holds what was promised, in menu order', () => {
  expect(commands.map(({ name }) => name)).toEqual([
    'generate',
    'animate',
    'videos',
    'buy',
    'balance',
    'cancel',
    'settings',
    'link',
    'unlink',
    'billing',
    'receipt',
    'paid',
    'privacy',
    'terms',
    'paysupport',
    'help',
    'start',
  ]);
});

test('privacy lists what was promised, in menu order, for the person alone', () => {
  const privacy = commands.find(({ name }) => name === 'privacy');
  expect(privacy?.subcommands?.map(({ name }) => name)).toEqual([
    'show',
    'export',
    'delete',
    'correct',
    'consents',
    'access',
    'policies',
  ]);
  expect([privacy, ...(privacy?.subcommands ?? [])].every((command) => command?.private)).toBe(true);
});

test('help names every command', async () => {
  const app = await openApp({ provider: await createScriptedProvider() });
  const { words } = await ask(app, { command: 'help' });
  for (const { name, about } of commands) expect(words).toContain(`/${name} ${about}`);
});

test('a command that is not there is answered kindly', async () => {
  const app = await openApp({ provider: await createScriptedProvider() });
  expect((await ask(app, { command: 'dance' })).words).toBe('I do not know that command. /help shows what I can do.');
});

test('every reply of every command can be shown, and its buttons lead to commands', async () => {
  const app = await openApp({ provider: await createScriptedProvider() });
  await ask(app, { words: 'a fox' });
  const lines = commands.flatMap(({ name, subcommands = [] }) => [
    { name, words: name === 'generate' ? 'a fox seconds=2' : '' },
    ...subcommands.map((sub) => ({ name, words: sub.name })),
  ]);
  for (const { name, words } of lines) {
    const reply = await ask(app, { command: name, words });
    expect(reply.words.length).toBeGreaterThan(20);
    for (const { command, label } of pressable(reply)) {
      expect(Buffer.byteLength(command)).toBeLessThanOrEqual(64);
      expect(label.length).toBeLessThanOrEqual(80);
      const [top, first = ''] = command.split(' ');
      const named = commands.find((one) => one.name === top);
      expect(named).toBeDefined();
      // What stands behind a command with sub-commands begins with one of them.
      const subs = named?.subcommands?.map((sub) => sub.name);
      if (subs && first) expect(subs).toContain(first);
    }
  }
});
