import { isDeepStrictEqual } from 'node:util';
import type { Message } from '@grammyjs/types';
import { type Fields, integer, list, object, type SentFile, text } from '../calls/fields.ts';
import { badRequest } from '../calls/refusal.ts';
import { readMedia } from '../files/media.ts';
import type { MediaKind } from '../files/store.ts';
import { seconds, type World } from '../world.ts';
import { readKeyboard } from './keyboards.ts';
import { type Content, openRoom, readCaption, readText } from './messages.ts';
import { changed, put, type Room } from './rooms.ts';

export function editText(world: World, fields: Fields): Message {
  const [room, message] = findOwn(world, fields);
  if (message.text === undefined) throw badRequest('there is no text in the message to edit');
  return replace(world, room, message, fields, readText(fields));
}

export function editCaption(world: World, fields: Fields): Message {
  const [room, message] = findOwn(world, fields);
  const media = mediaOf(message);
  if (!media) throw badRequest('there is no caption in the message to edit');
  return replace(world, room, message, fields, { ...media, ...readCaption(fields) });
}

export function editKeyboard(world: World, fields: Fields): Message {
  const [room, message] = findOwn(world, fields);
  const media = mediaOf(message);
  const { text: words, entities, caption, caption_entities } = message;
  const kept: Content = media
    ? { ...media, ...(caption !== undefined && { caption }), ...(caption_entities && { caption_entities }) }
    : { ...(words !== undefined && { text: words }), ...(entities && { entities }) };
  return replace(world, room, message, fields, kept);
}

const KINDS: readonly MediaKind[] = ['photo', 'video', 'animation', 'document'];

/** Any message of the bot can become media, a text message too (Bot API 7.11). */
export function editMedia(world: World, fields: Fields, files: Map<string, SentFile>): Message {
  const [room, message] = findOwn(world, fields);
  const media = object(fields, 'media');
  if (!media) throw badRequest('media is not specified');
  const kind = KINDS.find((name) => name === text(media, 'type'));
  if (!kind) throw badRequest("can't parse InputMedia: type is not supported");
  const content = { ...readCaption(media), ...readMedia(world.files, kind, media, files) };
  return replace(world, room, message, fields, content);
}

function findOwn(world: World, fields: Fields): [Room, Message] {
  if (text(fields, 'inline_message_id') !== undefined) throw badRequest('MESSAGE_ID_INVALID');
  const room = openRoom(world, fields);
  const id = integer(fields, 'message_id');
  if (id === undefined) throw badRequest('message identifier is not specified');
  const message = room.messages.get(id);
  if (!message) throw badRequest('message to edit not found');
  if (message.from?.id !== world.me.id) throw badRequest("message can't be edited");
  return [room, message];
}

function mediaOf({ photo, video, animation, document }: Message): Extract<Content, object> | undefined {
  if (photo) return { photo };
  if (video) return { video };
  if (animation && document) return { animation, document };
  return document && { document };
}

/** The new content takes the place of all the old; a keyboard that is left out is taken away. */
function replace(world: World, room: Room, message: Message, fields: Fields, content: Content): Message {
  const { text: _text, entities: _entities, photo: _photo, video: _video, animation: _animation, ...rest } = message;
  const { document: _document, caption: _caption, caption_entities: _captionEntities, ...others } = rest;
  const { has_media_spoiler: _spoiler, show_caption_above_media: _above, reply_markup: _markup, ...frame } = others;
  const keyboard = readKeyboard(fields, 'invoice' in frame);
  const edited: Message = { ...frame, ...content, ...(keyboard && { reply_markup: keyboard }) };
  if (isDeepStrictEqual(edited, message)) {
    throw badRequest(
      'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
    );
  }
  world.count(room.chat.id);
  edited.edit_date = seconds(world);
  put(room, edited);
  return edited;
}

/** Seconds: what is older stays. */
const DELETABLE = 48 * 60 * 60;

export function deleteMessage(world: World, fields: Fields): true {
  const room = openRoom(world, fields);
  const message = room.messages.get(integer(fields, 'message_id') ?? 0);
  if (!message) throw badRequest('message to delete not found');
  if (!mayDelete(world, room, message)) throw badRequest("message can't be deleted for everyone");
  room.messages.delete(message.message_id);
  changed(room);
  return true;
}

/** Messages that are not there or must stay are skipped in silence. */
export function deleteMessages(world: World, fields: Fields): true {
  const room = openRoom(world, fields);
  const ids = list(fields, 'message_ids') ?? [];
  if (ids.length === 0) throw badRequest('message identifiers are not specified');
  if (ids.length > 100) throw badRequest('too many message identifiers specified');
  for (const id of ids) {
    const message = room.messages.get(Number(id));
    if (message && mayDelete(world, room, message)) room.messages.delete(message.message_id);
  }
  changed(room);
  return true;
}

/** Of others the bot deletes only in private chats: in groups it is no administrator. */
function mayDelete(world: World, room: Room, message: Message): boolean {
  const isOld = seconds(world) - message.date > DELETABLE;
  return !isOld && (room.chat.type === 'private' || message.from?.id === world.me.id);
}
