import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toContent, toMessage } from '../../../bots/discord/reply.ts';
import type { Reply, Span } from '../../../core/chat.ts';

const video = {
  name: 'fox.mp4',
  seconds: 5.04,
  width: 1280,
  height: 720,
  size: 3,
  read: async () => ({ video: Buffer.from('mp4'), poster: Buffer.from('png') }),
};

describe('text', () => {
  test.each<[string, Span[], string]>([
    ['plain words', ['Queued, 2nd in line.'], 'Queued, 2nd in line.'],
    ['bold', ['You have ', { bold: '12' }, ' credits'], 'You have **12** credits'],
    ['bold beside bold', [{ bold: 'a' }, { bold: 'b' }], '**a**\u200b**b**'],
    ['empty pieces', ['a', { bold: '' }, { code: '' }, 'b'], 'ab'],
    ['code', ['Reference ', { code: 'ab_12' }], 'Reference `ab_12`'],
    ['backticks in code', [{ code: '``a`\nb' }], '`ˋˋaˋ b`'],
    ['a time', ['Ends ', { when: new Date(1_700_000_000_900) }], 'Ends <t:1700000000:R>'],
    [
      'a quote between words',
      ['Your prompt:', { quote: 'a fox\nin snow' }, 'Queued'],
      'Your prompt:\n> a fox\n> in snow\nQueued',
    ],
    ['a quote with its own line breaks', ['Prompt\n', { quote: 'x' }, '\nQueued'], 'Prompt\n> x\nQueued'],
    ['an address of ours', ['Pay at https://pay.example/a_b?c=d&e=f.'], 'Pay at https://pay.example/a_b?c=d&e=f.'],
    ['an address in a quote', [{ quote: 'https://evil.example/a' }], '> https\\://evil.example/a'],
    ['a list typed by hand', ['- a\n1. b\n  # c'], '\\- a\n1\\. b\n  \\# c'],
    ['dashes and dots inside a line', ['a - b. #1, 2.5'], 'a - b. #1, 2.5'],
    ['a mention', ['<@123> @everyone'], '\\<\\@123\\> \\@everyone'],
    ['half a letter', [`a${'\ud83d'}b`], 'a\ufffdb'],
  ])('shows %s', (_, spans, expected) => {
    expect(toContent(spans, 2000)).toBe(expected);
  });

  test('is cut between words when it does not fit', () => {
    expect(toContent(['one two three four'], 12)).toBe('one two…');
    expect(toContent([{ bold: 'one two three four' }, 'more'], 14)).toBe('**one two**…');
    expect(toContent(['x'.repeat(50), { quote: 'one two three four' }], 60)).toBe(`${'x'.repeat(50)}\n> one…`);
  });

  test('never cuts a letter that is made of several', () => {
    expect(toContent(['👩‍👩‍👧👩‍👩‍👧'], 12)).toBe('👩‍👩‍👧…');
  });

  test('keeps to the limit whatever is said', () => {
    const span = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.string({ maxLength: 80 }).map((bold) => ({ bold })),
      fc.string({ maxLength: 80 }).map((code) => ({ code })),
      fc.string({ maxLength: 200 }).map((quote) => ({ quote })),
    );
    fc.assert(
      fc.property(fc.array(span, { maxLength: 8 }), fc.integer({ min: 20, max: 300 }), (spans, limit) => {
        const whole = toContent(spans, Number.POSITIVE_INFINITY);
        const content = toContent(spans, limit);
        expect(content.length).toBeLessThanOrEqual(limit);
        expect(content.endsWith('…') || content === whole).toBe(true);
      }),
    );
  });
});

