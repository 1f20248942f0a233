import type { InlineKeyboardButton, Message, MessageEntity } from '@grammyjs/types';
import type { SeenButton, SeenFile, SeenInvoice, SeenMessage } from '../../person.ts';
import type { Room } from '../chats/rooms.ts';
import type { Files } from '../files/store.ts';
import type { Shown } from '../stars/books.ts';
import { shownBy } from '../stars/invoices.ts';
import { plainWords, render } from '../texts/render.ts';
import type { World } from '../world.ts';

/** The chat as a person's screen shows it; `url` is the simulator's own address. */
export function look(world: World, room: Room, url: string): SeenMessage[] {
  const now = world.now();
  const messages = [...room.messages.values()].map((message) => see(world, room, message, url));
  return room.action && room.action.until > now ? [...messages, atWork(room.action.name, now)] : messages;
}

function see(world: World, room: Room, message: Message, url: string): SeenMessage {
  const { message_id, from, date, edit_date, reply_markup } = message;
  const { text: words, entities } = wordsOf(message);
  const shown = shownBy(world, room, message);
  const rows = (reply_markup?.inline_keyboard ?? []).map((row, y) =>
    row.flatMap((button, x) => ('pay' in button ? [] : [seeButton(button, `${y}.${x}`)])),
  );
  return {
    id: String(message_id),
    from: from?.id === world.me.id || message.refunded_payment ? 'bot' : 'person',
    html: render(words, entities),
    text: plainWords(words, entities),
    buttons: rows.filter((row) => row.length > 0),
    files: seeFiles(message, world.files, url),
    ...(shown && { invoice: seeInvoice(shown) }),
    ephemeral: false,
    pending: false,
    edited: edit_date !== undefined,
    at: date * 1000,
  };
}

/** What a message says, or what the app says in its place. */
function wordsOf(message: Message): { text: string; entities?: MessageEntity[] | undefined } {
  const { invoice, successful_payment: paid, refunded_payment: refunded } = message;
  if (invoice) {
    const { title, description } = invoice;
    return { text: `${title}\n${description}`, entities: [{ type: 'bold', offset: 0, length: title.length }] };
  }
  if (paid) return { text: `You paid ${paid.total_amount} Stars.` };
  if (refunded) return { text: `${refunded.total_amount} Stars were refunded to you.` };
  return { text: message.text ?? message.caption ?? '', entities: message.entities ?? message.caption_entities };
}

function seeInvoice({ offer, paid, problem }: Shown): SeenInvoice {
  const { title, description, stars, period } = offer;
  return { title, description, price: `${stars} Stars${period ? ' a month' : ''}`, paid, ...(problem && { problem }) };
}

function seeButton(button: InlineKeyboardButton, id: string): SeenButton {
  const { text: label, style } = button;
  const tone = style === 'danger' ? 'danger' : style ? 'primary' : 'plain';
  return { id, label, tone, ...('url' in button && { url: button.url }) };
}

function seeFiles({ photo, video, animation, document }: Message, files: Files, url: string): SeenFile[] {
  const media = photo?.at(-1) ?? video ?? animation ?? document;
  const file = media && files.byId(media.file_id);
  if (!file) return [];
  const { name, mime, data, view } = file;
  const kind = mime.startsWith('video/') ? 'video' : mime.startsWith('image/') ? 'image' : 'file';
  return [{ kind, name, size: data.length, url: `${url}/view/${view}/${encodeURIComponent(name)}` }];
}

function atWork(action: string, at: number): SeenMessage {
  const text = action.replaceAll('_', ' ');
  const nothing = { buttons: [], files: [], ephemeral: false, edited: false };
  return { id: 'action', from: 'bot', html: `<i>${text}</i>`, text, pending: true, at, ...nothing };
}
