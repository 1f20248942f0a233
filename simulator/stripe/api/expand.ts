import { idOf, newestOf, type World } from '../world.ts';
import { invalid } from './refusal.ts';
import { type Json, type JsonObject, render } from './render.ts';

/** The object as it is answered: rendered, with what `paths` name (`data.payment_intent`) in the place of ids. At most four deep. */
export function answer(world: World, value: object, paths: readonly string[]): Json {
  const rendered = render(value);
  for (const path of paths) {
    const segments = path.split('.');
    if (segments.filter((segment) => segment !== 'data').length > 4)
      throw invalid('You cannot expand more than 4 levels of a property.', 'expand');
    expand(world, rendered, segments, path);
  }
  return rendered;
}

function expand(world: World, node: Json, [segment, ...rest]: readonly string[], path: string): void {
  if (segment === undefined || node === null || typeof node !== 'object') return;
  if (Array.isArray(node)) {
    for (const entry of node) expand(world, entry, [segment, ...rest], path);
    return;
  }
  const held = node[segment] ?? (node[segment] === null ? null : included(world, node, segment));
  const inner = typeof held === 'string' ? find(world, held) : held;
  if (inner === undefined) throw invalid(`This property cannot be expanded (${path}).`, 'expand');
  const grown: Json = typeof held === 'string' && typeof inner === 'object' && inner ? render(inner) : (held ?? null);
  node[segment] = grown;
  expand(world, grown, rest, path);
}

/** What is not there at all unless it is asked for. */
function included(world: World, { object, id }: JsonObject, name: string): Json | undefined {
  const what = `${String(object)}.${name}`;
  const own = String(id);
  const list = (data: object[], url: string) => render({ object: 'list', data, has_more: false, url });
  if (what === 'checkout.session.line_items')
    return list(world.sessionLines.get(own) ?? [], `/v1/checkout/sessions/${own}/line_items`);
  if (what === 'invoice.payments')
    return list(
      newestOf(world.invoicePayments).filter(({ invoice }) => idOf(invoice) === own),
      `/v1/invoice_payments?invoice=${own}`,
    );
  if (what === 'charge.refunds')
    return list(
      newestOf(world.refunds).filter(({ charge }) => idOf(charge) === own),
      `/v1/charges/${own}/refunds`,
    );
  if (what === 'customer.subscriptions')
    return list(
      newestOf(world.subscriptions).filter(({ customer }) => idOf(customer) === own),
      `/v1/customers/${own}/subscriptions`,
    );
  return undefined;
}

function find(world: World, id: string): object | undefined {
  const { customers, products, prices, sessions, intents, charges, subscriptions, invoices } = world;
  const tables = [
    customers,
    products,
    prices,
    sessions,
    intents,
    charges,
    subscriptions,
    invoices,
    world.refunds,
    world.disputes,
  ];
  for (const table of tables) {
    const found = table.get(id);
    if (found) return found;
  }
  return undefined;
}
