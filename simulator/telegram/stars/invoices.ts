import type { Message, User } from '@grammyjs/types';
import { type Fields, integer, isFields, list, text } from '../calls/fields.ts';
import { badRequest } from '../calls/refusal.ts';
import { botUser, compose, post } from '../chats/messages.ts';
import { changed, put, type Room } from '../chats/rooms.ts';
import type { World } from '../world.ts';
import { type Offer, placeOf, type Shown } from './books.ts';

/** UTF-16 units; the payload in bytes. */
export const INVOICE_LIMITS = { title: 32, description: 255, payload: 128 } as const;
/** Seconds, the only period there is. */
const PERIOD = 2_592_000;
/** Stars: core.telegram.org/bots/api#createinvoicelink for subscriptions; for the other the published client setting stars_paid_post. */
const MOST = { once: 100_000, monthly: 10_000 } as const;

export function sendInvoice(world: World, fields: Fields): Message {
  const offer = readOffer(fields);
  const { title, description, startParameter, stars } = offer;
  const invoice = { title, description, start_parameter: startParameter, currency: 'XTR', total_amount: stars };
  const message = post(world, fields, { invoice });
  world.books.shown.set(placeOf(message.chat.id, message.message_id), { offer, paid: false });
  const room = world.chats.at(message.chat.id);
  if (room) changed(room);
  return message;
}

export function createInvoiceLink(world: World, fields: Fields): string {
  const period = integer(fields, 'subscription_period');
  if (period !== undefined && period !== PERIOD) throw badRequest('SUBSCRIPTION_PERIOD_INVALID');
  const offer = { ...readOffer(fields), ...(period !== undefined && { period }) };
  if (period !== undefined && offer.stars > MOST.monthly) throw badRequest('CURRENCY_TOTAL_AMOUNT_INVALID');
  const link = `https://t.me/$${world.ids.word(15)}`;
  world.books.links.set(link, { offer, paid: false });
  return link;
}

/** What a message asks to be paid for: itself, or the first link to an invoice among its buttons. */
export function shownBy({ books }: World, room: Room, { message_id, reply_markup }: Message): Shown | undefined {
  const own = books.shown.get(placeOf(room.chat.id, message_id));
  if (own) return own;
  const links = (reply_markup?.inline_keyboard ?? []).flat().flatMap((button) => ('url' in button ? [button.url] : []));
  return links.map((link) => books.links.get(link)).find((shown) => shown !== undefined);
}

/**
 * Puts a copy into another chat and gives back its id; bots are not told. With a start parameter the copy leads to the bot,
 * without one it can be paid there: core.telegram.org/bots/api#sendinvoice.
 */
export function forwardInvoice(world: World, by: User, message: Message, to: Room): number {
  const shown = world.books.shown.get(placeOf(message.chat.id, message.message_id));
  if (!shown || !message.invoice) throw new Error(`message ${message.message_id} is no invoice`);
  const { startParameter } = shown.offer;
  const way = { text: 'Pay', url: `https://t.me/${world.me.username}?start=${startParameter}` };
  const copy = compose(world, to, by, {
    invoice: message.invoice,
    forward_origin: { type: 'user', sender_user: botUser(world), date: message.date },
    ...(startParameter !== '' && { reply_markup: { inline_keyboard: [[way]] } }),
  });
  if (startParameter === '') world.books.shown.set(placeOf(to.chat.id, copy.message_id), { offer: shown.offer, paid: false });
  put(to, copy);
  return copy.message_id;
}

function readOffer(fields: Fields): Offer {
  const words = (name: keyof typeof INVOICE_LIMITS) => {
    const value = text(fields, name) ?? '';
    if (value === '') throw badRequest(`parameter "${name}" is required`);
    const size = name === 'payload' ? Buffer.byteLength(value) : value.length;
    if (size > INVOICE_LIMITS[name]) throw badRequest(`INVOICE_${name.toUpperCase()}_INVALID`);
    return value;
  };
  const offer = { title: words('title'), description: words('description'), payload: words('payload') };
  if (text(fields, 'currency') !== 'XTR') throw badRequest('STARS_INVOICE_INVALID');
  if (text(fields, 'provider_token')) throw badRequest('PAYMENT_PROVIDER_INVALID');
  const startParameter = text(fields, 'start_parameter') ?? '';
  if (!/^[\w-]{0,64}$/.test(startParameter)) throw badRequest('START_PARAM_INVALID');
  return { ...offer, startParameter, stars: readPrice(fields) };
}

function readPrice(fields: Fields): number {
  const prices = list(fields, 'prices') ?? [];
  const [price] = prices;
  if (prices.length !== 1 || !isFields(price) || !text(price, 'label')) throw badRequest('STARS_INVOICE_INVALID');
  const amount = integer(price, 'amount') ?? 0;
  if (amount < 1 || amount > MOST.once) throw badRequest('CURRENCY_TOTAL_AMOUNT_INVALID');
  return amount;
}
