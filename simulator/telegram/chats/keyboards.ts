import type { InlineKeyboardButton, InlineKeyboardMarkup } from '@grammyjs/types';
import { type Fields, flag, isFields, object, text } from '../calls/fields.ts';
import { badRequest } from '../calls/refusal.ts';

/** Bytes. */
export const CALLBACK_DATA_LIMIT = 64;
const BUTTONS_LIMIT = 100;

/** The inline keyboard of a call; undefined for none, an empty one and the other kinds of markup. An invoice's begins with a Pay button. */
export function readKeyboard(fields: Fields, isInvoice = false): InlineKeyboardMarkup | undefined {
  const markup = object(fields, 'reply_markup');
  if (!markup) return undefined;
  const isOther = ['keyboard', 'remove_keyboard', 'force_reply'].some((name) => name in markup);
  if (isOther && !('inline_keyboard' in markup)) return undefined;
  const { inline_keyboard: rows } = markup;
  if (!Array.isArray(rows)) throw badRequest('object expected as reply markup');
  const keyboard = rows.map((row: unknown) => {
    if (!Array.isArray(row)) throw badRequest("can't parse inline keyboard button: Expected an Array");
    return row.map(readButton);
  });
  const filled = keyboard.filter((row) => row.length > 0);
  const [first, ...others] = filled.flat();
  if (others.length >= BUTTONS_LIMIT) throw badRequest('reply markup is too long');
  if ((first && 'pay' in first !== isInvoice) || others.some((button) => 'pay' in button)) throw badRequest('BUTTON_POS_INVALID');
  return filled.length > 0 ? { inline_keyboard: filled } : undefined;
}

function readButton(value: unknown): InlineKeyboardButton {
  if (!isFields(value)) throw badRequest("can't parse inline keyboard button: Expected an Object");
  const label = text(value, 'text') ?? '';
  if (label.trim() === '') throw badRequest("can't parse inline keyboard button: Text must be non-empty");
  const style = readStyle(value);
  const base = { text: label, ...(style && { style }) };
  const data = text(value, 'callback_data');
  if (data !== undefined) {
    const size = Buffer.byteLength(data);
    if (size < 1 || size > CALLBACK_DATA_LIMIT) throw badRequest('BUTTON_DATA_INVALID');
    return { ...base, callback_data: data };
  }
  const url = text(value, 'url');
  if (url !== undefined) {
    if (!/^(https?|tg|ton):\/\/\S+$/.test(url))
      throw badRequest(`inline keyboard button URL '${url}' is invalid: Wrong HTTP URL`);
    return { ...base, url };
  }
  if (flag(value, 'pay')) return { ...base, pay: true };
  const copied = object(value, 'copy_text');
  if (copied) return { ...base, copy_text: { text: text(copied, 'text') ?? '' } };
  throw badRequest("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard");
}

function readStyle(value: Fields): 'danger' | 'success' | 'primary' | undefined {
  const style = text(value, 'style');
  const known = (['danger', 'success', 'primary'] as const).find((name) => name === style);
  if (style !== undefined && !known) throw badRequest("can't parse inline keyboard button: Unsupported style specified");
  return known;
}
