import { describe, expect, test } from 'vitest';
import { complaintsAboutMenu, fingerprint, toMenu } from '../../../bots/discord/menu.ts';
import { type Command, defineCommand, type Options } from '../../../commands/command.ts';

function buildCommand(name: string, options: Options = {}, about = 'Does something'): Command {
  return defineCommand({ name, about, options, run: async () => ({ text: [] }) });
}

const generate = buildCommand('generate', {
  seed: { type: 'integer', about: 'Seed', min: 0, max: 9999 },
  shape: { type: 'choice', about: 'Shape', choices: [{ value: 'wide', label: 'Wide (16:9)' }] },
  page: { type: 'integer', about: 'Page', min: 1, max: 99, hidden: true },
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

  test('count the characters of a whole command', () => {
    const options = Object.fromEntries(
      ['a', 'b', 'c', 'd'].map((name) => [name, { type: 'choice' as const, about: 'x', choices: choices(25, 99) }]),
    );
    expect(complaintsAboutMenu([buildCommand('wide', options)])).toEqual([expect.stringContaining('characters altogether')]);
  });
});
