import { group, known } from '../api/fields.ts';
import { createdWithin, having, PAGING, page } from '../api/lists.ts';
import { noSuch } from '../api/refusal.ts';
import type { Route } from '../api/routes.ts';
import { idOf, newestOf, type World } from '../world.ts';

function invoiceOf(world: World, id: string) {
  const invoice = world.invoices.get(id);
  if (!invoice) throw noSuch('invoice', id);
  return invoice;
}

export const invoices: Route[] = [
  { method: 'GET', path: '/v1/invoices/:id', run: ({ world, id }) => invoiceOf(world, id) },
  {
    method: 'GET',
    path: '/v1/invoices/:id/lines',
    run({ world, id, fields }) {
      known(fields, PAGING);
      invoiceOf(world, id);
      return page(`/v1/invoices/${id}/lines`, world.invoiceLines.get(id) ?? [], fields);
    },
  },
  {
    method: 'GET',
    path: '/v1/invoices',
    run({ world, fields }) {
      known(fields, [...PAGING, 'customer', 'subscription', 'status', 'collection_method']);
      const within = createdWithin(fields);
      const [customer, subscription, status] = [
        having(fields, 'customer'),
        having(fields, 'subscription'),
        having(fields, 'status'),
      ];
      const found = newestOf(world.invoices).filter(
        (one) =>
          within(one) &&
          customer(idOf(one.customer)) &&
          subscription(idOf(one.parent?.subscription_details?.subscription)) &&
          status(one.status),
      );
      return page('/v1/invoices', found, fields);
    },
  },
  {
    method: 'GET',
    path: '/v1/invoice_payments/:id',
    run({ world, id }) {
      const payment = world.invoicePayments.get(id);
      if (!payment) throw noSuch('invoice_payment', id);
      return payment;
    },
  },
  {
    method: 'GET',
    path: '/v1/invoice_payments',
    run({ world, fields }) {
      known(fields, [...PAGING, 'invoice', 'payment', 'status']);
      const payment = group(fields, 'payment');
      const [invoice, status, within] = [having(fields, 'invoice'), having(fields, 'status'), createdWithin(fields)];
      const [intent, type] = [having(payment, 'payment_intent'), having(payment, 'type')];
      const found = newestOf(world.invoicePayments).filter(
        (one) =>
          within(one) &&
          invoice(idOf(one.invoice)) &&
          status(one.status) &&
          type(one.payment.type) &&
          intent(idOf(one.payment.payment_intent)),
      );
      return page('/v1/invoice_payments', found, fields);
    },
  },
];
