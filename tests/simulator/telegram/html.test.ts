import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHtml } from '../../../simulator/telegram/texts/html.ts';
import { render } from '../../../simulator/telegram/texts/render.ts';
import { refusal, scene } from './setup.ts';

const shown = (source: string) => {
  const { text, entities } = parseHtml(source);
  return render(text, entities);
};

describe('formatted text in the simulated Telegram', () => {
  it('shows what Telegram’s HTML means, and nothing else as HTML', () => {
    expect(shown('<b>bold <i>both</i></b> &lt;b&gt; &#x1F98A;\n<code>x</code>')).toBe(
      '<b>bold <i>both</i></b> &#60;b&#62; 🦊<br><code>x</code>',
    );
    expect(shown('<blockquote expandable>q</blockquote><u>u</u><s>s</s><tg-spoiler>t</tg-spoiler>')).toBe(
      '<blockquote>q</blockquote>ust',
    );
    expect(shown('<tg-time unix="1647531900" format="wDT">then</tg-time>')).toBe(
      '<time datetime="2022-03-17T15:45:00.000Z">then</time>',
    );
    expect(shown('<a href="https://example.com/?a=1&amp;b=2">here</a>')).toBe('here (https://example.com/?a=1&#38;b=2)');
    expect(parseHtml('<pre><code class="language-ts">1</code></pre>').entities).toEqual([
      { type: 'pre', offset: 0, length: 1, language: 'ts' },
    ]);
    expect(parseHtml('🦊<b>x</b>').entities).toEqual([{ type: 'bold', offset: 2, length: 1 }]);
  });

  it('refuses bad HTML in Telegram’s words', async () => {
    const { telegram, api } = await scene();
    const person = telegram.person();
    person.say('hello');
    const bad: Record<string, string> = {
      'ä<div>x</div>': 'Unsupported start tag "div" at byte offset 2',
      '<b>x': 'Can\'t find end tag corresponding to start tag "b"',
      '<b>x</i>': 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"',
      'x</b>': 'Unexpected end tag at byte offset 1',
      '1 < 2': 'Unsupported start tag "" at byte offset 2',
      'a <b': 'Unclosed start tag at byte offset 2',
      '<a href>x</a>': 'Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0',
      '<span class="big">x</span>': 'Tag "span" must have class "tg-spoiler" at byte offset 0',
    };
    for (const [source, words] of Object.entries(bad)) {
      const parsed = await refusal(api.sendMessage(person.chat, source, { parse_mode: 'HTML' }));
      expect(parsed).toBe(`400 Bad Request: can't parse entities: ${words}`);
    }
    expect(person.messages()).toHaveLength(1);
  });

  it('takes entities instead of HTML, and finds commands and links by itself', async () => {
    const { telegram, api, complaints } = await scene();
    const person = telegram.person();
    person.say('hello');
    const sent = await api.sendMessage(person.chat, '  when? see /help or https://example.com  ', {
      entities: [{ type: 'date_time', offset: 2, length: 4, unix_time: 1647531900, date_time_format: 'r' }],
    });
    expect(sent.text).toBe('when? see /help or https://example.com');
    expect(sent.entities?.map(({ type, offset, length }) => [type, offset, length])).toEqual([
      ['date_time', 0, 4],
      ['bot_command', 10, 5],
      ['url', 19, 19],
    ]);
    expect(await refusal(api.sendMessage(person.chat, '*x*', { parse_mode: 'MarkdownV2' }))).toContain('unsupported parse_mode');
    expect(complaints).toEqual([]);
  });

  it('gives back escaped text letter by letter, whatever it holds', () => {
    const escaped = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(parseHtml(`<b>${escaped(text)}</b>`).text).toBe(text);
        expect(render(text).replace(/<br>/g, '')).not.toMatch(/[<>"']/);
      }),
    );
  });
});
