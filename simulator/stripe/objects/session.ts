import type Stripe from 'stripe';
import type { Item, World } from '../world.ts';

export interface Offered {
  mode: 'payment' | 'subscription';
  items: Item[];
  customer: string | null;
  expiresAt: number;
  successUrl: string;
  cancelUrl: string | null;
  clientReferenceId: string | null;
  metadata: Stripe.Metadata;
  automaticTax: boolean;
  allowPromotionCodes: boolean | null;
  invoiceMetadata: Stripe.Metadata | null;
  terms: boolean;
  email: string | null;
}

export function newSession(world: World, offered: Offered): Stripe.Checkout.Session {
  const id = world.id('cs_test');
  const subtotal = offered.items.reduce((sum, { price, quantity }) => sum + (price.unit_amount ?? 0) * quantity, 0);
  const session: Stripe.Checkout.Session = {
    id,
    object: 'checkout.session',
    adaptive_pricing: { enabled: false },
    after_expiration: null,
    allow_promotion_codes: offered.allowPromotionCodes,
    allowed_payment_method_types: null,
    amount_subtotal: subtotal,
    amount_total: subtotal,
    automatic_tax: {
      enabled: offered.automaticTax,
      liability: offered.automaticTax ? { type: 'self' } : null,
      provider: offered.automaticTax ? 'stripe' : null,
      status: offered.automaticTax ? 'requires_location_inputs' : null,
    },
    billing_address_collection: null,
    cancel_url: offered.cancelUrl,
    client_reference_id: offered.clientReferenceId,
    client_secret: null,
    collected_information: null,
    consent: null,
    consent_collection: offered.terms
      ? { payment_method_reuse_agreement: null, promotions: 'none', terms_of_service: 'required' }
      : null,
    created: world.now(),
    currency: offered.items[0]?.price.currency ?? null,
    currency_conversion: null,
    custom_fields: [],
    custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
    customer: offered.customer,
    customer_account: null,
    customer_creation: offered.mode === 'payment' && offered.customer === null ? 'if_required' : null,
    customer_details: null,
    customer_email: offered.email,
    discounts: [],
    expires_at: offered.expiresAt,
    integration_identifier: null,
    invoice: null,
    invoice_creation: offered.mode === 'payment' ? invoiceCreation(offered.invoiceMetadata) : null,
    livemode: false,
    locale: null,
    managed_payments: null,
    metadata: offered.metadata,
    mode: offered.mode,
    origin_context: null,
    payment_intent: null,
    payment_link: null,
    payment_method_collection: offered.mode === 'subscription' ? 'always' : 'if_required',
    payment_method_configuration_details: null,
    payment_method_options: null,
    payment_method_types: ['card', 'sepa_debit'],
    payment_status: 'unpaid',
    permissions: null,
    phone_number_collection: { enabled: false },
    recovered_from: null,
    saved_payment_method_options: null,
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: 'open',
    submit_type: null,
    subscription: null,
    success_url: offered.successUrl,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    ui_mode: 'hosted_page',
    url: `${world.address()}/c/pay/${id}`,
    wallet_options: null,
  };
  world.sessions.set(id, session);
  world.sessionLines.set(
    id,
    offered.items.map((item) => lineItem(world, item)),
  );
  return session;
}

const invoiceCreation = (metadata: Stripe.Metadata | null): Stripe.Checkout.Session.InvoiceCreation => ({
  enabled: metadata !== null,
  invoice_data: {
    account_tax_ids: null,
    custom_fields: null,
    description: null,
    footer: null,
    issuer: null,
    metadata: metadata ?? {},
    rendering_options: null,
  },
});

function lineItem(world: World, { price, quantity }: Item): Stripe.LineItem {
  const amount = (price.unit_amount ?? 0) * quantity;
  const product = world.products.get(typeof price.product === 'string' ? price.product : price.product.id);
  return {
    id: world.id('li'),
    object: 'item',
    adjustable_quantity: null,
    amount_discount: 0,
    amount_subtotal: amount,
    amount_tax: 0,
    amount_total: amount,
    currency: price.currency,
    description: product?.name ?? null,
    metadata: {},
    price,
    quantity,
  };
}
