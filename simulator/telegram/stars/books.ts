import type { StarTransaction, User } from '@grammyjs/types';

/** What is sold for Telegram Stars: an invoice as the bot made it. */
export interface Offer {
  title: string;
  description: string;
  payload: string;
  stars: number;
  /** Empty: whoever is shown a forwarded copy may pay it. */
  startParameter: string;
  /** Seconds of a subscription's period. */
  period?: number;
}

/** What the person's screen shows of an offer. */
export interface Shown {
  offer: Offer;
  paid: boolean;
  problem?: string;
}

export interface Subscription {
  /** Charge of the first payment, which names the subscription. */
  first: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
  /** The person wants no further period. */
  cancelledByPerson: boolean;
  /** The bot wants no further period. */
  cancelledByBot: boolean;
}

export interface Charge {
  id: string;
  user: User;
  offer: Offer;
  /** Chat in which the payment was announced. */
  chat: number;
  /** Refunded by the bot, or taken back by the app store. */
  returned: boolean;
  subscription?: Subscription;
}

/** A payment the bot is asked about. */
export interface Checkout {
  answered(refusal: string | undefined): void;
}

/** All the bot has to do with Stars. */
export interface Books {
  /** By chat and message. */
  shown: Map<string, Shown>;
  /** By address. */
  links: Map<string, Shown>;
  checkouts: Map<string, Checkout>;
  charges: Map<string, Charge>;
  /** Oldest first. */
  transactions: StarTransaction[];
}

export const createBooks = (): Books => ({
  shown: new Map(),
  links: new Map(),
  checkouts: new Map(),
  charges: new Map(),
  transactions: [],
});

export const placeOf = (chat: number, message: number): string => `${chat}/${message}`;
