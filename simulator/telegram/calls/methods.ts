import type { CommandMenus } from '../chats/commands.ts';
import { deleteMessage, deleteMessages, editCaption, editKeyboard, editMedia, editText } from '../chats/edits.ts';
import { sendAction, sendMedia, sendText } from '../chats/messages.ts';
import type { Profile } from '../chats/profile.ts';
import { balance, editSubscription, listTransactions, refund } from '../stars/charges.ts';
import { answerCheckout } from '../stars/checkout.ts';
import { createInvoiceLink, sendInvoice } from '../stars/invoices.ts';
import type { Polling } from '../updates/polling.ts';
import type { Webhook } from '../updates/webhook.ts';
import type { World } from '../world.ts';
import { type Fields, flag, type SentFile, text } from './fields.ts';
import { badRequest, conflict } from './refusal.ts';

export interface Arguments {
  fields: Fields;
  files: Map<string, SentFile>;
  /** Fires when the client hangs up. */
  gone: AbortSignal;
}

export type Method = (args: Arguments) => unknown;

/** The methods the simulator knows, by their names in lower case: Telegram does not mind the case. */
export function createMethods(
  world: World,
  parts: { polling: Polling; webhook: Webhook; menus: CommandMenus; profile: Profile },
): Map<string, Method> {
  const { polling, webhook, menus, profile } = parts;
  const methods: Record<string, Method> = {
    getMe: () => world.me,
    getUpdates: ({ fields, gone }) => polling.poll(fields, gone),
    setWebhook({ fields }) {
      if (text(fields, 'url')) polling.end(conflict('terminated by setWebhook request'));
      return webhook.set(fields);
    },
    deleteWebhook: ({ fields }) => webhook.remove(fields),
    getWebhookInfo: () => webhook.info(),
    setMyCommands: ({ fields }) => menus.set(fields),
    getMyCommands: ({ fields }) => menus.get(fields),
    deleteMyCommands: ({ fields }) => menus.remove(fields),
    setMyDescription: ({ fields }) => profile.setText('description', 512, fields),
    getMyDescription: ({ fields }) => ({ description: profile.text('description', fields) }),
    setMyShortDescription: ({ fields }) => profile.setText('short_description', 120, fields),
    getMyShortDescription: ({ fields }) => ({ short_description: profile.text('short_description', fields) }),
    setChatMenuButton: ({ fields }) => profile.setMenuButton(fields),
    getChatMenuButton: ({ fields }) => profile.menuButton(fields),
    sendMessage: ({ fields }) => sendText(world, fields),
    sendPhoto: ({ fields, files }) => sendMedia(world, 'photo', fields, files),
    sendVideo: ({ fields, files }) => sendMedia(world, 'video', fields, files),
    sendAnimation: ({ fields, files }) => sendMedia(world, 'animation', fields, files),
    sendDocument: ({ fields, files }) => sendMedia(world, 'document', fields, files),
    sendChatAction: ({ fields }) => sendAction(world, fields),
    editMessageText: ({ fields }) => editText(world, fields),
    editMessageCaption: ({ fields }) => editCaption(world, fields),
    editMessageReplyMarkup: ({ fields }) => editKeyboard(world, fields),
    editMessageMedia: ({ fields, files }) => editMedia(world, fields, files),
    deleteMessage: ({ fields }) => deleteMessage(world, fields),
    deleteMessages: ({ fields }) => deleteMessages(world, fields),
    answerCallbackQuery: ({ fields }) => answerPress(world, fields),
    sendInvoice: ({ fields }) => sendInvoice(world, fields),
    createInvoiceLink: ({ fields }) => createInvoiceLink(world, fields),
    answerPreCheckoutQuery: ({ fields }) => answerCheckout(world, fields),
    refundStarPayment: ({ fields }) => refund(world, fields),
    editUserStarSubscription: ({ fields }) => editSubscription(world, fields),
    getStarTransactions: ({ fields }) => listTransactions(world, fields),
    getMyStarBalance: () => balance(world),
    getFile: ({ fields }) => world.files.describe(text(fields, 'file_id'), world.knobs.downloadLimit),
  };
  return new Map(Object.entries(methods).map(([name, method]) => [name.toLowerCase(), method]));
}

/** How long a press may be answered. Telegram does not publish it. */
const PRESS_MS = 10 * 60 * 1000;
/** UTF-16 units. */
export const PRESS_ANSWER_LIMIT = 200;

function answerPress(world: World, fields: Fields): true {
  const press = world.presses.get(text(fields, 'callback_query_id') ?? '');
  if (!press || world.now() - press.at > PRESS_MS) {
    throw badRequest('query is too old and response timeout expired or query ID is invalid');
  }
  const words = text(fields, 'text') ?? '';
  if (words.length > PRESS_ANSWER_LIMIT) throw badRequest('MESSAGE_TOO_LONG');
  press.answered(words, flag(fields, 'show_alert'));
  return true;
}
