import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commands } from '../../commands/index.ts';
import { readOptions } from '../../commands/options.ts';

const command = (name: string) => {
  const found = commands.find((one) => one.name === name);
  if (!found) throw new Error(name);
  return found;
};
const read = (words: string) => readOptions(command('generate'), { words });

test.each([
  ['a fox', { prompt: 'a fox' }],
  ['style=neon a fox', { style: 'neon', prompt: 'a fox' }],
  ['a fox Style=NEON seconds=4', { style: 'neon', seconds: 4, prompt: 'a fox' }],
  ['a fox ratio=9:16', { ratio: '9:16', prompt: 'a fox' }],
  ['e=mc2 on a wall', { prompt: 'e=mc2 on a wall' }],
  ['image=x a fox', { prompt: 'image=x a fox' }],
  ['two\nlines  kept', { prompt: 'two\nlines  kept' }],
])('reads %j', (words, options) => {
  expect(JSON.parse(JSON.stringify(read(words)))).toEqual(options);
});

test('a prompt without options is kept letter by letter', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }), (text) => {
      fc.pre(!text.includes('=') && text.trim() !== '');
      expect(read(text)).toMatchObject({ prompt: text.normalize('NFC').trim() });
    }),
  );
});

test('words that came from outside never reach what is not an option', () => {
  for (const words of ['__proto__=x fox', 'constructor=x fox', 'toString=1 fox'])
    expect(Object.keys(read(words)).sort()).toEqual(Object.keys(read('fox')).sort());
});

test('every button of every command fits into 64 bytes', () => {
  const longest = `generate again=dc-${'9'.repeat(20)}`;
  expect(Buffer.byteLength(longest)).toBeLessThanOrEqual(64);
});
