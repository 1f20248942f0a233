import type { MessageEntity } from '@grammyjs/types';
import { badRequest } from '../calls/refusal.ts';

export interface Formatted {
  text: string;
  entities: MessageEntity[];
}

interface OpenTag {
  name: string;
  attributes: Record<string, string>;
  /** UTF-16 units of plain text before the tag. */
  offset: number;
}

const TAGS = new Set('a b strong i em s strike del u ins tg-spoiler tg-emoji tg-time span pre code blockquote'.split(' '));

/** Reads Telegram's HTML (parse_mode HTML); refuses what the real server refuses, in its words (tdlib/td, parse_html). */
export function parseHtml(source: string): Formatted {
  const open: OpenTag[] = [];
  const entities: MessageEntity[] = [];
  let plain = '';
  let at = 0;
  while (at < source.length) {
    const next = source.slice(at).search(/[<&]/);
    const end = next === -1 ? source.length : at + next;
    plain += source.slice(at, end);
    at = end;
    if (source[at] === '&') {
      const [character, length] = decodeReference(source, at);
      plain += character;
      at += length;
    } else if (source[at] === '<') {
      at = source[at + 1] === '/' ? closeTag(source, at, open, entities, plain) : openTag(source, at, open, plain.length);
    }
  }
  const unclosed = open.at(-1);
  if (unclosed) throw cannotParse(`Can't find end tag corresponding to start tag "${unclosed.name}"`);
  entities.sort((a, b) => a.offset - b.offset || b.length - a.length);
  return { text: plain, entities };
}

const cannotParse = (what: string) => badRequest(`can't parse entities: ${what}`);
const atByte = (source: string, index: number) => `at byte offset ${Buffer.byteLength(source.slice(0, index))}`;

function openTag(source: string, begin: number, open: OpenTag[], offset: number): number {
  const [, word] = /^<([^\s>]*)(?=[\s>])/.exec(source.slice(begin)) ?? [];
  if (word === undefined) throw cannotParse(`Unclosed start tag ${atByte(source, begin)}`);
  const name = word.toLowerCase();
  if (!TAGS.has(name)) throw cannotParse(`Unsupported start tag "${name}" ${atByte(source, begin)}`);
  const attributes: Record<string, string> = {};
  let at = begin + 1 + word.length;
  for (;;) {
    at += /^\s*/.exec(source.slice(at))?.[0].length ?? 0;
    if (source[at] === '>') break;
    const rest = source.slice(at);
    if (rest === '') throw cannotParse(`Unclosed start tag "${name}" ${atByte(source, begin)}`);
    const [whole, key, double, single, token] =
      /^([^\s=>]+)\s*(?:=\s*(?:"([^"]*)"|'([^']*)'|([A-Za-z0-9.-]+)))?/.exec(rest) ?? [];
    if (!whole || key === undefined) throw cannotParse(`Empty attribute name in the tag "${name}" ${atByte(source, begin)}`);
    const value = double ?? single ?? token?.toLowerCase();
    const mayStandAlone = name === 'blockquote' && key === 'expandable';
    if (value === undefined && !mayStandAlone) {
      throw cannotParse(`Expected equal sign in declaration of an attribute of the tag "${name}" ${atByte(source, begin)}`);
    }
    attributes[key.toLowerCase()] = decodeAll(value ?? '');
    at += whole.length;
  }
  if (name === 'span' && attributes.class !== 'tg-spoiler') {
    throw cannotParse(`Tag "span" must have class "tg-spoiler" ${atByte(source, begin)}`);
  }
  open.push({ name, attributes, offset });
  return at + 1;
}

