import type { Chat, InlineKeyboardButton, Message, Update, User } from '@grammyjs/types';
import type { MenuCommand, Person, Picture } from '../../person.ts';
import type { CommandMenus } from '../chats/commands.ts';
import { asCaption, asText, botUser, compose, quoted } from '../chats/messages.ts';
import { changed, put, type Room } from '../chats/rooms.ts';
import { fitsPhoto, PHOTO_LIMIT, storePhoto } from '../files/media.ts';
import { measure, mimeOf } from '../files/pictures.ts';
import { setRenewal } from '../stars/charges.ts';
import { checkOut } from '../stars/checkout.ts';
import { forwardInvoice, shownBy } from '../stars/invoices.ts';
import { findEntities } from '../texts/entities.ts';
import { seconds, type World } from '../world.ts';
import { look } from './seen.ts';
import { typeCommand } from './typing.ts';
import { firstWanted } from './waiting.ts';

/** What the bot answered to a press: a note that fades, or an alert to be closed. */
export interface Notice {
  text: string;
  alert: boolean;
  /** Milliseconds since the epoch. */
  at: number;
}

export interface TelegramPerson extends Person {
  readonly platform: 'telegram';
  readonly user: User;
  /** Id of the chat this person is seen in. */
  readonly chat: number;
  /** Newest last. */
  readonly notices: readonly Notice[];
  /** Answers a message, which in groups reaches the bot when it is the bot's own. */
  reply(messageId: string, text: string): void;
  /** Shows an invoice to another person, in the chat that one has with the bot, and gives back the copy's id; bots are not told. */
  forward(messageId: string, to: TelegramPerson): string;
  /** Ends or resumes, in the person's own settings, the subscription that a payment belongs to. */
  setRenewal(charge: string, isOn: boolean): void;
  /** Takes a message out of the chat; bots are not told. */
  deleteMessage(messageId: string): void;
  block(): void;
  unblock(): void;
}

const UNTIL_MS = 10_000;
const TEXT_LIMIT = 4096;

