import type { Message, User } from '@grammyjs/types';
import { type Fields, flag, integer, object, type SentFile, text } from '../calls/fields.ts';
import { badRequest, forbidden } from '../calls/refusal.ts';
import { readMedia } from '../files/media.ts';
import type { MediaContent, MediaKind } from '../files/store.ts';
import { readFormatted } from '../texts/entities.ts';
import type { Formatted } from '../texts/html.ts';
import { seconds, type World } from '../world.ts';
import { readKeyboard } from './keyboards.ts';
import { changed, put, type Room } from './rooms.ts';

/** UTF-16 units. */
export const TEXT_LIMIT = 4096;
/** UTF-16 units. */
export const CAPTION_LIMIT = 1024;

type Files = Map<string, SentFile>;
type Caption = Pick<Message, 'caption' | 'caption_entities' | 'has_media_spoiler' | 'show_caption_above_media'>;
export type Content = Pick<Message, 'text' | 'entities'> | (MediaContent & Caption);

/** The chat a call writes to; refuses those that cannot be reached. */
export function openRoom(world: World, fields: Fields): Room {
  const room = world.chats.find(readChat(fields));
  const { id, type } = room.chat;
  if (world.knobs.deactivated.has(id)) throw forbidden('user is deactivated');
  if (world.knobs.blocked.has(id)) {
    throw forbidden(type === 'private' ? 'bot was blocked by the user' : 'bot was kicked from the supergroup chat');
  }
  return room;
}

function readChat(fields: Fields): number | undefined {
  if (/^@\w+$/.test(text(fields, 'chat_id') ?? '')) throw badRequest('chat not found');
  return integer(fields, 'chat_id');
}

export function sendText(world: World, fields: Fields): Message {
  return post(world, fields, readText(fields));
}

export function sendMedia(world: World, kind: MediaKind, fields: Fields, files: Files): Message {
  return post(world, fields, { ...readCaption(fields), ...readMedia(world.files, kind, fields, files) });
}

export function readText(fields: Fields): Content {
  const formatted = readFormatted(fields, 'text');
  if (formatted.text === '') throw badRequest('message text is empty');
  if (formatted.text.length > TEXT_LIMIT) throw badRequest('message is too long');
  return asText(formatted);
}

export const asText = ({ text: words, entities }: Formatted): Content => ({
  text: words,
  ...(entities.length > 0 && { entities }),
});

export function readCaption(fields: Fields): Caption {
  const formatted = readFormatted(fields, 'caption');
  if (formatted.text.length > CAPTION_LIMIT) throw badRequest('message caption is too long');
  return {
    ...asCaption(formatted),
    ...(flag(fields, 'has_spoiler') && { has_media_spoiler: true }),
    ...(flag(fields, 'show_caption_above_media') && { show_caption_above_media: true }),
  };
}

export const asCaption = ({ text: caption, entities }: Formatted): Caption =>
  caption === '' ? {} : { caption, ...(entities.length > 0 && { caption_entities: entities }) };

/** Shows what the bot says in the chat that the call names. */
export function post(world: World, fields: Fields, content: Content | Pick<Message, 'invoice'>): Message {
  const room = openRoom(world, fields);
  const keyboard = readKeyboard(fields, 'invoice' in content);
  const repliesTo = readReply(room, fields);
  const topic = integer(fields, 'message_thread_id');
  world.count(room.chat.id);
  const message = compose(world, room, botUser(world), {
    ...content,
    ...(keyboard && { reply_markup: keyboard }),
    ...(repliesTo && { reply_to_message: repliesTo }),
    ...(topic !== undefined && { message_thread_id: topic, is_topic_message: true }),
    ...(flag(fields, 'protect_content') && { has_protected_content: true }),
  });
  room.action = undefined;
  put(room, message);
  const isScheduled = 'video' in content && world.knobs.largeGroups.has(room.chat.id);
  return isScheduled ? { ...message, message_id: 0 } : message;
}

export function compose(world: World, room: Room, from: User, content: Partial<Message>): Message {
  return { message_id: world.ids.message(room.chat.id), from, chat: room.chat, date: seconds(world), ...content };
}

export function botUser({ me }: World): User {
  const { id, is_bot, first_name, username } = me;
  return { id, is_bot, first_name, username };
}

/** The message a call answers, without the one that it answers itself. */
export function readReply(room: Room, fields: Fields): Quoted | undefined {
  const reply = object(fields, 'reply_parameters');
  const id = reply ? integer(reply, 'message_id') : integer(fields, 'reply_to_message_id');
  if (id === undefined) return undefined;
  const found = room.messages.get(id);
  if (found) return quoted(found);
  if (flag(reply ?? fields, 'allow_sending_without_reply')) return undefined;
  throw badRequest('message to be replied not found');
}

type Quoted = NonNullable<Message['reply_to_message']>;

/** A message as another one quotes it: without what it quotes itself. */
export function quoted(message: Message): Quoted {
  const { reply_to_message: _, ...rest } = message;
  if (quotesNothing(rest)) return rest;
  throw new Error('a quoted message cannot quote');
}

const quotesNothing = (message: Message): message is Quoted => message.reply_to_message === undefined;

/** Shows for five seconds, or until the bot writes. */
export const ACTION_MS = 5000;
const ACTIONS = new Set(
  `typing upload_photo record_video upload_video record_voice upload_voice upload_document choose_sticker
   find_location record_video_note upload_video_note`.split(/\s+/),
);

export function sendAction(world: World, fields: Fields): true {
  const name = text(fields, 'action')?.toLowerCase() ?? '';
  if (!ACTIONS.has(name)) throw badRequest('wrong parameter action in request');
  const room = openRoom(world, fields);
  room.action = { name, until: world.now() + ACTION_MS };
  changed(room);
  world.timer(ACTION_MS, () => changed(room));
  return true;
}
