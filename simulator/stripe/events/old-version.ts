import { type JsonObject, render } from '../api/render.ts';
import type { World } from '../world.ts';

/** The last version before invoices and subscriptions lost the fields below (docs.stripe.com/changelog/basil/2025-03-31). */
export const OLD_VERSION = '2025-02-24.acacia';

/** An invoice or a subscription as that version showed it; anything else as it is. */
export function olden(world: Omit<World, 'emit'>, snapshot: JsonObject): JsonObject {
  if (snapshot.object === 'subscription') {
    const item = [...world.subscriptions.values()].find(({ id }) => id === snapshot.id)?.items.data[0];
    return {
      ...snapshot,
      current_period_start: item?.current_period_start ?? null,
      current_period_end: item?.current_period_end ?? null,
    };
  }
  if (snapshot.object !== 'invoice') return snapshot;
  const payment = [...world.invoicePayments.values()].find(({ invoice }) => invoice === snapshot.id)?.payment;
  const intent = typeof payment?.payment_intent === 'string' ? payment.payment_intent : undefined;
  const lines = (world.invoiceLines.get(String(snapshot.id)) ?? []).map((line) => {
    const price = world.prices.get(String(line.pricing?.price_details?.price));
    const { parent, pricing, ...rest } = line;
    return { ...rest, price, proration: parent?.subscription_item_details?.proration ?? false, type: 'subscription' };
  });
  const { parent, payments, ...rest } = snapshot;
  return render({
    ...rest,
    subscription: lines[0]?.subscription ?? null,
    payment_intent: intent ?? null,
    charge: intent ? (world.intents.get(intent)?.latest_charge ?? null) : null,
    paid: snapshot.status === 'paid',
    lines: { object: 'list', data: lines, has_more: false, url: `/v1/invoices/${String(snapshot.id)}/lines` },
  });
}