export function createPerson(world: World, menus: CommandMenus, url: string, user: User, room: Room): TelegramPerson {
  const notices: Notice[] = [];
  const chat = room.chat;
  const isGroup = chat.type === 'supergroup';

  /** Privacy mode: in groups the bot sees its commands and the answers to it. */
  function reachesBot(message: Message): boolean {
    if (!isGroup) return true;
    if (message.reply_to_message?.from?.id === world.me.id) return true;
    const [, name, addressee] = /^\/(\w+)(?:@(\w+))?/.exec(message.text ?? message.caption ?? '') ?? [];
    if (addressee !== undefined) return addressee.toLowerCase() === world.me.username.toLowerCase();
    return name !== undefined && [...room.messages.values()].some(({ from }) => from?.id === world.me.id);
  }

  function send(content: Partial<Message>): void {
    if (!isGroup && world.knobs.blocked.has(chat.id)) unblock();
    room.known = true;
    const message = compose(world, room, user, content);
    put(room, message);
    if (!reachesBot(message)) return;
    if (isGroup) world.chats.meet(user.id);
    world.queue.push({ message: nonChannel(message, user, chat) }, `chat ${chat.id}`);
  }

  function sendPicture({ name, data }: Picture, caption: string): void {
    const words = asCaption(findEntities({ text: caption.trim(), entities: [] }));
    const size = measure(data);
    if (size && fitsPhoto(size) && data.length <= PHOTO_LIMIT && mimeOf(name).startsWith('image/')) {
      send({ ...storePhoto(world.files, { name, mime: mimeOf(name), data }, 'PHOTO_INVALID_DIMENSIONS'), ...words });
      return;
    }
    const file = world.files.store('document', { name, mime: mimeOf(name), data });
    const { file_id, file_unique_id, mime } = file;
    file.content = { document: { file_id, file_unique_id, file_name: name, mime_type: mime, file_size: data.length } };
    send({ ...file.content, ...words });
  }

  function setMembership(isMember: boolean): void {
    const bot = botUser(world);
    const member = { status: 'member', user: bot } as const;
    const kicked = { status: 'kicked', user: bot, until_date: 0 } as const;
    const [before, after] = isMember ? [kicked, member] : [member, kicked];
    const update = { chat, from: user, date: seconds(world), old_chat_member: before, new_chat_member: after };
    world.queue.push({ my_chat_member: update }, `member ${chat.id}`);
  }

  function unblock(): void {
    if (world.knobs.blocked.delete(chat.id)) setMembership(true);
  }

  function press(messageId: string, buttonId: string): void {
    const message = room.messages.get(Number(messageId));
    const button = message && findButton(message, buttonId);
    if (!message || !button) throw new Error(`there is no button ${buttonId} at message ${messageId}`);
    if (!('callback_data' in button)) return;
    if (isGroup) world.chats.meet(user.id);
    const id = world.ids.digits();
    const at = world.now();
    world.presses.set(id, {
      at,
      answered: (text, alert) => {
        if (text !== '') notices.push({ text, alert, at: world.now() });
      },
    });
    const query = { id, from: user, message, chat_instance: room.instance, data: button.callback_data };
    world.queue.push({ callback_query: query }, `presses ${user.id}`);
  }

  function pay(messageId: string): void {
    const message = room.messages.get(Number(messageId));
    const shown = message && shownBy(world, room, message);
    if (!message || !shown) throw new Error(`message ${messageId} asks for no payment`);
    const where = message.invoice && !message.forward_origin ? room : world.chats.private(user);
    checkOut(world, user, where, shown.offer, (problem) => {
      delete shown.problem;
      if (problem === undefined) shown.paid = true;
      else {
        shown.problem = problem;
        notices.push({ text: problem, alert: true, at: world.now() });
      }
      changed(room);
    });
  }

  /** Longer texts go out in several messages, as the apps send them. */
  function say(text: string, content: Partial<Message> = {}): void {
    const letters = text.trim();
    for (let at = 0; at === 0 || at < letters.length; at += TEXT_LIMIT) {
      send({ ...asText(findEntities({ text: letters.slice(at, at + TEXT_LIMIT), entities: [] })), ...content });
    }
  }
  const messages = () => look(world, room, url);
  const onChange = (listener: () => void) => {
    room.listeners.add(listener);
    return () => void room.listeners.delete(listener);
  };

  return {
    platform: 'telegram',
    name: user.first_name,
    user,
    chat: chat.id,
    notices,
    menu: () => menus.seenBy(chat, user).map(asMenuCommand),
    command(name, options = {}) {
      const { line, picture } = typeCommand(name, options, isGroup ? `@${world.me.username}` : '');
      if (picture) sendPicture(picture, line);
      else say(line);
    },
    say: (text) => say(text),
    reply(messageId, text) {
      const message = room.messages.get(Number(messageId));
      if (!message) throw new Error(`there is no message ${messageId}`);
      say(text, { reply_to_message: quoted(message) });
    },
    sendPicture,
    press,
    pay,
    forward(messageId, to) {
      const [message, theirs] = [room.messages.get(Number(messageId)), world.chats.at(to.chat)];
      if (!message || !theirs) throw new Error(`there is no message ${messageId} or no chat ${to.chat}`);
      return String(forwardInvoice(world, user, message, theirs));
    },
    setRenewal(id, isOn) {
      const charge = world.books.charges.get(id);
      if (!charge?.subscription || charge.user.id !== user.id) throw new Error(`${id} began no subscription of this person`);
      setRenewal(world, charge, charge.subscription, isOn);
    },
    messages,
    onChange,
    until: (wanted, withinMs = UNTIL_MS) => firstWanted(messages, onChange, wanted, withinMs),
    deleteMessage(messageId) {
      room.messages.delete(Number(messageId));
      changed(room);
    },
    block() {
      if (world.knobs.blocked.has(chat.id)) return;
      world.knobs.blocked.add(chat.id);
      setMembership(false);
    },
    unblock,
  };
}

function nonChannel(message: Message, from: User, chat: Chat.PrivateChat | Chat.SupergroupChat): NonNullable<Update['message']> {
  return { ...message, from, chat };
}

function findButton(message: Message, id: string): InlineKeyboardButton | undefined {
  const [row, column] = id.split('.').map(Number);
  return message.reply_markup?.inline_keyboard[row ?? -1]?.[column ?? -1];
}

/** Telegram's menu knows names and descriptions only. */
const asMenuCommand = ({ command, description }: { command: string; description: string }): MenuCommand => ({
  name: command,
  about: description,
  options: [],
});
