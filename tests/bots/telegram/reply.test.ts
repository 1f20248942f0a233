import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fileNameOf, htmlOf, keyboardOf, relative } from '../../../bots/telegram/reply.ts';
import type { Span } from '../../../core/chat.ts';

const NOW = Date.UTC(2026, 10, 24);
const LIMIT = 4096;

const text = fc.string({ unit: 'grapheme', maxLength: 60 });
const marked = fc.constantFrom('<b>', '</b>', '&amp;', '&', '<a href="tg://x">', '"', '>', '&#60;');
const words = fc.array(fc.oneof(text, marked), { maxLength: 6 }).map((parts) => parts.join(''));
const span: fc.Arbitrary<Exclude<Span, { when: Date }>> = fc.oneof(
  words,
  words.map((bold) => ({ bold })),
  words.map((code) => ({ code })),
  words.map((quote) => ({ quote })),
);

function meant(spans: readonly Exclude<Span, { when: Date }>[]): string {
  return spans.map((one) => (typeof one === 'string' ? one : Object.values(one).join(''))).join('');
}

/** What Telegram shows of its HTML: our four tags mark, every entity is one character. Anything else is refused. */
function shown(html: string): string {
  const withoutTags = html.replace(/<\/?(b|code|blockquote)>/g, '');
  if (/[<>]|&(?!(amp|lt|gt|quot);)/.test(withoutTags)) throw new Error('Telegram would not parse this');
  return withoutTags.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}

test('shows any text letter by letter', () => {
  fc.assert(
    fc.property(fc.array(span, { maxLength: 8 }), (spans) => {
      expect(shown(htmlOf(spans, LIMIT, NOW))).toBe(meant(spans));
    }),
  );
});

test('never shows more than the limit, and shows the beginning of what was meant', () => {
  fc.assert(
    fc.property(fc.array(span, { maxLength: 8 }), fc.integer({ min: 2, max: 40 }), (spans, limit) => {
      const seen = shown(htmlOf(spans, limit, NOW));
      expect(seen.length).toBeLessThanOrEqual(limit);
      if (meant(spans).length > limit) expect(seen.endsWith('…')).toBe(true);
      expect(meant(spans).startsWith(seen.replace(/…$/, ''))).toBe(true);
    }),
  );
});

test('cuts at a word and not within a character', () => {
  expect(htmlOf(['one two three'], 10, NOW)).toBe('one two…');
  expect(htmlOf(['ab😀cd'], 4, NOW)).toBe('ab…');
});

test('marks what is bold, code or quoted', () => {
  expect(htmlOf([{ bold: 'a' }, ' ', { code: 'b' }, { quote: 'c & d' }], LIMIT, NOW)).toBe(
    '<b>a</b> <code>b</code><blockquote>c &amp; d</blockquote>',
  );
});

test('replaces half a surrogate pair, which is not UTF-8', () => {
  expect(htmlOf(['a\uD83Db'], LIMIT, NOW)).toBe('a\uFFFDb');
});

test.each([
  [2, 'now'],
  [40, 'in 40 seconds'],
  [-40, '40 seconds ago'],
  [300, 'in 5 minutes'],
  [3600, 'in 1 hour'],
  [-7300, '2 hours ago'],
  [86_400 * 3, 'in 3 days'],
  [86_400 * 180, 'in 6 months'],
  [86_400 * 3650, 'in 10 years'],
])('says %i seconds from now as "%s"', (seconds, said) => {
  expect(relative(new Date(NOW + seconds * 1000), NOW)).toBe(said);
  expect(htmlOf([{ when: new Date(NOW + seconds * 1000) }], LIMIT, NOW)).toBe(said);
});

test('puts command lines behind buttons, with their tone', () => {
  expect(
    keyboardOf([
      [
        { label: 'Cancel', command: 'cancel id=7', tone: 'danger' },
        { label: 'More', command: 'videos page=2' },
      ],
      [],
    ]),
  ).toEqual({
    inline_keyboard: [
      [
        { text: 'Cancel', callback_data: 'cancel id=7', style: 'danger' },
        { text: 'More', callback_data: 'videos page=2' },
      ],
    ],
  });
  expect(keyboardOf(undefined)).toBeUndefined();
});

test('opens links, leaves out what only Discord sells, and the rows that this empties', () => {
  expect(
    keyboardOf([
      [{ sku: '5' }],
      [{ label: 'Pay by card', url: 'https://example.test/pay/1' }, { sku: '5' }, { label: 'Help', command: 'help' }],
    ]),
  ).toEqual({
    inline_keyboard: [
      [
        { text: 'Pay by card', url: 'https://example.test/pay/1' },
        { text: 'Help', callback_data: 'help' },
      ],
    ],
  });
  expect(keyboardOf([[{ sku: '5' }]])).toBeUndefined();
});

test('refuses to build a button of more than 64 bytes', () => {
  expect(() => keyboardOf([[{ label: 'x', command: 'ü'.repeat(32) }]])).not.toThrow();
  expect(() => keyboardOf([[{ label: 'x', command: 'ü'.repeat(33) }]])).toThrow(RangeError);
});

test('gives uploads only file names that every parser reads', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      expect(fileNameOf(name)).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,68}$/);
    }),
  );
  expect(fileNameOf('a cat; "flying".mp4')).toBe('a-cat-flying-.mp4');
  expect(fileNameOf('猫.mp4')).toBe('file.mp4');
  expect(fileNameOf('my data.zip')).toBe('my-data.zip');
  expect(fileNameOf(`${'a'.repeat(200)}.zip`)).toBe(`${'a'.repeat(60)}.zip`);
});
