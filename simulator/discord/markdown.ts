/** The part of Discord's markdown that the bot uses, read once and shown as HTML or as plain words. */
type Node =
  | string
  | { tag: 'b' | 'i' | 'code' | 'blockquote' | 'plain'; inside: Node[] }
  | { tag: 'time'; at: Date; style: string };

type Make = (found: RegExpExecArray) => Node;

const inner =
  (tag: 'b' | 'i' | 'plain', group: number): Make =>
  (found) => ({ tag, inside: parse(found[group] ?? '', INLINE) });

/** In the order in which the client tries them; words without marks are taken first and at once. */
const INLINE: readonly (readonly [RegExp, Make])[] = [
  [/[^\\`*_~|<>]+/y, (found) => found[0]],
  [/\\([^0-9A-Za-z\s])/y, (found) => found[1] ?? ''],
  [/```(?:[a-z0-9_+.-]*\n)?([\s\S]+?)```/y, (found) => ({ tag: 'code', inside: [found[1] ?? ''] })],
  [/(`+)([\s\S]*?[^`])\1(?!`)/y, (found) => ({ tag: 'code', inside: [(found[2] ?? '').trim()] })],
  [/\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)/y, inner('b', 1)],
  // underlined, struck out and hidden words keep their words and lose their marks
  [/(__|~~|\|\|)((?:\\[\s\S]|[^\\])+?)\1/y, inner('plain', 2)],
  [/\*(?=\S)((?:\*\*|\\[\s\S]|\s+(?:\\[\s\S]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)/y, inner('i', 1)],
  [/(?<!\w)_((?:__|\\[\s\S]|[^\\_])+?)_(?!\w)/y, inner('i', 1)],
  [
    /<t:(-?\d{1,13})(?::([tTdDfFR]))?>/y,
    (found) => ({ tag: 'time', at: new Date(Number(found[1]) * 1000), style: found[2] ?? 'f' }),
  ],
];

/** Quotes are whole lines, and hold no quotes. */
const WHOLE: typeof INLINE = [
  [/(?<=^|\n)(?:> [^\n]*(?:\n|$))+/y, (found) => ({ tag: 'blockquote', inside: parse(unquoted(found[0]), INLINE) })],
  ...INLINE,
];

const unquoted = (lines: string): string => lines.replaceAll(/^> /gm, '').replace(/\n$/, '');

function parse(words: string, rules: typeof INLINE): Node[] {
  const nodes: Node[] = [];
  let at = 0;
  while (at < words.length) {
    const hit = firstHit(words, at, rules);
    nodes.push(hit?.node ?? words.charAt(at));
    at += hit?.length ?? 1;
  }
  return nodes;
}

function firstHit(words: string, at: number, rules: typeof INLINE): { node: Node; length: number } | undefined {
  for (const [pattern, make] of rules) {
    pattern.lastIndex = at;
    const found = pattern.exec(words);
    if (found) return { node: make(found), length: found[0].length };
  }
  return undefined;
}

const escaped = (words: string): string =>
  words
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');

function html(nodes: Node[], now: number): string {
  return nodes
    .map((node) => {
      if (typeof node === 'string') return escaped(node).replaceAll('\n', '<br>');
      if (node.tag === 'time') return `<time datetime="${isoOf(node.at)}">${escaped(shownTime(node.at, node.style, now))}</time>`;
      const inside = html(node.inside, now);
      return node.tag === 'plain' ? inside : `<${node.tag}>${inside}</${node.tag}>`;
    })
    .join('');
}

function plain(nodes: Node[], now: number): string {
  return nodes
    .map((node) => {
      if (typeof node === 'string') return node;
      if (node.tag === 'time') return shownTime(node.at, node.style, now);
      return node.tag === 'blockquote' ? `${plain(node.inside, now)}\n` : plain(node.inside, now);
    })
    .join('');
}

const isoOf = (at: Date): string => (Number.isNaN(at.getTime()) ? '' : at.toISOString());

const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** As the client shows `<t:...>`, in English and UTC. */
function shownTime(at: Date, style: string, now: number): string {
  if (Number.isNaN(at.getTime())) return 'Invalid Date';
  if (style !== 'R') return new Intl.DateTimeFormat('en-GB', { ...FORMATS[style], timeZone: 'UTC' }).format(at);
  const seconds = (at.getTime() - now) / 1000;
  const [unit, length] = UNITS.find(([, each]) => Math.abs(seconds) >= each) ?? ['second', 1];
  return new Intl.RelativeTimeFormat('en').format(Math.round(seconds / length), unit);
}

const FORMATS: Record<string, Intl.DateTimeFormatOptions> = {
  t: { timeStyle: 'short' },
  T: { timeStyle: 'medium' },
  d: { dateStyle: 'short' },
  D: { dateStyle: 'long' },
  f: { dateStyle: 'long', timeStyle: 'short' },
  F: { dateStyle: 'full', timeStyle: 'short' },
};

/** What the client shows of a message, as safe HTML and as plain words; times are told as seen at `now`. */
export function showMarkdown(content: string, now: number): { html: string; text: string } {
  const nodes = parse(content, WHOLE);
  return { html: html(nodes, now), text: plain(nodes, now).trim() };
}
