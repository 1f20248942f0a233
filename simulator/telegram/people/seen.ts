import type { InlineKeyboardButton, Message } from '@grammyjs/types';
import type { SeenButton, SeenFile, SeenMessage } from '../../person.ts';
import type { Room } from '../chats/rooms.ts';
import type { Files } from '../files/store.ts';
import { plainWords, render } from '../texts/render.ts';

/** The chat as a person's screen shows it; `url` is the simulator's own address. */
export function look(room: Room, bot: number, files: Files, url: string, now: number): SeenMessage[] {
  const messages = [...room.messages.values()].map((message) => see(message, bot, files, url));
  return room.action && room.action.until > now ? [...messages, atWork(room.action.name, now)] : messages;
}

function see(message: Message, bot: number, files: Files, url: string): SeenMessage {
  const { message_id, from, date, edit_date, reply_markup } = message;
  const words = message.text ?? message.caption ?? '';
  const entities = message.entities ?? message.caption_entities;
  return {
    id: String(message_id),
    from: from?.id === bot ? 'bot' : 'person',
    html: render(words, entities),
    text: plainWords(words, entities),
    buttons: (reply_markup?.inline_keyboard ?? []).map((row, y) => row.map((button, x) => seeButton(button, `${y}.${x}`))),
    files: seeFiles(message, files, url),
    ephemeral: false,
    pending: false,
    edited: edit_date !== undefined,
    at: date * 1000,
  };
}

function seeButton({ text: label, style }: InlineKeyboardButton, id: string): SeenButton {
  return { id, label, tone: style === 'danger' ? 'danger' : style ? 'primary' : 'plain' };
}

function seeFiles({ photo, video, animation, document }: Message, files: Files, url: string): SeenFile[] {
  const media = photo?.at(-1) ?? video ?? animation ?? document;
  const file = media && files.byId(media.file_id);
  if (!file) return [];
  const { name, mime, data, view } = file;
  const kind = mime.startsWith('video/') ? 'video' : 'image';
  return [{ kind, name, size: data.length, url: `${url}/view/${view}/${encodeURIComponent(name)}` }];
}

function atWork(action: string, at: number): SeenMessage {
  const text = action.replaceAll('_', ' ');
  const nothing = { buttons: [], files: [], ephemeral: false, edited: false };
  return { id: 'action', from: 'bot', html: `<i>${text}</i>`, text, pending: true, at, ...nothing };
}
