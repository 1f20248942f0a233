import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeMarkdown, inlineCode } from '../../../bots/discord/markdown.ts';
import { toContent } from '../../../bots/discord/reply.ts';
import { showMarkdown } from '../../../simulator/discord/markdown.ts';

const MARKS = ['*', '_', '~', '`', '|', '<', '>', '#', '-', '+', '.', ':', '/', '\\', '[', ']', '(', ')', '@', '&', '!', '\n'];
const WORDS = [
  'a',
  '1',
  ' ',
  'é',
  '👩‍👩‍👧',
  '@everyone',
  '<@123>',
  '<:a:1>',
  '<t:1:R>',
  'https://x.example/a',
  '> ',
  '# ',
  '```',
  '||',
];
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom(...MARKS, ...WORDS), maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
);

/** What Discord's parser still sees once it has taken every escaped sign as a plain letter. */
const unescaped = (content: string) => content.replace(/\\[^0-9A-Za-z\s]/g, 'x');

describe('escaping', () => {
  test('shows any text letter by letter, without a tag', () => {
    fc.assert(
      fc.property(text, (words) => {
        const shown = showMarkdown(escapeMarkdown(words), 0);
        expect(shown.text).toBe(words.trim());
        expect(shown.html).not.toMatch(/<(?!br>)/);
      }),
    );
  });

  test('leaves no sign that could begin formatting, a mention, a link, a list or a heading', () => {
    fc.assert(
      fc.property(text, (words) => {
        const left = unescaped(escapeMarkdown(words));
        expect(left).not.toMatch(/[\\*_~`|<>[\]()@]/);
        expect(left).not.toMatch(/^[^\S\n]*(?:[#+-]|\d+\.)/m);
        expect(left).not.toMatch(/:\/\//);
      }),
    );
  });

  test('leaves nothing but addresses where these are kept', () => {
    fc.assert(
      fc.property(text, (words) => {
        const left = unescaped(escapeMarkdown(words, true).replace(/(?<![\p{L}\p{N}_\\])https?:\/\/[^\s\\*`|<>[\]()@]+/giu, ''));
        expect(left).not.toMatch(/[\\*_~`|<>[\]()@]/);
      }),
    );
  });

  test('keeps formatting of ours around any words', () => {
    fc.assert(
      fc.property(text, (words) => {
        fc.pre(words.trim() === words && words !== '' && !words.includes('\n'));
        const { text: shown, html } = showMarkdown(toContent(['a', { bold: words }, 'b', { quote: words }, 'c'], 2000), 0);
        expect(shown).toBe(`a${words}b\n${words}\nc`);
        expect(html).toMatch(/^a<b>.*<\/b>b<br><blockquote>.*<\/blockquote>c$/);
      }),
    );
  });

  test('lets no words leave inline code', () => {
    fc.assert(
      fc.property(text, (words) => {
        const code = inlineCode(words);
        expect(code === '' || /^`[^`\n]+`$/.test(code)).toBe(true);
      }),
    );
  });
});
