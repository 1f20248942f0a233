import type { MessageEntity } from '@grammyjs/types';
import { type Fields, integer, isFields, list, text } from '../calls/fields.ts';
import { badRequest } from '../calls/refusal.ts';
import { type Formatted, isDateFormat, parseHtml } from './html.ts';

/** Text of a call with its formatting, trimmed as Telegram does, and with the commands and links it finds by itself. */
export function readFormatted(fields: Fields, name: 'text' | 'caption'): Formatted {
  const source = text(fields, name) ?? '';
  const mode = text(fields, 'parse_mode')?.toLowerCase() ?? '';
  if (mode !== '' && mode !== 'html') throw badRequest('unsupported parse_mode (the simulator reads HTML and entities)');
  const given = list(fields, name === 'text' ? 'entities' : 'caption_entities') ?? [];
  const parsed = mode === 'html' ? parseHtml(source) : { text: source, entities: given.map(readEntity) };
  return findEntities(trim(parsed));
}

const FOUND = /(?<![\w/@])\/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?|https?:\/\/[^\s<>"]+/g;

/** Adds bot commands and links, where no code stands. */
export function findEntities({ text: plain, entities }: Formatted): Formatted {
  const taken = entities.filter(({ type }) => ['code', 'pre', 'text_link', 'date_time'].includes(type));
  const found = [...plain.matchAll(FOUND)].flatMap<MessageEntity>(({ index, 0: { length } }) => {
    const overlaps = taken.some((entity) => entity.offset < index + length && index < entity.offset + entity.length);
    return overlaps ? [] : [{ type: plain[index] === '/' ? 'bot_command' : 'url', offset: index, length }];
  });
  return { text: plain, entities: [...entities, ...found].sort((a, b) => a.offset - b.offset || b.length - a.length) };
}

function trim({ text: plain, entities }: Formatted): Formatted {
  const leading = plain.length - plain.trimStart().length;
  const trimmed = plain.trim();
  const moved = entities.flatMap((entity) => {
    const offset = Math.max(entity.offset - leading, 0);
    const end = Math.min(entity.offset + entity.length - leading, trimmed.length);
    return end > offset ? [{ ...entity, offset, length: end - offset }] : [];
  });
  return { text: trimmed, entities: moved };
}

const COMMON = [
  'mention',
  'hashtag',
  'cashtag',
  'bot_command',
  'url',
  'email',
  'phone_number',
  'bold',
  'italic',
  'underline',
  'strikethrough',
  'spoiler',
  'blockquote',
  'expandable_blockquote',
  'code',
] as const;

function readEntity(value: unknown): MessageEntity {
  if (!isFields(value)) throw badRequest("can't parse MessageEntity: Expected an Object");
  const type = text(value, 'type') ?? '';
  const offset = integer(value, 'offset');
  const length = integer(value, 'length');
  if (offset === undefined || length === undefined) throw badRequest('can\'t parse MessageEntity: Can\'t find field "offset"');
  const common = COMMON.find((name) => name === type);
  if (common) return { type: common, offset, length };
  const language = text(value, 'language');
  if (type === 'pre') return { type, offset, length, ...(language && { language }) };
  if (type === 'text_link') return { type, offset, length, url: text(value, 'url') ?? '' };
  if (type === 'custom_emoji') return { type, offset, length, custom_emoji_id: text(value, 'custom_emoji_id') ?? '' };
  const format = text(value, 'date_time_format') ?? '';
  if (type === 'date_time' && isDateFormat(format)) {
    return { type, offset, length, unix_time: integer(value, 'unix_time') ?? 0, date_time_format: format };
  }
  throw badRequest("can't parse MessageEntity: Unsupported type specified");
}
