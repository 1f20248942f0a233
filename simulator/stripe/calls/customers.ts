import { known, text } from '../api/fields.ts';
import { createdWithin, having, PAGING, page } from '../api/lists.ts';
import { noSuch } from '../api/refusal.ts';
import type { Route } from '../api/routes.ts';
import { createCustomer, livingCustomer, updateCustomer } from '../objects/customer.ts';
import { end } from '../people/subscriptions.ts';
import { idOf, newestOf } from '../world.ts';

export const customers: Route[] = [
  { method: 'POST', path: '/v1/customers', run: ({ world, fields }) => createCustomer(world, fields) },
  {
    method: 'GET',
    path: '/v1/customers',
    run({ world, fields }) {
      known(fields, [...PAGING, 'email']);
      const [email, within] = [having(fields, 'email'), createdWithin(fields)];
      const found = newestOf(world.customers).filter((one) => !one.deleted && email(one.email) && within(one));
      return page('/v1/customers', found, fields);
    },
  },
  {
    method: 'GET',
    path: '/v1/customers/:id',
    run({ world, id }) {
      const customer = world.customers.get(id);
      if (!customer) throw noSuch('customer', id);
      return customer;
    },
  },
  {
    method: 'POST',
    path: '/v1/customers/:id',
    run: ({ world, id, fields }) => updateCustomer(world, livingCustomer(world, id, 'id'), fields),
  },
  {
    // Cancels its subscriptions at once, as docs.stripe.com/api/customers/delete says.
    method: 'DELETE',
    path: '/v1/customers/:id',
    run({ world, id }) {
      const customer = livingCustomer(world, id, 'id');
      for (const one of world.subscriptions.values()) if (idOf(one.customer) === id && one.ended_at === null) end(world, one);
      const gone = { id, object: 'customer', deleted: true } as const;
      world.customers.set(id, gone);
      world.emit('customer.deleted', customer);
      return gone;
    },
  },
];

export const portals: Route[] = [
  {
    method: 'POST',
    path: '/v1/billing_portal/sessions',
    run({ world, fields }) {
      known(fields, ['customer', 'return_url', 'configuration', 'locale', 'flow_data', 'on_behalf_of']);
      const { id: customer } = livingCustomer(world, text(fields, 'customer') ?? '');
      const id = world.id('bps');
      const portal = {
        id,
        object: 'billing_portal.session',
        configuration: text(fields, 'configuration') ?? 'bpc_simulated',
        created: world.now(),
        customer,
        customer_account: null,
        flow: null,
        livemode: false,
        locale: null,
        on_behalf_of: null,
        return_url: text(fields, 'return_url') ?? null,
        url: `${world.address()}/p/session/${id}`,
      } as const;
      world.portals.set(id, portal);
      world.emit('billing_portal.session.created', portal);
      return portal;
    },
  },
];
