import type Stripe from 'stripe';
import { choice, flag, group, groups, integer, known, metadata, needed, text } from '../api/fields.ts';
import { invalid, missingParameter, noSuch } from '../api/refusal.ts';
import type { Fields } from '../knobs.ts';
import { createPrice } from '../objects/catalog.ts';
import { livingCustomer } from '../objects/customer.ts';
import { newSession } from '../objects/session.ts';
import type { Item, World } from '../world.ts';

// What this simulator understands of Stripe.Checkout.SessionCreateParams; the rest is refused rather than ignored.
const UNDERSTOOD = [
  'mode',
  'line_items',
  'customer',
  'customer_email',
  'customer_update',
  'customer_creation',
  'client_reference_id',
  'metadata',
  'payment_intent_data',
  'subscription_data',
  'invoice_creation',
  'automatic_tax',
  'allow_promotion_codes',
  'consent_collection',
  'custom_text',
  'billing_address_collection',
  'tax_id_collection',
  'payment_method_collection',
  'allowed_payment_method_types',
  'excluded_payment_method_types',
  'locale',
  'submit_type',
  'success_url',
  'cancel_url',
  'expires_at',
  'ui_mode',
] satisfies (keyof Stripe.Checkout.SessionCreateParams)[];

const HALF_HOUR = 1800;
const DAY = 86_400;

/** Makes a session as the API does, with the refusals that its documentation names. */
export function createSession(world: World, fields: Fields): Stripe.Checkout.Session {
  known(fields, UNDERSTOOD);
  const mode = choice(fields, 'mode', ['payment', 'subscription']);
  if (!mode) throw missingParameter('mode');
  const items = groups(fields, 'line_items').map((item, place) => readItem(world, item, place));
  if (items.length === 0) throw missingParameter('line_items');
  fitMode(mode, items, fields);
  const customer = text(fields, 'customer');
  const payer = customer === undefined ? undefined : livingCustomer(world, customer);
  const automaticTax = flag(group(fields, 'automatic_tax'), 'enabled') ?? false;
  if (automaticTax && payer && !payer.address && text(group(fields, 'customer_update'), 'address') !== 'auto')
    throw invalid(
      "Automatic tax calculation in Checkout requires a valid address on the Customer. Add a valid address to the Customer or set either `customer_update[address]` to 'auto' or `customer_update[shipping]` to 'auto'.",
      undefined,
      'customer_tax_location_invalid',
    );
  const reference = text(fields, 'client_reference_id') ?? null;
  if (reference !== null && reference.length > 200)
    throw invalid('Invalid string: at most 200 characters.', 'client_reference_id');
  const invoiced = flag(group(fields, 'invoice_creation'), 'enabled') ?? false;
  const session = newSession(world, {
    mode,
    items,
    customer: customer ?? null,
    email: text(fields, 'customer_email') ?? null,
    expiresAt: expiry(world, fields),
    successUrl: webAddress(needed(fields, 'success_url'), 'success_url'),
    cancelUrl: 'cancel_url' in fields ? webAddress(needed(fields, 'cancel_url'), 'cancel_url') : null,
    clientReferenceId: reference,
    metadata: metadata(fields),
    automaticTax,
    allowPromotionCodes: flag(fields, 'allow_promotion_codes') ?? null,
    invoiceMetadata: invoiced ? metadata(group(group(fields, 'invoice_creation'), 'invoice_data')) : null,
    terms: text(group(fields, 'consent_collection'), 'terms_of_service') === 'required',
  });
  const trialDays = integer(group(fields, 'subscription_data'), 'trial_period_days') ?? 0;
  if (trialDays > 0) Object.assign(session, { amount_subtotal: 0, amount_total: 0 });
  world.plans.set(session.id, {
    items,
    intentMetadata: metadata(group(fields, 'payment_intent_data')),
    subscriptionMetadata: metadata(group(fields, 'subscription_data')),
    trialDays,
  });
  return session;
}

function readItem(world: World, item: Fields, place: number): Item {
  const at = `line_items[${place}]`;
  const id = text(item, 'price');
  if (id === undefined && !('price_data' in item)) throw missingParameter(`${at}[price]`);
  const price = id === undefined ? createPrice(world, group(item, 'price_data')) : world.prices.get(id);
  if (!price) throw noSuch('price', id ?? '', `${at}[price]`, 400);
  if (!price.active) throw invalid('The price specified is inactive. This field only accepts active prices.', `${at}[price]`);
  const quantity = integer(item, 'quantity');
  if (quantity === undefined || quantity < 1) throw missingParameter(`${at}[quantity]`);
  return { price, quantity };
}

function fitMode(mode: 'payment' | 'subscription', items: Item[], fields: Fields): void {
  const recurring = items.filter(({ price }) => price.type === 'recurring').length;
  if (mode === 'payment' && recurring > 0)
    throw invalid(
      'You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.',
      'line_items[0][price]',
    );
  if (mode === 'subscription' && recurring < items.length)
    throw invalid(
      'You must provide at least one recurring price in `subscription` mode when using prices.',
      'line_items[0][price]',
    );
  if (new Set(items.map(({ price }) => price.currency)).size > 1)
    throw invalid('All prices on a session must have the same currency.', 'line_items');
  const foreign = mode === 'payment' ? ['subscription_data'] : ['payment_intent_data', 'invoice_creation', 'submit_type'];
  for (const name of foreign) if (name in fields) throw invalid(`You can not pass \`${name}\` in \`${mode}\` mode.`, name);
}

function expiry(world: World, fields: Fields): number {
  const at = integer(fields, 'expires_at') ?? world.now() + DAY;
  if (at < world.now() + HALF_HOUR)
    throw invalid('The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.', 'expires_at');
  if (at > world.now() + DAY)
    throw invalid('The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.', 'expires_at');
  return at;
}

function webAddress(given: string, param: string): string {
  if (!URL.canParse(given) || !/^https?:\/\//.test(given)) throw invalid('Not a valid URL', param, 'url_invalid');
  return given;
}
