/** What the core asks of the two chat platforms' own shops. Each bot implements its one; main.ts hands them in. */

export interface StarTransaction {
  /** Telegram's charge id; a refund carries the id of the payment it undoes. */
  charge: string;
  kind: 'payment' | 'refund';
  stars: number;
  /** Id of the order that the invoice named, where there is one. */
  order?: string | undefined;
  /** Telegram's id of who paid. */
  user?: string | undefined;
  /** Milliseconds since the epoch. */
  at: number;
}

export interface StarsRail {
  /** Gives the Stars back. A charge that was refunded before counts as refunded now. */
  refund(user: string, charge: string): Promise<void>;
  /** A page of at most 100, oldest first, beginning with number `offset`. */
  transactions(offset: number): Promise<StarTransaction[]>;
  /** No further renewal, or again one. */
  cancelSubscription(user: string, charge: string, isCancelled: boolean): Promise<void>;
}

export interface Entitlement {
  id: string;
  sku: string;
  /** Discord's id of who bought it. */
  user: string;
  kind: 'consumable' | 'subscription' | 'other';
  consumed: boolean;
  deleted: boolean;
  /** A test purchase or a gift of the developer: no revenue, refused in production. */
  isTest: boolean;
  /** Milliseconds since the epoch; undefined while it has no end. */
  endsAt?: number | undefined;
}

export interface PremiumSubscription {
  id: string;
  sku: string;
  user: string;
  entitlements: string[];
  periodStart: number;
  periodEnd: number;
  status: 'active' | 'ending' | 'inactive';
}

export interface PremiumRail {
  /** One entitlement as it is now; undefined when Discord does not know it (any more). */
  entitlement(id: string): Promise<Entitlement | undefined>;
  /** A page of at most 100 behind `after`, oldest first. */
  entitlements(after?: string): Promise<Entitlement[]>;
  consume(id: string): Promise<void>;
  subscriptions(sku: string, user: string): Promise<PremiumSubscription[]>;
}

export interface Rails {
  stars?: StarsRail | undefined;
  premium?: PremiumRail | undefined;
}
