import type { Request, Span, TelegramPlace } from '../../core/chat.ts';
import { type Checkout, type Movement, readCheckout, readPaid, readRefunded } from './money.ts';
import { type Press, type TelegramMessage, type TelegramPerson, UNREADABLE, updateSchema } from './update.ts';

/** Who is being spoken to. */
export interface Self {
  /** Without @. */
  username: string;
  /** Names of the commands there are. */
  commands: ReadonlySet<string>;
}

/** A picture at Telegram; `size` in bytes, where it is known. */
export interface Picture {
  file: string;
  size?: number | undefined;
}

/** What is to be done about an update. */
export type Reading =
  | { kind: 'ignore'; why: string }
  | { kind: 'decline'; id: string; place: TelegramPlace; text: Span[] }
  | { kind: 'request'; id: string; place: TelegramPlace; request: AskedFor; picture?: Picture; press?: string }
  | Checkout
  | Movement;

export type AskedFor = Pick<Request, 'person' | 'command' | 'words'>;

const COMMAND = /^\/([a-z0-9_]{1,32})(?:@(\w+))?(?:\s+([\s\S]*))?$/i;
const UNREADABLE_ANSWER = [
  'I can read text and pictures: write what the video should show, or send a picture with a caption. Nothing was charged.',
];

/** Reads an update as Telegram sent it. Never throws: what cannot be read is ignored, with a code that says why. */
export function read(update: unknown, self: Self): Reading {
  const parsed = updateSchema.safeParse(update);
  if (!parsed.success) return ignore('unreadable');
  const { update_id, message, callback_query, pre_checkout_query, my_chat_member, subscription } = parsed.data;
  const id = `tg-${update_id}`;
  if (pre_checkout_query) return readCheckout(id, pre_checkout_query);
  if (callback_query) return readPress(id, callback_query);
  if (message) return readMessage(id, message, self);
  if (my_chat_member) return ignore(my_chat_member.new_chat_member.status === 'kicked' ? 'blocked' : 'membership');
  // What a subscription does to credits comes with its payments.
  return ignore(subscription ? 'subscription' : 'kind');
}

/** A request that stores itself as a generation, and so need not be kept before. */
export function storesItself(reading: Reading): reading is Reading & { kind: 'request' } {
  if (reading.kind !== 'request' || reading.picture || reading.press) return false;
  return reading.request.command === 'generate' && Boolean(reading.request.words);
}

function readPress(id: string, press: Press): Reading {
  const [, command, words] = /^([a-z0-9_]{1,32})(?:\s+([\s\S]*))?$/.exec(press.data ?? '') ?? [];
  if (!command) return ignore('button');
  if (!press.message || press.message.chat.type === 'channel' || press.from.is_bot) return ignore('chat');
  const place = placeOf(press.message, press.from);
  return { kind: 'request', id, place, request: asked(press.from, command, words), press: press.id };
}

function readMessage(id: string, message: TelegramMessage, self: Self): Reading {
  const { from, chat, text, caption, successful_payment, refunded_payment } = message;
  if (successful_payment) return readPaid(id, chat.id, from?.id ?? chat.id, successful_payment);
  if (refunded_payment) return readRefunded(id, chat.id, refunded_payment);
  if (!from || from.is_bot || chat.type === 'channel') return ignore('chat');
  const place = placeOf(message, from);
  const picture = pictureOf(message);
  const typed = (picture ? caption : text)?.trim() ?? '';
  const called = COMMAND.exec(typed);
  if (called) {
    const [, name = '', addressee, words] = called;
    if (addressee && addressee.toLowerCase() !== self.username.toLowerCase()) return ignore('other_bot');
    const command = name.toLowerCase();
    if (place.group && !addressee && !self.commands.has(command)) return ignore('other_bot');
    return readCommand(id, place, from, picture && command === 'generate' ? 'animate' : command, words, picture);
  }
  if (place.group) return ignore('group');
  if (picture) {
    if (message.media_group_id && !typed) return ignore('album');
    return readCommand(id, place, from, 'animate', typed, picture);
  }
  if (typed) return readCommand(id, place, from, 'generate', typed);
  return UNREADABLE.some((name) => name in message) ? { kind: 'decline', id, place, text: UNREADABLE_ANSWER } : ignore('service');
}

function readCommand(
  id: string,
  place: TelegramPlace,
  from: TelegramPerson,
  command: string,
  words: string | undefined,
  picture?: Picture,
): Reading {
  return { kind: 'request', id, place, request: asked(from, command, words), ...(picture && { picture }) };
}

function asked({ first_name, last_name, language_code }: TelegramPerson, command: string, words: string | undefined): AskedFor {
  const name = [first_name, last_name].filter(Boolean).join(' ');
  const trimmed = words?.trim();
  return {
    command,
    ...(trimmed && { words: trimmed }),
    person: { ...(name && { name }), ...(language_code && { language: language_code }) },
  };
}

/** Outside forums a thread is only a chain of answers, which cannot be sent to. */
function placeOf(message: NonNullable<Press['message']>, from: TelegramPerson): TelegramPlace {
  const topic = message.is_topic_message ? message.message_thread_id : undefined;
  return {
    platform: 'telegram',
    chat: String(message.chat.id),
    user: String(from.id),
    group: message.chat.type !== 'private',
    replyTo: message.message_id,
    ...(topic !== undefined && { topic }),
  };
}

/** The largest size of a photo, or a document that is a picture. */
function pictureOf({ photo, document }: TelegramMessage): Picture | undefined {
  const largest = photo?.toSorted((a, b) => b.width * b.height - a.width * a.height)[0];
  if (largest) return { file: largest.file_id, size: largest.file_size };
  if (document?.mime_type?.startsWith('image/')) return { file: document.file_id, size: document.file_size };
  return undefined;
}

function ignore(why: string): Reading {
  return { kind: 'ignore', why };
}
