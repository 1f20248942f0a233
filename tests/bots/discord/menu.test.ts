import { describe, expect, test } from 'vitest';
import { complaintsAboutMenu, fingerprint, toMenu } from '../../../bots/discord/menu.ts';
import { type Command, defineCommand, type Options } from '../../../commands/command.ts';

function buildCommand(name: string, options: Options = {}, about = 'Does something'): Command {
  return defineCommand({ name, about, options, run: async () => ({ text: [] }) });
}

const hiddenPage = { type: 'integer', about: 'Page', min: 1, max: 99, hidden: true } as const;

const generate = buildCommand('generate', {
  seed: { type: 'integer', about: 'Seed', min: 0, max: 9999 },
  shape: { type: 'choice', about: 'Shape', choices: [{ value: 'wide', label: 'Wide (16:9)' }] },
  page: hiddenPage,
  prompt: { type: 'text', about: 'What to show', max: 9000, required: true, rest: true },
  picture: { type: 'image', about: 'First picture', required: true },
});

describe('the slash-command menu', () => {
  test('offers every command in servers, direct chats and chats of others, however the app was installed', () => {
    expect(toMenu([generate])[0]).toMatchObject({ name: 'generate', contexts: [0, 1, 2], integration_types: [0, 1] });
  });

  test('lists required options first and leaves hidden ones out', () => {
    expect(toMenu([generate])[0]?.options?.map(({ name }) => name)).toEqual(['prompt', 'picture', 'seed', 'shape']);
  });

  test('carries the limits of each option', () => {
    expect(toMenu([generate])[0]?.options).toEqual([
      { name: 'prompt', description: 'What to show', required: true, type: 3, max_length: 6000 },
      { name: 'picture', description: 'First picture', required: true, type: 11 },
      { name: 'seed', description: 'Seed', required: false, type: 4, min_value: 0, max_value: 9999 },
      { name: 'shape', description: 'Shape', required: false, type: 3, choices: [{ name: 'Wide (16:9)', value: 'wide' }] },
    ]);
  });

  test('lists sub-commands, each with its options, in the place of options', () => {
    const [privacy] = toMenu([
      { ...buildCommand('privacy', { page: hiddenPage }), subcommands: [buildCommand('show'), generate] },
    ]);
    expect(privacy?.options).toMatchObject([
      { type: 1, name: 'show', description: 'Does something', options: [] },
      { type: 1, name: 'generate', options: [{ name: 'prompt' }, { name: 'picture' }, { name: 'seed' }, { name: 'shape' }] },
    ]);
  });

  test('has a new fingerprint exactly when it changes', () => {
    expect(fingerprint(toMenu([generate]))).toBe(fingerprint(toMenu([{ ...generate }])));
    expect(fingerprint(toMenu([generate]))).not.toBe(fingerprint(toMenu([{ ...generate, about: 'Does more' }])));
  });
});

describe('complaints about the menu', () => {
  test('are none for commands that fit', () => {
    expect(complaintsAboutMenu([generate, buildCommand('help')])).toEqual([]);
  });

  const choices = (count: number, length: number) =>
    Array.from({ length: count }, (_, index) => ({ value: `${index}`, label: 'x'.repeat(length) }));
  const many = (count: number): Options =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`o${index}`, { type: 'text', about: 'x', max: 10 }]));

  test.each<[string, Command[], string]>([
    ['upper case', [buildCommand('Help')], 'Help: the name'],
    ['long names', [buildCommand('a'.repeat(33))], 'the name'],
    ['long descriptions', [buildCommand('a', {}, 'x'.repeat(101))], 'a description has 101 characters'],
    ['empty descriptions', [buildCommand('a', {}, '')], 'a description has 0 characters'],
    ['two commands of one name', [buildCommand('a'), buildCommand('a')], 'a: there are two of this name'],
    ['too many options', [buildCommand('a', many(26))], '26 options'],
    ['too many choices', [buildCommand('a', { o: { type: 'choice', about: 'x', choices: choices(26, 1) } })], '26 choices'],
    ['no choices', [buildCommand('a', { o: { type: 'choice', about: 'x', choices: [] } })], '0 choices'],
    ['long choices', [buildCommand('a', { o: { type: 'choice', about: 'x', choices: choices(1, 101) } })], 'a choice has 101'],
    ['option names in camel case', [buildCommand('a', { aB: { type: 'text', about: 'x', max: 1 } })], 'option aB: the name'],
    ['backward ranges', [buildCommand('a', { o: { type: 'integer', about: 'x', min: 2, max: 1 } })], 'the range'],
    [
      'hidden required options',
      [buildCommand('a', { o: { type: 'text', about: 'x', max: 1, required: true, hidden: true } })],
      'hidden',
    ],
    ['too many commands', Array.from({ length: 101 }, (_, index) => buildCommand(`a${index}`)), '101 commands'],
  ])('name %s', (_, commands, complaint) => {
    expect(complaintsAboutMenu(commands)).toEqual([expect.stringContaining(complaint)]);
  });

  const withSubs = (subcommands: Command[], options: Options = {}): Command => ({ ...buildCommand('a', options), subcommands });
  const secret: Command = { ...buildCommand('s'), private: true };

  test('are none for sub-commands that fit', () => {
    expect(
      complaintsAboutMenu([withSubs([buildCommand('show'), generate]), { ...withSubs([secret]), name: 'b', private: true }]),
    ).toEqual([]);
  });

  test.each<[string, Command, string]>([
    ['too many', withSubs(Array.from({ length: 26 }, (_, index) => buildCommand(`s${index}`))), 'a: 26 sub-commands'],
    ['two of one name', withSubs([buildCommand('s'), buildCommand('s')]), 'a: s: there are two'],
    ['one in upper case', withSubs([buildCommand('S')]), 'a: S: the name'],
    ['one without a description', withSubs([buildCommand('s', {}, '')]), 'a: s: a description has 0'],
    ['one with too many options', withSubs([buildCommand('s', many(26))]), 'a: s: 26 options'],
    ['one with bad options', withSubs([buildCommand('s', { aB: { type: 'text', about: 'x', max: 1 } })]), 'a: s: option aB'],
    ['one with its own', withSubs([{ ...buildCommand('s'), subcommands: [buildCommand('t')] }]), 'a: s: a sub-command has none'],
    ['a private one of an open command', withSubs([secret]), 'a: s: it is private'],
    ['some beside options', withSubs([buildCommand('s')], many(1)), 'a: sub-commands leave no place'],
    [
      'more than 8000 characters',
      withSubs(
        Array.from({ length: 25 }, (_, index) => buildCommand(`s${index}`, many(25), 'x'.repeat(100))).map((sub) => ({
          ...sub,
          options: Object.fromEntries(Object.entries(sub.options).map(([name, o]) => [name, { ...o, about: 'x'.repeat(20) }])),
        })),
      ),
      'characters altogether',
    ],
  ])('name sub-commands: %s', (_, command, complaint) => {
    expect(complaintsAboutMenu([command])).toEqual([expect.stringContaining(complaint)]);
  });

  test('count the characters of a whole command', () => {
    const options = Object.fromEntries(
      ['a', 'b', 'c', 'd'].map((name) => [name, { type: 'choice' as const, about: 'x', choices: choices(25, 99) }]),
    );
    expect(complaintsAboutMenu([buildCommand('wide', options)])).toEqual([expect.stringContaining('characters altogether')]);
  });
});
