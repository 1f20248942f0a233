import { known, metadata } from '../api/fields.ts';
import { createdWithin, having, PAGING, page } from '../api/lists.ts';
import { invalid, noSuch } from '../api/refusal.ts';
import type { Route } from '../api/routes.ts';
import { expire } from '../people/sessions.ts';
import { idOf, newestOf, type World } from '../world.ts';
import { createSession } from './create-session.ts';

function sessionOf(world: World, id: string) {
  const session = world.sessions.get(id);
  if (!session) throw noSuch('checkout.session', id, 'session');
  return session;
}

export const sessions: Route[] = [
  { method: 'POST', path: '/v1/checkout/sessions', run: ({ world, fields }) => createSession(world, fields) },
  { method: 'GET', path: '/v1/checkout/sessions/:id', run: ({ world, id }) => sessionOf(world, id) },
  {
    method: 'POST',
    path: '/v1/checkout/sessions/:id',
    run({ world, id, fields }) {
      known(fields, ['metadata']);
      const session = sessionOf(world, id);
      session.metadata = metadata(fields, session.metadata ?? {});
      return session;
    },
  },
  {
    method: 'POST',
    path: '/v1/checkout/sessions/:id/expire',
    run({ world, id }) {
      const session = sessionOf(world, id);
      if (session.status !== 'open')
        throw invalid(
          `Only Checkout Sessions with a status in ["open"] can be expired. This one has a status of ${session.status}.`,
        );
      expire(world, id);
      return session;
    },
  },
  {
    method: 'GET',
    path: '/v1/checkout/sessions/:id/line_items',
    run({ world, id, fields }) {
      known(fields, PAGING);
      sessionOf(world, id);
      return page(`/v1/checkout/sessions/${id}/line_items`, world.sessionLines.get(id) ?? [], fields);
    },
  },
  {
    method: 'GET',
    path: '/v1/checkout/sessions',
    run({ world, fields }) {
      known(fields, [...PAGING, 'customer', 'payment_intent', 'subscription', 'status']);
      const within = createdWithin(fields);
      const [customer, intent] = [having(fields, 'customer'), having(fields, 'payment_intent')];
      const [subscription, status] = [having(fields, 'subscription'), having(fields, 'status')];
      const found = newestOf(world.sessions).filter(
        (one) =>
          within(one) &&
          customer(idOf(one.customer)) &&
          intent(idOf(one.payment_intent)) &&
          subscription(idOf(one.subscription)) &&
          status(one.status),
      );
      return page('/v1/checkout/sessions', found, fields);
    },
  },
];
