import type { StarAmount, StarTransactions } from '@grammyjs/types';
import { type Fields, flag, integer, text } from '../calls/fields.ts';
import { badRequest } from '../calls/refusal.ts';
import { seconds, type World } from '../world.ts';
import type { Charge, Subscription } from './books.ts';
import { announce, take } from './checkout.ts';

/** What happens at Telegram and the app stores without the bot, for tests to bring about. */
export interface Stars {
  /** Oldest first. */
  charges(): Charge[];
  /** The next period of a subscription is paid. Throws when it was cancelled. */
  renew(charge: string): Charge;
  /** The app store gives the money back: the bot loses the Stars and is not told. */
  chargeBack(charge: string): void;
  /** The operator takes Stars out, which stands among the transactions. */
  withdraw(stars: number): void;
}

export function createStars(world: World): Stars {
  const { charges } = world.books;
  const known = (id: string): Charge => {
    const charge = charges.get(id);
    if (!charge) throw new Error(`there is no charge ${id}`);
    return charge;
  };
  return {
    charges: () => [...charges.values()],
    renew(id) {
      const { user, offer, subscription } = known(id);
      if (!subscription) throw new Error('this charge began no subscription');
      if (subscription.cancelledByBot || subscription.cancelledByPerson) throw new Error('the subscription was cancelled');
      return take(world, user, world.chats.private(user), offer, subscription);
    },
    chargeBack: (id) => giveBack(world, known(id)),
    withdraw(amount) {
      const id = `w${world.ids.word(20)}`;
      world.books.transactions.push({ id, amount, date: seconds(world), receiver: { type: 'fragment' } });
    },
  };
}

/** The names of the refusals follow core.telegram.org/method/payments.refundStarsCharge. */
export function refund(world: World, fields: Fields): true {
  const charge = findCharge(world, fields);
  if (charge.returned) throw badRequest('CHARGE_ALREADY_REFUNDED');
  giveBack(world, charge);
  const { offer, id } = charge;
  announce(world, charge, {
    refunded_payment: {
      currency: 'XTR',
      total_amount: offer.stars,
      invoice_payload: offer.payload,
      telegram_payment_charge_id: id,
    },
  });
  return true;
}

export function editSubscription(world: World, fields: Fields): true {
  const { id, subscription } = findCharge(world, fields);
  if (subscription?.first !== id) throw badRequest('CHARGE_ID_INVALID');
  subscription.cancelledByBot = flag(fields, 'is_canceled');
  return true;
}

/** The person ends or resumes a subscription in their own settings. */
export function setRenewal(world: World, { user, offer }: Charge, subscription: Subscription, isOn: boolean): void {
  subscription.cancelledByPerson = !isOn;
  const update = { user, invoice_payload: offer.payload, state: isOn ? 'active' : 'canceled' } as const;
  world.queue.push({ subscription: update }, `subscription ${user.id}`);
}

export function listTransactions({ books }: World, fields: Fields): StarTransactions {
  const offset = integer(fields, 'offset') ?? 0;
  const limit = integer(fields, 'limit') ?? 100;
  if (offset < 0) throw badRequest('OFFSET_INVALID');
  if (limit < 1 || limit > 100) throw badRequest('LIMIT_INVALID');
  return { transactions: books.transactions.slice(offset, offset + limit) };
}

export function balance({ books }: World): StarAmount {
  const amounts = books.transactions.map(({ amount, source }) => (source ? amount : -amount));
  return { amount: amounts.reduce((sum, amount) => sum + amount, 0) };
}

function giveBack(world: World, charge: Charge): void {
  charge.returned = true;
  const { id, user, offer } = charge;
  const receiver = { type: 'user', transaction_type: 'invoice_payment', user, invoice_payload: offer.payload } as const;
  world.books.transactions.push({ id, amount: offer.stars, date: seconds(world), receiver });
}

function findCharge({ books }: World, fields: Fields): Charge {
  const charge = books.charges.get(text(fields, 'telegram_payment_charge_id') ?? '');
  if (!charge || charge.user.id !== integer(fields, 'user_id')) throw badRequest('CHARGE_ID_INVALID');
  return charge;
}
