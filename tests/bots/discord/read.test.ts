import { describe, expect, test } from 'vitest';
import { readInteraction } from '../../../bots/discord/read.ts';

const VIEW = 1n << 10n;
const SEND = 1n << 11n;
const ATTACH = 1n << 15n;
const SEND_IN_THREADS = 1n << 38n;
const IN_GUILD = { guild_id: '400', context: 0, authorizing_integration_owners: { 0: '400' } };

const alice = { id: '200', username: 'alice', global_name: 'Alice', discriminator: '0', avatar: null };

function buildCommand(more: Record<string, unknown> = {}): unknown {
  return {
    id: '100',
    application_id: '101',
    type: 2,
    token: 'interaction-token',
    version: 1,
    channel_id: '300',
    channel: { id: '300', type: 0 },
    data: { id: '102', name: 'generate', type: 1, options: [{ name: 'prompt', type: 3, value: 'a fox' }] },
    app_permissions: String(VIEW | SEND | ATTACH),
    locale: 'de',
    entitlements: [],
    attachment_size_limit: 52_428_800,
    user: alice,
    ...IN_GUILD,
    ...more,
  };
}

function buildPress(custom_id: string, component_type = 2): unknown {
  return buildCommand({ type: 3, data: { component_type, custom_id } });
}

function read(raw: unknown) {
  const found = readInteraction(raw, { at: 1_000, origins: ['https://cdn.discordapp.com'] });
  if ('ignored' in found) throw new Error(`ignored: ${found.ignored}`);
  return found.request;
}

describe('a slash command', () => {
  test('becomes a request with everything needed to answer it later', () => {
    expect(read(buildCommand())).toEqual({
      id: 'dc-100',
      command: 'generate',
      values: { prompt: 'a fox' },
      person: { name: 'Alice', language: 'de' },
      at: 1_000,
      place: {
        platform: 'discord',
        chat: '300',
        user: '200',
        application: '101',
        interaction: { id: '100', token: 'interaction-token', at: 1_000 },
        canPost: true,
        fileLimit: 52_428_800,
      },
    });
  });

  test('names the person from the member in servers, and by user name where no other was chosen', () => {
    const member = { user: { ...alice, id: '201', global_name: null } };
    const request = read(buildCommand({ user: undefined, member }));
    expect([request.place.user, request.person.name]).toEqual(['201', 'alice']);
  });

  test('carries an attached picture with its size, unread', () => {
    const attachments = { 7: { id: '7', filename: 'a.png', url: 'https://cdn.discordapp.com/a.png', size: 1234 } };
    const options = [{ name: 'picture', type: 11, value: '7' }];
    const request = read(buildCommand({ data: { id: '1', name: 'animate', type: 1, options, resolved: { attachments } } }));
    expect([request.image?.size, request.values]).toEqual([1234, {}]);
  });

  test('names its sub-command, whose options are the ones that count', () => {
    const data = (options: unknown[]) => ({ data: { id: '1', name: 'privacy', type: 1, options } });
    const given = { name: 'export', type: 1, options: [{ name: 'content', type: 3, value: 'data' }] };
    expect(read(buildCommand(data([given])))).toMatchObject({ command: 'privacy', sub: 'export', values: { content: 'data' } });
    expect(read(buildCommand(data([{ name: 'show', type: 1 }])))).toMatchObject({ command: 'privacy', sub: 'show', values: {} });
    expect(read(buildCommand())).not.toHaveProperty('sub');
  });

  test('takes whole numbers as numbers', () => {
    const options = [{ name: 'seconds', type: 4, value: 8 }];
    expect(read(buildCommand({ data: { id: '1', name: 'generate', type: 1, options } })).values).toEqual({ seconds: 8 });
  });

  test('assumes ten mebibytes where the file limit is not said', () => {
    expect(read(buildCommand({ attachment_size_limit: undefined })).place.fileLimit).toBe(10 * 1024 * 1024);
  });
});

describe('a pressed button', () => {
  test.each([
    ['help', 'help', undefined],
    ['videos page=2', 'videos', 'page=2'],
    ['again  65f0 prompt with  two  spaces ', 'again', '65f0 prompt with  two  spaces'],
  ])('%j is the command line of %s', (line, command, words) => {
    const request = read(buildPress(line));
    expect([request.command, request.words, request.values]).toEqual([command, words, undefined]);
  });
});

describe('posting by the bot itself', () => {
  test.each<[string, Record<string, unknown>, boolean]>([
    ['a server with the bot', {}, true],
    ['a server without the permission to attach files', { app_permissions: String(VIEW | SEND) }, false],
    ['a server without the permission to speak', { app_permissions: String(VIEW | ATTACH) }, false],
    ['a server channel the bot cannot see', { app_permissions: String(SEND | ATTACH) }, false],
    [
      'a thread with the permission for threads',
      { channel: { type: 11 }, app_permissions: String(VIEW | SEND_IN_THREADS | ATTACH) },
      true,
    ],
    ['a thread with the permission for channels only', { channel: { type: 11 } }, false],
    ['a server where only the person installed it', { authorizing_integration_owners: { 1: '200' } }, false],
    ['the direct chat with the bot', { context: 1, authorizing_integration_owners: { 0: '0' }, app_permissions: '0' }, true],
    ['the direct chat with the bot, user install', { context: 1, authorizing_integration_owners: { 1: '200' } }, true],
    ['a chat of other people', { context: 2, authorizing_integration_owners: { 1: '200' } }, false],
    ['a payload that does not say', { context: undefined, authorizing_integration_owners: undefined }, false],
  ])('is judged by what Discord says: %s', (_, more, expected) => {
    expect(read(buildCommand(more)).place.canPost).toBe(expected);
  });
});

describe('what is no request', () => {
  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'no_interaction'],
    ['a ping', { type: 1 }, 'interaction_1'],
    ['autocomplete', buildCommand({ type: 4 }), 'interaction_4'],
    ['a modal', buildCommand({ type: 5 }), 'interaction_5'],
    ['a type of the future', buildCommand({ type: 99 }), 'interaction_99'],
    ['no channel', buildCommand({ channel_id: undefined }), 'unknown_envelope'],
    ['a token that would change the address', buildCommand({ token: 'a/../b' }), 'unknown_envelope'],
    ['nobody', buildCommand({ user: undefined }), 'nobody'],
    ['a command on a message', buildCommand({ data: { id: '1', name: 'x', type: 3, target_id: '5' } }), 'unknown_command'],
    [
      'a group of sub-commands',
      buildCommand({
        data: { id: '1', name: 'x', type: 1, options: [{ name: 'y', type: 2, options: [{ name: 'z', type: 1 }] }] },
      }),
      'unknown_command',
    ],
    ['a select menu', buildPress('videos', 3), 'unknown_component'],
    ['an empty button', buildPress('   '), 'unknown_component'],
  ])('%s is ignored with a code', (_, raw, code) => {
    expect(readInteraction(raw, { at: 0, origins: [] })).toEqual({ ignored: code });
  });
});
