import type Stripe from 'stripe';
import { choice, flag, group, integer, known, metadata, needed, text } from '../api/fields.ts';
import { invalid, missingParameter, noSuch } from '../api/refusal.ts';
import type { Fields } from '../knobs.ts';
import type { World } from '../world.ts';

const PRODUCT = [
  'name',
  'id',
  'active',
  'description',
  'metadata',
  'tax_code',
  'images',
  'url',
  'statement_descriptor',
  'unit_label',
];
const PRICE = [
  'currency',
  'unit_amount',
  'product',
  'product_data',
  'recurring',
  'lookup_key',
  'transfer_lookup_key',
  'metadata',
];

export function createProduct(world: World, fields: Fields): Stripe.Product {
  known(fields, PRODUCT);
  const id = text(fields, 'id') ?? world.id('prod');
  if (world.products.has(id)) throw invalid('Product already exists.', 'id', 'resource_already_exists');
  const product: Stripe.Product = {
    id,
    object: 'product',
    active: flag(fields, 'active') ?? true,
    created: world.now(),
    default_price: null,
    description: text(fields, 'description') ?? null,
    images: [],
    livemode: false,
    marketing_features: [],
    metadata: metadata(fields),
    name: needed(fields, 'name'),
    package_dimensions: null,
    shippable: null,
    statement_descriptor: null,
    tax_code: text(fields, 'tax_code') ?? null,
    tax_details: null,
    type: 'service',
    unit_label: null,
    updated: world.now(),
    url: null,
  };
  world.products.set(id, product);
  world.emit('product.created', product);
  return product;
}

/** Also makes the price of a session's `price_data`. */
export function createPrice(world: World, fields: Fields): Stripe.Price {
  known(fields, [...PRICE, 'nickname', 'active', 'tax_behavior', 'billing_scheme']);
  const amount = integer(fields, 'unit_amount');
  if (amount === undefined) throw missingParameter('unit_amount');
  const currency = needed(fields, 'currency').toLowerCase();
  if (!/^[a-z]{3}$/.test(currency)) throw invalid(`Invalid currency: ${currency}`, 'currency');
  const lookupKey = text(fields, 'lookup_key') ?? null;
  const holder = [...world.prices.values()].find((price) => lookupKey !== null && price.lookup_key === lookupKey);
  if (holder && !flag(fields, 'transfer_lookup_key'))
    throw invalid(`A price (\`${holder.id}\`) already uses that lookup key.`, 'lookup_key');
  if (holder) holder.lookup_key = null;
  const product = productOf(world, fields);
  const price: Stripe.Price = {
    id: world.id('price'),
    object: 'price',
    active: flag(fields, 'active') ?? true,
    billing_scheme: 'per_unit',
    created: world.now(),
    currency,
    custom_unit_amount: null,
    livemode: false,
    lookup_key: lookupKey,
    metadata: metadata(fields),
    nickname: text(fields, 'nickname') ?? null,
    product: product.id,
    recurring: 'recurring' in fields ? recurring(group(fields, 'recurring')) : null,
    tax_behavior: choice(fields, 'tax_behavior', ['exclusive', 'inclusive', 'unspecified']) ?? 'unspecified',
    tiers_mode: null,
    transform_quantity: null,
    type: 'recurring' in fields ? 'recurring' : 'one_time',
    unit_amount: amount,
    unit_amount_decimal: null,
  };
  world.prices.set(price.id, price);
  world.emit('price.created', price);
  return price;
}

function productOf(world: World, fields: Fields): Stripe.Product {
  const id = text(fields, 'product');
  if (id === undefined) return createProduct(world, group(fields, 'product_data'));
  const product = world.products.get(id);
  if (!product) throw noSuch('product', id, 'product', 400);
  return product;
}

function recurring(fields: Fields): Stripe.Price.Recurring {
  const interval = choice(fields, 'interval', ['day', 'week', 'month', 'year']);
  if (!interval) throw missingParameter('recurring[interval]');
  const count = integer(fields, 'interval_count') ?? 1;
  return { interval, interval_count: count, meter: null, trial_period_days: null, usage_type: 'licensed' };
}

/** The plan that a subscription item still shows beside its price. */
export function planOf(price: Stripe.Price): Stripe.Plan {
  return {
    id: price.id,
    object: 'plan',
    active: price.active,
    amount: price.unit_amount,
    amount_decimal: null,
    billing_scheme: 'per_unit',
    created: price.created,
    currency: price.currency,
    interval: price.recurring?.interval ?? 'month',
    interval_count: price.recurring?.interval_count ?? 1,
    livemode: false,
    metadata: price.metadata,
    meter: null,
    nickname: price.nickname,
    product: price.product,
    tiers_mode: null,
    transform_usage: null,
    trial_period_days: null,
    usage_type: 'licensed',
  };
}
