import type { Invoice, Place, Reply, Send, SendOptions, Sent, TelegramPlace } from '../../core/chat.ts';
import { Undeliverable } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import { createPatientApi } from './api.ts';
import { createFlood } from './flood.ts';
import { showInvoice, subscribeButton } from './invoice.ts';
import { withoutSecrets } from './refusals.ts';
import { keyboardOf } from './reply.ts';
import { edit, type Speech, say, showFile, showVideo, type Target, type Words } from './speech.ts';

export interface TelegramSendParts {
  token: string;
  log: Log;
  /** Makes a key from a chat's id that does not tell the id. */
  hide(text: string): string;
  apiRoot?: string | undefined;
  /** Shares the sending limits among all processes. */
  redis?: { url: string; prefix: string } | undefined;
  /** Without @; lets a group be shown the way to the private chat. */
  botUsername?: string | undefined;
  /** Milliseconds since the epoch. */
  now?(): number;
}

/** `close` ends the waits that are under way with an error and leaves Redis. */
export type TelegramSend = Send & { close(): void };

const ANSWERED = ["I've answered you in our private chat."];
const OPEN_FIRST = ['Open a private chat with me first, then ask me again.'];
const NEVER_OPENED: readonly string[] = ['not_opened', 'chat_gone', 'blocked', 'forbidden'];

/** Speaks to Telegram within its limits. Throws Undeliverable, or an Error without the token where trying again may help. */
export function createTelegramSend(parts: TelegramSendParts): TelegramSend {
  const { token, botUsername, now = Date.now } = parts;
  const flood = createFlood(parts);
  const speech: Speech = { api: createPatientApi(token, parts.apiRoot, flood.silence), flood, now };

  async function send(place: Place, reply: Reply, options: SendOptions): Promise<Sent> {
    if (place.platform !== 'telegram') throw new Error(`a place in ${place.platform} was handed to Telegram`);
    const target = targetOf(place, reply);
    const failed = (error: unknown) => {
      throw withoutSecrets(error, token);
    };
    if (!reply.private || !place.group) return deliver(speech, target, reply, options).catch(failed);
    const alone = { chat: Number(place.user), group: false };
    try {
      const sent = await deliver(speech, alone, reply, options).catch(failed);
      if (options.kind === 'result') await say(speech, target, { text: ANSWERED }, 'news').catch(() => {});
      return sent;
    } catch (error) {
      if (options.kind === 'news' || !(error instanceof Undeliverable) || !NEVER_OPENED.includes(error.code)) throw error;
      await say(speech, target, { text: OPEN_FIRST, keyboard: wayTo(botUsername) }, 'result').catch(failed);
      return {};
    }
  }
  return Object.assign(send, { close: () => flood.close() });
}

/** In a private chat only what belongs to a generation quotes the message that asked: several may be under way. */
function targetOf(place: TelegramPlace, reply: Reply): Target {
  const quotes = place.group || reply.follows !== undefined || reply.video !== undefined || reply.file !== undefined;
  return { chat: Number(place.chat), group: place.group, topic: place.topic, replyTo: quotes ? place.replyTo : undefined };
}

async function deliver(speech: Speech, target: Target, reply: Reply, { kind, announced }: SendOptions): Promise<Sent> {
  const message = /^[1-9]\d*$/.test(announced ?? '') ? Number(announced) : undefined;
  const words = { text: reply.text, keyboard: keyboardOf(reply.buttons) };
  if (kind === 'news') return message ? edit(speech, target, message, words, kind) : {};
  if (reply.invoice) return ask(speech, target, reply, reply.invoice);
  if (reply.video || reply.file) {
    const sent = await showMedia(speech, target, reply, words);
    if (message) await speech.api.deleteMessage(target.chat, message).catch(() => {});
    return sent;
  }
  const edited = message ? await edit(speech, target, message, words, kind) : {};
  return edited.message ? edited : say(speech, target, words, kind);
}

function showMedia(speech: Speech, target: Target, { video, file }: Reply, words: Words): Promise<Sent> {
  if (video) return showVideo(speech, target, video, words);
  return file ? showFile(speech, target, file, words) : say(speech, target, words, 'result');
}

/** What is said comes first, so that sending it all again asks for the payment once more only where it was not asked for. */
async function ask(speech: Speech, target: Target, { text, buttons = [] }: Reply, invoice: Invoice): Promise<Sent> {
  const { title, description, monthly } = invoice;
  if (monthly) {
    const keyboard = keyboardOf([[await subscribeButton(speech, invoice)], ...buttons]);
    const words: Words = { text: text.length > 0 ? text : [{ bold: title }, `\n${description}`], keyboard };
    return say(speech, target, words, 'result');
  }
  const keyboard = keyboardOf(buttons);
  if (text.length === 0 && !keyboard) return showInvoice(speech, target, invoice);
  const said = await say(speech, target, { text: text.length > 0 ? text : [title], keyboard }, 'result');
  await showInvoice(speech, target, invoice);
  return said;
}

function wayTo(botUsername: string | undefined) {
  if (!botUsername) return undefined;
  return { inline_keyboard: [[{ text: 'Open the private chat', url: `https://t.me/${botUsername}` }]] };
}
