import type Stripe from 'stripe';
import { integer, known, metadata, text } from '../api/fields.ts';
import { createdWithin, having, PAGING, page } from '../api/lists.ts';
import { invalid, noSuch } from '../api/refusal.ts';
import type { Route } from '../api/routes.ts';
import type { Fields } from '../knobs.ts';
import { refund } from '../people/reversals.ts';
import { idOf, newestOf, type World } from '../world.ts';

interface OfPayment {
  id: string;
  created: number;
  charge?: string | { id: string } | null;
  payment_intent?: string | { id: string } | null;
}

/** What carries a charge and an intent, found by either. */
function ofPayment(url: string, table: Map<string, OfPayment>, fields: Fields) {
  known(fields, [...PAGING, 'charge', 'payment_intent']);
  const [charge, intent, within] = [having(fields, 'charge'), having(fields, 'payment_intent'), createdWithin(fields)];
  const found = newestOf(table).filter((one) => within(one) && charge(idOf(one.charge)) && intent(idOf(one.payment_intent)));
  return page(url, found, fields);
}

const retrieve = (path: string, kind: string, tableOf: (world: World) => Map<string, object>): Route => ({
  method: 'GET',
  path: `${path}/:id`,
  run({ world, id }) {
    const found = tableOf(world).get(id);
    if (!found) throw noSuch(kind, id);
    return found;
  },
});

/** The charge that a refund is asked for: by its own id, or the intent's that succeeded. */
export function chargeOf(world: World, id: string): Stripe.Charge {
  const charge = world.charges.get(id) ?? world.charges.get(idOf(world.intents.get(id)?.latest_charge) ?? '');
  if (!charge)
    throw noSuch(id.startsWith('ch_') ? 'charge' : 'payment_intent', id, id.startsWith('ch_') ? 'charge' : 'payment_intent');
  return charge;
}

const REASONS = ['duplicate', 'fraudulent', 'requested_by_customer'];

export const payments: Route[] = [
  retrieve('/v1/payment_intents', 'payment_intent', ({ intents }) => intents),
  {
    method: 'GET',
    path: '/v1/payment_intents',
    run({ world, fields }) {
      known(fields, [...PAGING, 'customer']);
      const [customer, within] = [having(fields, 'customer'), createdWithin(fields)];
      return page(
        '/v1/payment_intents',
        newestOf(world.intents).filter((one) => within(one) && customer(idOf(one.customer))),
        fields,
      );
    },
  },
  retrieve('/v1/charges', 'charge', ({ charges }) => charges),
  {
    method: 'GET',
    path: '/v1/charges',
    run({ world, fields }) {
      known(fields, [...PAGING, 'customer', 'payment_intent']);
      const [customer, intent, within] = [having(fields, 'customer'), having(fields, 'payment_intent'), createdWithin(fields)];
      const found = newestOf(world.charges).filter(
        (one) => within(one) && customer(idOf(one.customer)) && intent(idOf(one.payment_intent)),
      );
      return page('/v1/charges', found, fields);
    },
  },
  {
    method: 'POST',
    path: '/v1/refunds',
    run({ world, fields }) {
      known(fields, ['charge', 'payment_intent', 'amount', 'reason', 'metadata']);
      const of = text(fields, 'charge') ?? text(fields, 'payment_intent');
      if (of === undefined)
        throw invalid('One of the following params should be provided for this request: payment_intent or charge.');
      const reason = text(fields, 'reason') ?? null;
      if (reason !== null && !REASONS.includes(reason))
        throw invalid(`Invalid reason: must be one of ${REASONS.join(', ')}`, 'reason');
      return refund(world, chargeOf(world, of), integer(fields, 'amount'), { reason, metadata: metadata(fields) });
    },
  },
  retrieve('/v1/refunds', 'refund', ({ refunds }) => refunds),
  { method: 'GET', path: '/v1/refunds', run: ({ world, fields }) => ofPayment('/v1/refunds', world.refunds, fields) },
  retrieve('/v1/disputes', 'dispute', ({ disputes }) => disputes),
  { method: 'GET', path: '/v1/disputes', run: ({ world, fields }) => ofPayment('/v1/disputes', world.disputes, fields) },
  retrieve('/v1/radar/early_fraud_warnings', 'early_fraud_warning', ({ warnings }) => warnings),
  {
    method: 'GET',
    path: '/v1/radar/early_fraud_warnings',
    run: ({ world, fields }) => ofPayment('/v1/radar/early_fraud_warnings', world.warnings, fields),
  },
];