function closeTag(source: string, begin: number, open: OpenTag[], entities: MessageEntity[], plain: string): number {
  const tag = open.pop();
  if (!tag) throw cannotParse(`Unexpected end tag ${atByte(source, begin)}`);
  const [whole, word] = /^<\/([^\s>]*)\s*>/.exec(source.slice(begin)) ?? [];
  if (whole === undefined) throw cannotParse(`Unclosed end tag ${atByte(source, begin)}`);
  const found = (word ?? '').toLowerCase();
  if (found !== '' && found !== tag.name) {
    throw cannotParse(`Unmatched end tag ${atByte(source, begin)}, expected "</${tag.name}>", found "</${found}>"`);
  }
  const length = plain.length - tag.offset;
  const entity = length > 0 ? toEntity(tag, length, plain.slice(tag.offset)) : undefined;
  if (entity) addEntity(entities, entity, tag);
  return begin + whole.length;
}

type Plain = MessageEntity.CommonMessageEntity['type'];
const PLAIN: Record<string, Plain> = {
  b: 'bold',
  strong: 'bold',
  i: 'italic',
  em: 'italic',
  s: 'strikethrough',
  strike: 'strikethrough',
  del: 'strikethrough',
  u: 'underline',
  ins: 'underline',
  'tg-spoiler': 'spoiler',
  span: 'spoiler',
  code: 'code',
};

function toEntity({ name, attributes, offset }: OpenTag, length: number, inside: string): MessageEntity | undefined {
  const type = PLAIN[name];
  if (type) return { type, offset, length };
  if (name === 'blockquote') {
    return { type: attributes.expandable === undefined ? 'blockquote' : 'expandable_blockquote', offset, length };
  }
  if (name === 'pre') return { type: 'pre', offset, length };
  if (name === 'a') {
    const url = attributes.href ?? inside;
    return /^(https?|tg|ton|mailto|tel):/i.test(url) && !url.startsWith('tg://user')
      ? { type: 'text_link', offset, length, url }
      : undefined;
  }
  if (name === 'tg-emoji') {
    const id = attributes['emoji-id'] ?? '';
    if (!/^[1-9]\d*$/.test(id)) throw cannotParse('Invalid custom emoji identifier specified');
    return { type: 'custom_emoji', offset, length, custom_emoji_id: id };
  }
  const unix = Number(attributes.unix);
  const format = attributes.format ?? '';
  if (!Number.isSafeInteger(unix) || unix <= 0) throw cannotParse('Invalid date specified');
  if (!isDateFormat(format)) throw cannotParse('Invalid date format specified');
  return { type: 'date_time', offset, length, unix_time: unix, date_time_format: format };
}

type DateFormat = MessageEntity.DateTimeMessageEntity['date_time_format'];
export const isDateFormat = (format: string): format is DateFormat => /^(r|w?[dD]?[tT]?)$/.test(format);

/** `<pre><code class="language-x">` is one block of code with a language. */
function addEntity(entities: MessageEntity[], entity: MessageEntity, tag: OpenTag): void {
  const inner = entities.at(-1);
  const wraps = inner?.type === 'code' && inner.offset === entity.offset && inner.length === entity.length;
  if (entity.type === 'pre' && wraps) {
    entities.pop();
    const language = languages.get(inner);
    entities.push({ ...entity, ...(language && { language }) });
    return;
  }
  const language = tag.name === 'code' ? /^language-(.+)$/.exec(tag.attributes.class ?? '')?.[1] : undefined;
  if (language) languages.set(entity, language);
  entities.push(entity);
}

const languages = new WeakMap<MessageEntity, string>();
const NAMED: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"' };

/** A character reference and its length in the source; a lone `&` stands for itself. */
function decodeReference(source: string, at: number): [string, number] {
  const [whole, hex, decimal, name] = /^&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]+));?/i.exec(source.slice(at, at + 12)) ?? [];
  if (whole === undefined) return ['&', 1];
  if (name !== undefined) return NAMED[name] === undefined ? ['&', 1] : [NAMED[name], whole.length];
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  return code > 0 && code < 0x10ffff ? [String.fromCodePoint(code), whole.length] : ['&', 1];
}

const decodeAll = (value: string): string => {
  let decoded = '';
  for (let at = 0; at < value.length; ) {
    const [character, length] = value[at] === '&' ? decodeReference(value, at) : [value.charAt(at), 1];
    decoded += character;
    at += length;
  }
  return decoded;
};
