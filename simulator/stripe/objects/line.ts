import type Stripe from 'stripe';
import type { World } from '../world.ts';

interface Priced {
  price: Stripe.Price;
  quantity: number;
  amount: number;
  period: { start: number; end: number };
}

/** A line of an invoice: of a subscription's item where one is named, else of a single sale. Amounts are before discounts and tax. */
export function newLine(
  world: World,
  { price, quantity, amount, period }: Priced,
  of?: { subscription: string; item: string; proration: boolean },
): Stripe.InvoiceLineItem {
  const product = typeof price.product === 'string' ? price.product : price.product.id;
  const name = world.products.get(product)?.name ?? product;
  return {
    id: world.id('il'),
    object: 'line_item',
    amount,
    currency: price.currency,
    description: of?.proration ? `${amount < 0 ? 'Unused' : 'Remaining'} time on ${name}` : `${quantity} × ${name}`,
    discount_amounts: [],
    discountable: !of?.proration,
    discounts: [],
    invoice: null,
    livemode: false,
    metadata: {},
    parent: of
      ? {
          type: 'subscription_item_details',
          invoice_item_details: null,
          subscription_item_details: {
            invoice_item: of.proration ? world.id('ii') : null,
            proration: of.proration,
            proration_details: of.proration ? { credited_items: null } : null,
            subscription: of.subscription,
            subscription_item: of.item,
          },
        }
      : {
          type: 'invoice_item_details',
          invoice_item_details: { invoice_item: world.id('ii'), proration: false, proration_details: null, subscription: null },
          subscription_item_details: null,
        },
    period,
    pretax_credit_amounts: [],
    pricing: { type: 'price_details', price_details: { price: price.id, product }, unit_amount_decimal: null },
    quantity,
    quantity_decimal: null,
    subscription: of?.subscription ?? null,
    subtotal: amount,
    taxes: [],
  };
}
