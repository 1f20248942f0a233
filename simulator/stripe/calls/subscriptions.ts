import type Stripe from 'stripe';
import { choice, flag, group, groups, known, metadata, text } from '../api/fields.ts';
import { createdWithin, having, PAGING, page } from '../api/lists.ts';
import { invalid, noSuch } from '../api/refusal.ts';
import type { Route } from '../api/routes.ts';
import type { Fields } from '../knobs.ts';
import { cancelAtPeriodEnd, changePlan, end } from '../people/subscriptions.ts';
import { idOf, newestOf, type World } from '../world.ts';

function subscriptionOf(world: World, id: string): Stripe.Subscription {
  const subscription = world.subscriptions.get(id);
  if (!subscription) throw noSuch('subscription', id);
  return subscription;
}

const UNDERSTOOD = [
  'cancel_at_period_end',
  'items',
  'metadata',
  'proration_behavior',
  'billing_cycle_anchor',
  'payment_behavior',
];

function update(world: World, subscription: Stripe.Subscription, fields: Fields): Stripe.Subscription {
  known(fields, UNDERSTOOD);
  if (subscription.ended_at !== null)
    throw invalid('A canceled subscription can only update its cancellation_details and metadata.');
  if ('metadata' in fields) {
    const before = { metadata: subscription.metadata };
    subscription.metadata = metadata(fields, subscription.metadata);
    world.emit('customer.subscription.updated', subscription, before);
  }
  const ends = flag(fields, 'cancel_at_period_end');
  if (ends !== undefined) cancelAtPeriodEnd(world, subscription.id, ends);
  const [item] = groups(fields, 'items');
  if (item) {
    const id = text(item, 'id');
    if (id !== subscription.items.data[0]?.id) throw noSuch('subscription item', id ?? '', 'items[0][id]', 400);
    const price = world.prices.get(text(item, 'price') ?? '');
    if (!price) throw noSuch('price', text(item, 'price') ?? '', 'items[0][price]', 400);
    if (price.type !== 'recurring') throw invalid('The price specified is not recurring.', 'items[0][price]');
    if (typeof fields.billing_cycle_anchor === 'string') throw invalid('Invalid object', 'billing_cycle_anchor');
    const anchor = choice(group(fields, 'billing_cycle_anchor'), 'type', ['now', 'unchanged']);
    const proration = choice(fields, 'proration_behavior', ['create_prorations', 'always_invoice', 'none']);
    changePlan(world, subscription.id, price, { ...(anchor && { anchor }), ...(proration && { proration }) });
  }
  return subscription;
}

/** Canceled ones are listed only when they are asked for (docs.stripe.com/api/subscriptions/list). */
function inStatus(fields: Fields): (status: string) => boolean {
  const wanted = text(fields, 'status');
  if (wanted === 'all') return () => true;
  if (wanted === 'ended') return (status) => status === 'canceled' || status === 'incomplete_expired';
  return wanted === undefined ? (status) => status !== 'canceled' : (status) => status === wanted;
}

export const subscriptions: Route[] = [
  { method: 'GET', path: '/v1/subscriptions/:id', run: ({ world, id }) => subscriptionOf(world, id) },
  {
    method: 'POST',
    path: '/v1/subscriptions/:id',
    run: ({ world, id, fields }) => update(world, subscriptionOf(world, id), fields),
  },
  {
    method: 'DELETE',
    path: '/v1/subscriptions/:id',
    run({ world, id, fields }) {
      known(fields, ['invoice_now', 'prorate', 'cancellation_details']);
      const subscription = subscriptionOf(world, id);
      if (subscription.ended_at !== null) throw noSuch('subscription', id);
      end(world, subscription);
      return subscription;
    },
  },
  {
    method: 'GET',
    path: '/v1/subscriptions',
    run({ world, fields }) {
      known(fields, [...PAGING, 'customer', 'status', 'price']);
      const [customer, status, within] = [having(fields, 'customer'), inStatus(fields), createdWithin(fields)];
      const price = having(fields, 'price');
      const found = newestOf(world.subscriptions).filter(
        (one) =>
          within(one) &&
          customer(idOf(one.customer)) &&
          status(one.status) &&
          one.items.data.some((item) => price(item.price.id)),
      );
      return page('/v1/subscriptions', found, fields);
    },
  },
];
