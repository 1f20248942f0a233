import type { App } from '../core/app.ts';
import { describe } from '../core/log.ts';
import { closeEvent, type PaymentEvent, postponeEvent, readEvent } from '../core/payments/events.ts';
import { readPayment } from '../core/payments/payment.ts';
import { actOnPremium } from '../core/payments/premium.ts';
import { actOnStripe } from '../core/payments/stripe-events.ts';
import { type Acted, recheckOrder } from '../core/payments/stripe-land.ts';
import type { Again } from '../core/queue.ts';

const PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 10 * 60_000;

/** Acts on a rail's event, or looks after an order that is due. May be interrupted anywhere and run again. */
export async function run(app: App, id: string): Promise<Again | undefined> {
  const event = await readEvent(app, id);
  if (!event) {
    const order = await readPayment(app, id);
    if (order) await recheckOrder(app, order);
    return undefined;
  }
  if (event.status !== 'received') return undefined;
  try {
    await closeEvent(app, event, await act(app, event));
    return undefined;
  } catch (error) {
    const afterMs = Math.min(LONGEST_PAUSE_MS, PAUSE_MS * 2 ** Math.min(event.tries, 20));
    app.log.warn('a payment event failed and will be repeated', {
      request: id,
      attempt: event.tries + 1,
      state: event.type,
      ...describe(error),
    });
    await postponeEvent(app, event, afterMs);
    return { afterMs };
  }
}

const act = (app: App, { _id, source, type, objectId }: PaymentEvent): Promise<Acted> =>
  source === 'stripe' ? actOnStripe(app, type, objectId) : actOnPremium(app, _id, objectId);
