import type { User } from '@grammyjs/types';
import { type Fields, flag, text } from '../calls/fields.ts';
import { badRequest } from '../calls/refusal.ts';
import { compose } from '../chats/messages.ts';
import { put, type Room } from '../chats/rooms.ts';
import { seconds, type World } from '../world.ts';
import type { Charge, Offer, Subscription } from './books.ts';

/** The bot answers within this time or the payment is off: core.telegram.org/bots/api#answerprecheckoutquery. */
export const CHECKOUT_MS = 10_000;

/** Asks the bot and takes the Stars when it agrees; `done` hears the reason when it does not. */
export function checkOut(world: World, user: User, room: Room, offer: Offer, done: (refusal?: string) => void): void {
  const id = world.ids.digits();
  const { checkouts } = world.books;
  const cancel = world.timer(CHECKOUT_MS, () => {
    checkouts.delete(id);
    done('The bot did not answer in time. You were not charged.');
  });
  checkouts.set(id, {
    answered(refusal) {
      cancel();
      if (refusal === undefined) take(world, user, room, offer);
      done(refusal);
    },
  });
  const query = { id, from: user, currency: 'XTR', total_amount: offer.stars, invoice_payload: offer.payload };
  world.queue.push({ pre_checkout_query: query }, `checkout ${user.id}`);
}

export function answerCheckout({ books: { checkouts } }: World, fields: Fields): true {
  const id = text(fields, 'pre_checkout_query_id') ?? '';
  const isAgreed = flag(fields, 'ok');
  const reason = text(fields, 'error_message') ?? '';
  if (!isAgreed && reason === '') throw badRequest('parameter "error_message" is required');
  const checkout = checkouts.get(id);
  if (!checkout) throw badRequest('query is too old and response timeout expired or query ID is invalid');
  checkouts.delete(id);
  checkout.answered(isAgreed ? undefined : reason);
  return true;
}

/** Moves the Stars and says so in the chat; with `running` it is a further period of that subscription. */
export function take(world: World, user: User, room: Room, offer: Offer, running?: Subscription): Charge {
  const { books, ids } = world;
  const { period } = offer;
  const id = `stx${ids.word(60)}`;
  if (running && period) running.expiresAt = Math.max(running.expiresAt, world.now()) + period * 1000;
  const started = period && {
    first: id,
    expiresAt: world.now() + period * 1000,
    cancelledByPerson: false,
    cancelledByBot: false,
  };
  const subscription = running ?? (started || undefined);
  const charge = { id, user, offer, chat: room.chat.id, returned: false, ...(subscription && { subscription }) };
  books.charges.set(id, charge);
  const source = {
    type: 'user',
    transaction_type: 'invoice_payment',
    user,
    invoice_payload: offer.payload,
    ...(period && { subscription_period: period }),
  } as const;
  books.transactions.push({ id, amount: offer.stars, date: seconds(world), source });
  announce(world, charge, {
    successful_payment: {
      currency: 'XTR',
      total_amount: offer.stars,
      invoice_payload: offer.payload,
      ...(subscription && {
        subscription_expiration_date: Math.floor(subscription.expiresAt / 1000),
        is_recurring: true,
        ...(!running && { is_first_recurring: true }),
      }),
      telegram_payment_charge_id: id,
      provider_payment_charge_id: `${user.id}_${books.charges.size}`,
    },
  });
  return charge;
}

type News = Parameters<typeof compose>[3];

/** A service message in the chat of the payment, which the bot gets as well. */
export function announce(world: World, { user, chat }: Charge, news: News): void {
  const room = world.chats.at(chat);
  if (!room) throw new Error(`there is no chat ${chat}`);
  room.known = true;
  const message = compose(world, room, user, news);
  put(room, message);
  world.queue.push({ message: { ...message, from: user, chat: room.chat } }, `chat ${chat}`);
}
