import type { InlineKeyboardButton, InlineKeyboardMarkup } from 'grammy/types';
import type { Button, Span } from '../../core/chat.ts';

/** Lengths that Telegram accepts, in characters after its reading of the HTML: core.telegram.org/bots/api. */
export const TEXT_LIMIT = 4096;
export const CAPTION_LIMIT = 1024;
const CALLBACK_BYTES = 64;

const TAGS = { plain: undefined, bold: 'b', code: 'code', quote: 'blockquote' } as const;

interface Piece {
  style: keyof typeof TAGS;
  words: string;
}

/** The spans as Telegram's HTML, at most `limit` shown characters; what is cut off ends at a word and in an ellipsis. */
export function htmlOf(text: readonly Span[], limit: number, now: number): string {
  return shorten(
    text.map((span) => pieceOf(span, now)),
    limit,
  )
    .map(({ style, words }) => {
      const tag = TAGS[style];
      return tag ? `<${tag}>${escaped(words)}</${tag}>` : escaped(words);
    })
    .join('');
}

/** Words such as "in 5 minutes" or "2 days ago", rounded to the largest unit that fits. */
export function relative(date: Date, now: number): string {
  const words = new Intl.RelativeTimeFormat('en', { numeric: 'always' });
  const seconds = Math.round((date.getTime() - now) / 1000);
  const size = Math.abs(seconds);
  if (size < 5) return 'now';
  if (size < 60) return words.format(seconds, 'second');
  if (size < 3570) return words.format(Math.round(seconds / 60), 'minute');
  if (size < 84_600) return words.format(Math.round(seconds / 3600), 'hour');
  const days = Math.round(seconds / 86_400);
  if (Math.abs(days) < 60) return words.format(days, 'day');
  return Math.abs(days) < 700 ? words.format(Math.round(days / 30.44), 'month') : words.format(Math.round(days / 365.25), 'year');
}

/** Discord's own shop is left out. Throws RangeError for a command line of more than 64 bytes: Telegram would refuse the whole message. */
export function keyboardOf(rows: readonly (readonly Button[])[] | undefined): InlineKeyboardMarkup | undefined {
  const inline_keyboard = (rows ?? []).map((row) => row.flatMap(keysOf)).filter((row) => row.length > 0);
  return inline_keyboard.length > 0 ? { inline_keyboard } : undefined;
}

function keysOf(button: Button): InlineKeyboardButton[] {
  if ('sku' in button) return [];
  if ('url' in button) return [{ text: button.label, url: button.url }];
  const { label, command, tone } = button;
  const bytes = Buffer.byteLength(command);
  if (bytes < 1 || bytes > CALLBACK_BYTES) throw new RangeError(`a button carries ${bytes} bytes, not 1-${CALLBACK_BYTES}`);
  return [{ text: label, callback_data: command, ...(tone && { style: tone }) }];
}

/** Only A-Za-z0-9._- survive in an upload: grammY does not quote file names, and parsers drop others in silence. */
export function fileNameOf(name: string): string {
  const [ending = ''] = /\.[A-Za-z0-9]{1,8}$/.exec(name) ?? [];
  const stem = name.slice(0, name.length - ending.length);
  const plain = stem.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[-.]+/, '');
  return (plain || 'file').slice(0, 60) + ending;
}

/** Whether all the words fit under a file. */
export function fitsCaption(text: readonly Span[], now: number): boolean {
  return text.reduce((sum, span) => sum + pieceOf(span, now).words.length, 0) <= CAPTION_LIMIT;
}

function pieceOf(span: Span, now: number): Piece {
  if (typeof span === 'string') return { style: 'plain', words: wellFormed(span) };
  if ('bold' in span) return { style: 'bold', words: wellFormed(span.bold) };
  if ('code' in span) return { style: 'code', words: wellFormed(span.code) };
  if ('quote' in span) return { style: 'quote', words: wellFormed(span.quote) };
  return { style: 'plain', words: relative(span.when, now) };
}

/** Half a surrogate pair is not UTF-8, and Telegram would refuse the message for it. */
function wellFormed(words: string): string {
  return words.replace(/\p{Surrogate}/gu, '\uFFFD');
}

function shorten(pieces: Piece[], limit: number): Piece[] {
  const total = pieces.reduce((sum, { words }) => sum + words.length, 0);
  if (total <= limit) return pieces;
  const kept: Piece[] = [];
  let room = limit - 1;
  for (const piece of pieces) {
    if (piece.words.length > room) return [...kept, { style: piece.style, words: `${cutAtWord(piece.words, room)}…` }];
    kept.push(piece);
    room -= piece.words.length;
  }
  return kept;
}

/** At most `room` characters, not within a surrogate pair, and at a blank when one is near the end. */
function cutAtWord(words: string, room: number): string {
  const cut = words.slice(0, room).replace(/[\uD800-\uDBFF]$/, '');
  const blank = cut.search(/\s+\S*$/);
  return blank > 0 && cut.length - blank <= 30 ? cut.slice(0, blank) : cut;
}

function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
