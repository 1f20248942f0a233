/** Discord's own rule for addresses, narrowed to signs that need no escaping; they stay usable where a plain string names one. */
const ADDRESS = /(?<![\p{L}\p{N}_])https?:\/\/[\w.~:/?#!$&+,;=%-]*[\w/=%-]/giu;

/**
 * Makes Discord show `text` letter by letter: no formatting, mention, emoji, masked link or timestamp comes out of it.
 * With `keepAddresses` http(s) addresses stay as they are, so that they can be pressed.
 */
export function escapeMarkdown(text: string, keepAddresses = false): string {
  if (!keepAddresses) return escapePiece(text, true);
  let shown = '';
  let from = 0;
  for (const match of text.matchAll(ADDRESS)) {
    shown += escapePiece(text.slice(from, match.index), startsLine(text, from)) + match[0];
    from = match.index + match[0].length;
  }
  return shown + escapePiece(text.slice(from), startsLine(text, from));
}

/** Inline code knows no escapes: a backtick becomes its look-alike, and a line break a space. */
export function inlineCode(text: string): string {
  const line = text
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/[\r\n]+/g, ' ')
    .replaceAll('`', '\u02cb');
  return line === '' ? '' : `\`${line}\``;
}

function startsLine(text: string, at: number): boolean {
  return /(?:^|\n)\s*$/.test(text.slice(0, at));
}

function escapePiece(piece: string, lineStart: boolean): string {
  const escaped = piece
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/[\\*_~`|<>[\]()@]/g, '\\$&')
    .replace(/:(?=\/\/)/g, '\\:');
  // Headings, lists and small print exist at the start of a line only.
  return escaped.replace(/(^|\n)([^\S\n]*)(?:([#+-])|(\d+)\.)/g, (whole, before, space, mark, number, offset) => {
    if (offset === 0 && before === '' && !lineStart) return whole;
    return `${before}${space}${mark === undefined ? `${number}\\.` : `\\${mark}`}`;
  });
}
