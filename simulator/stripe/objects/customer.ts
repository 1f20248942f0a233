import type Stripe from 'stripe';
import { group, known, metadata, text } from '../api/fields.ts';
import { noSuch } from '../api/refusal.ts';
import type { Fields } from '../knobs.ts';
import type { World } from '../world.ts';

const CUSTOMER = ['name', 'email', 'description', 'phone', 'metadata', 'address', 'preferred_locales'];

export function createCustomer(world: World, fields: Fields): Stripe.Customer {
  known(fields, CUSTOMER);
  const customer: Stripe.Customer = {
    id: world.id('cus'),
    object: 'customer',
    address: 'address' in fields ? address(group(fields, 'address')) : null,
    balance: 0,
    created: world.now(),
    currency: null,
    default_source: null,
    delinquent: false,
    description: text(fields, 'description') ?? null,
    discount: null,
    email: text(fields, 'email') ?? null,
    invoice_prefix: world.id('').slice(1, 9).toUpperCase(),
    invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
    livemode: false,
    metadata: metadata(fields),
    name: text(fields, 'name') ?? null,
    next_invoice_sequence: 1,
    phone: text(fields, 'phone') ?? null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none',
    test_clock: null,
  };
  world.customers.set(customer.id, customer);
  world.emit('customer.created', customer);
  return customer;
}

export function updateCustomer(world: World, customer: Stripe.Customer, fields: Fields): Stripe.Customer {
  known(fields, CUSTOMER);
  const before = { metadata: customer.metadata };
  customer.metadata = metadata(fields, customer.metadata);
  if ('name' in fields) customer.name = text(fields, 'name') ?? null;
  if ('email' in fields) customer.email = text(fields, 'email') ?? null;
  if ('description' in fields) customer.description = text(fields, 'description') ?? null;
  if ('address' in fields) customer.address = address(group(fields, 'address'));
  world.emit('customer.updated', customer, before);
  return customer;
}

export function address(fields: Fields): Stripe.Address {
  const part = (name: string) => text(fields, name) ?? null;
  return {
    city: part('city'),
    country: part('country'),
    line1: part('line1'),
    line2: part('line2'),
    postal_code: part('postal_code'),
    state: part('state'),
  };
}

/** A customer that is not deleted; refuses as the parameter `param` otherwise. */
export function livingCustomer(world: World, id: string, param = 'customer'): Stripe.Customer {
  const customer = world.customers.get(id);
  if (!customer || customer.deleted) throw noSuch('customer', id, param, param === 'id' ? 404 : 400);
  return customer;
}