describe('a message', () => {
  test('notifies nobody', () => {
    const message = toMessage({ text: [{ quote: '@everyone <@&1> <@2>' }] });
    expect(message.allowed_mentions).toEqual({ parse: [] });
  });

  test('notifies only the person it is addressed to, within the limit', () => {
    const message = toMessage({ text: ['x'.repeat(5000)] }, '200');
    expect(message.allowed_mentions).toEqual({ parse: [], users: ['200'] });
    expect([message.content.slice(0, 9), message.content.length]).toEqual(['<@200>\nxx', 2000]);
  });

  test('carries buttons with their command lines and tones', () => {
    const buttons: Reply['buttons'] = [
      [
        { label: 'Again', command: 'again 1', tone: 'primary' },
        { label: 'Cancel', command: 'cancel 1', tone: 'danger' },
        { label: 'l'.repeat(81), command: 'videos' },
      ],
    ];
    expect(toMessage({ text: ['x'], buttons }).components).toEqual([
      {
        type: 1,
        components: [
          { type: 2, style: 1, label: 'Again', custom_id: 'again 1' },
          { type: 2, style: 4, label: 'Cancel', custom_id: 'cancel 1' },
          { type: 2, style: 2, label: `${'l'.repeat(79)}…`, custom_id: 'videos' },
        ],
      },
    ]);
  });

  test('carries links and what is for sale', () => {
    const url = `https://pay.example/${'p'.repeat(492)}`;
    const buttons: Reply['buttons'] = [[{ label: 'l'.repeat(81), url }, { sku: '1100000000000000001' }]];
    expect(url).toHaveLength(512);
    expect(toMessage({ text: ['x'], buttons }).components).toEqual([
      {
        type: 1,
        components: [
          { type: 2, style: 5, label: `${'l'.repeat(79)}…`, url },
          { type: 2, style: 6, sku_id: '1100000000000000001' },
        ],
      },
    ]);
  });

  test.each(['', `https://pay.example/${'p'.repeat(493)}`, 'javascript:alert(1)', 'https://'])(
    'leaves out the address %j, which Discord would refuse with everything else',
    (url) => {
      const buttons: Reply['buttons'] = [[{ label: 'Pay', url }], [{ label: 'Help', command: 'help' }]];
      expect(toMessage({ text: ['x'], buttons }).components).toMatchObject([{ components: [{ custom_id: 'help' }] }]);
    },
  );

  test('says the same in every way once only', () => {
    const link = { label: 'Pay', url: 'https://pay.example/' };
    const again = { label: 'Again', command: 'again 1' };
    const buttons = [[link, { ...link, label: 'Pay here' }, again, { ...again, label: 'Once more' }, { sku: '1' }, { sku: '1' }]];
    expect(toMessage({ text: ['x'], buttons }).components.map((row) => row.components.length)).toEqual([3]);
  });

  test('leaves out invoices, which Telegram alone has', () => {
    const invoice = { title: 'Small', description: '100 credits', order: 'o1', stars: 250, monthly: false };
    expect(toMessage({ text: ['x'], invoice })).toEqual(toMessage({ text: ['x'] }));
  });

  test('keeps to five rows of five different buttons', () => {
    const wide = Array.from({ length: 7 }, (_, row) =>
      Array.from({ length: 7 }, (_, column) => ({ label: 'x', command: `c ${row} ${column}` })),
    );
    const buttons = [[], [{ label: 'x', command: 'c 0 0' }], ...wide];
    const { components } = toMessage({ text: ['x'], buttons });
    expect(components.map((row) => row.components.length)).toEqual([1, 5, 5, 5, 5]);
    const ids = components.flatMap((row) => row.components.map((button) => ('custom_id' in button ? button.custom_id : '')));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('names the video as its only attachment', () => {
    const attachment = { id: '0', filename: 'fox.mp4', description: 'Video, 5 s, 1280 × 720' };
    expect(toMessage({ text: ['x'], video }).attachments).toEqual([attachment]);
    expect(toMessage({ text: ['x'] }).attachments).toEqual([]);
    const file = { name: 'my-data.zip', type: 'application/zip', size: 1, read: async () => Buffer.alloc(1) };
    expect(toMessage({ text: ['x'], file }).attachments).toEqual([{ id: '0', filename: 'my-data.zip' }]);
  });
});
