import { expect, test } from 'vitest';
import { complaintsAboutMenu, fingerprintOf, menuOf } from '../../../bots/telegram/menu.ts';

const generate = { name: 'generate', about: 'Make a video from words' };

test('lists the commands in their own order', () => {
  expect(menuOf([generate, { name: 'balance', about: 'Your credits' }])).toEqual([
    { command: 'generate', description: 'Make a video from words' },
    { command: 'balance', description: 'Your credits' },
  ]);
});

test('has no complaint about a menu that Telegram accepts', () => {
  expect(complaintsAboutMenu([generate])).toEqual([]);
});

test.each([
  ['a capital letter', [{ name: 'Generate', about: 'x' }]],
  ['a hyphen', [{ name: 'buy-more', about: 'x' }]],
  ['a name of 33 letters', [{ name: 'a'.repeat(33), about: 'x' }]],
  ['an empty description', [{ name: 'buy', about: ' ' }]],
  ['a description of 257 characters', [{ name: 'buy', about: 'x'.repeat(257) }]],
  ['the same name twice', [generate, generate]],
  ['101 commands', Array.from({ length: 101 }, (_, at) => ({ name: `c${at}`, about: 'x' }))],
])('complains about %s', (_, commands) => {
  expect(complaintsAboutMenu(commands)).toHaveLength(1);
});

test('has another fingerprint for another menu only', () => {
  const before = fingerprintOf(menuOf([generate]));
  expect(fingerprintOf(menuOf([{ ...generate }]))).toBe(before);
  expect(fingerprintOf(menuOf([{ ...generate, about: 'Make a film' }]))).not.toBe(before);
});
