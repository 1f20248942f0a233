import type Stripe from 'stripe';
import { collect } from '../people/invoices.ts';
import type { World } from '../world.ts';
import { alert, button, escaped, layout, money } from './html.ts';
import type { Next } from './pay.ts';

/** The person pays an open invoice by hand, after a card failed or a bank asked. */
export function submitInvoice(world: World, invoice: Stripe.Invoice, form: URLSearchParams): Next {
  const to = `/i/${invoice.id}`;
  if (invoice.status !== 'open') return { to };
  const declined = form.get('action') === 'decline';
  collect(world, invoice, declined ? 'payment_failed' : 'paid');
  return declined ? { again: 'Your card was declined.' } : { to };
}

/** What `hosted_invoice_url` leads to. */
export function invoicePage(world: World, invoice: Stripe.Invoice, wrong?: string): string {
  const rows = (world.invoiceLines.get(invoice.id) ?? []).map(
    ({ description, amount, currency }) => `<dt>${escaped(description ?? 'Item')}</dt><dd>${money(amount, currency)}</dd>`,
  );
  const open = `<h2 id="how">This invoice is open.</h2>${alert(wrong)}
<form method="post">${button('pay', 'Pay', 'primary')}${button('decline', 'Card is declined')}</form>`;
  const state = invoice.status === 'open' ? open : `<h2 id="how">This invoice is ${escaped(invoice.status ?? 'unknown')}.</h2>`;
  return layout(
    'Invoice',
    `<section aria-labelledby="what"><h1 id="what">Invoice ${escaped(invoice.number ?? '')}</h1>
<p class="amount">${money(invoice.amount_due, invoice.currency)}</p><dl>${rows.join('')}</dl></section>
<section aria-labelledby="how">${state}</section>`,
  );
}
