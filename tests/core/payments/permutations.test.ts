import { describe, expect, test } from 'vitest';
import { itemOf } from '../../../core/payments/catalog.ts';
import type { RecordedEvent } from '../../../simulator/stripe/index.ts';
import { balanceOf, eventsOf, hand, newPerson, openShop, order, paymentsOf, type Shop, sessionOf } from '../../support/shop.ts';

/** How many orders of each story's events are tried; the seed of each is its number. */
const PERMUTATIONS = Number(process.env.PERMUTATIONS ?? 6);

interface Scene extends Shop {
  /** Orders an item and gives back its session. */
  begin(item: string): Promise<string>;
}

/** A story; at each yield some of what Stripe has to say may arrive, the rest comes later. */
type Story = (scene: Scene) => AsyncGenerator<void>;

const stories: Record<string, { story: Story; available: number; statuses: string[] }> = {
  'a pack': {
    async *story({ stripe, begin }) {
      stripe.pay(await begin('pack-s'), 'card');
      yield;
    },
    available: 100,
    statuses: ['paid'],
  },
  'a delayed pack': {
    async *story({ stripe, begin }) {
      const session = await begin('pack-s');
      stripe.pay(session, 'delayed');
      yield;
      stripe.completeDelayed(session);
      yield;
    },
    available: 100,
    statuses: ['paid'],
  },
  'a delayed pack that falls through': {
    async *story({ stripe, begin }) {
      const session = await begin('pack-s');
      stripe.pay(session, 'delayed');
      yield;
      stripe.failDelayed(session);
      yield;
    },
    available: 0,
    statuses: ['failed'],
  },
  'a pack whose first session expires': {
    async *story({ stripe, begin }) {
      stripe.expire(await begin('pack-m'));
      yield;
      stripe.pay(await begin('pack-m'), '3ds');
      yield;
    },
    available: 300,
    statuses: ['paid'],
  },
  'a plan with a renewal and an upgrade': {
    async *story({ app, stripe, begin }) {
      const session = await begin('plan-plus');
      stripe.pay(session, 'card');
      yield;
      const subscription = String(stripe.sessions.get(session)?.subscription);
      stripe.renew(subscription);
      yield;
      const pro = itemOf(app.catalog, 'plan-pro');
      const price = pro && (await app.stripe?.prices.priceOf(pro));
      stripe.changePlan(subscription, String(price), { anchor: 'now', proration: 'always_invoice' });
      yield;
    },
    available: 300 + 300 + 1000,
    statuses: ['paid', 'paid', 'paid', 'paid'],
  },
  'a renewal that fails first': {
    async *story({ stripe, begin }) {
      const session = await begin('plan-plus');
      stripe.pay(session, 'card');
      yield;
      const invoice = stripe.renew(String(stripe.sessions.get(session)?.subscription), 'payment_failed');
      yield;
      stripe.collect(String(invoice?.id), 'paid');
      yield;
    },
    available: 600,
    statuses: ['paid', 'paid', 'paid'],
  },
  'a refund': {
    async *story({ stripe, begin }) {
      const session = await begin('pack-s');
      stripe.pay(session, 'card');
      yield;
      stripe.refund(session);
      yield;
    },
    available: 0,
    statuses: ['reversed'],
  },
  'a refund that the bank sends back': {
    async *story({ stripe, begin }) {
      stripe.refundStatus = 'pending';
      const session = await begin('pack-s');
      stripe.pay(session, 'card');
      yield;
      const { id } = stripe.refund(session);
      yield;
      stripe.failRefund(id);
      yield;
    },
    available: 100,
    statuses: ['paid'],
  },
  'two partial refunds': {
    async *story({ stripe, begin }) {
      const session = await begin('pack-s');
      stripe.pay(session, 'card');
      yield;
      stripe.refund(session, 100);
      yield;
      stripe.refund(session, 100);
      yield;
    },
    // ceil(100 × 200 / 499) = 41
    available: 59,
    statuses: ['part_reversed'],
  },
  'a refunded month of a plan': {
    async *story({ stripe, begin }) {
      const session = await begin('plan-plus');
      stripe.pay(session, 'card');
      yield;
      stripe.renew(String(stripe.sessions.get(session)?.subscription));
      stripe.refund(session);
      yield;
    },
    available: 300,
    statuses: ['paid', 'paid', 'reversed'],
  },
  'a dispute that is won': {
    async *story({ stripe, begin }) {
      const session = await begin('pack-s');
      stripe.pay(session, 'card');
      yield;
      const dispute = stripe.dispute(session);
      yield;
      dispute.win();
      yield;
    },
    available: 100,
    statuses: ['paid'],
  },
  'a dispute that is lost': {
    async *story({ stripe, begin }) {
      const session = await begin('pack-s');
      stripe.pay(session, 'card');
      yield;
      const dispute = stripe.dispute(session);
      yield;
      dispute.lose();
      yield;
    },
    available: 0,
    statuses: ['reversed'],
  },
};

describe('however its webhooks come: twice, in any order, late, or not at all until the list is read again', () => {
  test.each(Object.entries(stories))('%s ends in the same balances', { timeout: 300_000 }, async (_, { story, ...end }) => {
    const shop = await openShop();
    for (let seed = 1; seed <= PERMUTATIONS; seed++) {
      const random = chanceOf(seed);
      const before = new Set(eventsOf(shop.stripe).map(({ id }) => id));
      const person = await newPerson(shop.app);
      const begin = async (item: string) => sessionOf(shop.app, (await order(shop.app, item, 'stripe', person)).order._id);
      const waiting: RecordedEvent[] = [];
      const dropped: RecordedEvent[] = [];
      const learn = () => {
        for (const event of eventsOf(shop.stripe)) {
          if (before.has(event.id)) continue;
          before.add(event.id);
          (random() < 0.15 ? dropped : waiting).push(event);
        }
      };
      for await (const _pause of story({ ...shop, begin })) {
        learn();
        shuffle(waiting, random);
        for (let early = Math.floor(random() * (waiting.length + 1)); early > 0; early--) {
          const event = waiting.shift();
          if (event) await hand(shop.app, event);
          if (event && random() < 0.3) waiting.push(event);
        }
      }
      const rest = shuffle([...waiting, ...waiting], random);
      while (rest.length > 0) await Promise.all(rest.splice(0, 3).map((event) => hand(shop.app, event)));
      for (const event of shuffle(dropped, random)) await hand(shop.app, event);
      const statuses = (await paymentsOf(shop.app, person.account.id)).map(({ status }) => status).sort();
      const balance = await balanceOf(shop.app, person.account.id);
      expect({ seed, statuses, balance }).toEqual({
        seed,
        statuses: [...end.statuses].sort(),
        balance: { available: end.available, held: 0, debt: 0 },
      });
      const account = await shop.app.models.creditAccounts.findById(person.account.id).lean();
      expect(account?.restrictions ?? []).toEqual([]);
    }
  });
});

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function chanceOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function shuffle<Item>(items: Item[], random: () => number): Item[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const [a, b] = [items[i], items[j]];
    if (a !== undefined && b !== undefined) [items[i], items[j]] = [b, a];
  }
  return items;
}
