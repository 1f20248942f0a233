import type { App } from '../core/app.ts';
import type { Place, Reply, Sends } from '../core/chat.ts';
import { Undeliverable } from '../core/errors.ts';
import { KeyDestroyed } from '../core/keys.ts';
import { describe } from '../core/log.ts';
import { itemOf } from '../core/payments/catalog.ts';
import {
  changePayment,
  keysOfPayment,
  type Payment,
  place as placeField,
  readPayment,
  told,
  walletOf,
} from '../core/payments/payment.ts';
import type { Again } from '../core/queue.ts';
import { lotEnds, standingOf } from '../core/receipts.ts';
import { nameOf, newsReply } from '../core/texts/payments.ts';

const MOST_TRIES = 10;
const PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 120_000;

/** Tells the person what became of a payment. At least once: a crash right after the send may repeat it. */
export async function run(app: App, sends: Sends, id: string): Promise<Again | undefined> {
  const payment = await readPayment(app, id);
  if (!payment?.tell) return undefined;
  if (payment.forgottenAt) return close(app, payment);
  const place = await placeOf(app, payment);
  const reply = await replyOf(app, payment, payment.tell);
  if (!place || !reply) {
    app.log.info('nobody was told of a payment', { reference: id, state: payment.tell });
    return close(app, payment);
  }
  const send = sends[place.platform];
  if (!send) return { afterMs: LONGEST_PAUSE_MS };
  try {
    await send(place, { ...reply, private: true }, { key: keyOf(payment), kind: 'result' });
  } catch (error) {
    const tries = (payment.tellTries ?? 0) + 1;
    if (!(error instanceof Undeliverable) && tries < MOST_TRIES) return tryAgain(app, payment, tries, error);
    app.log.warn('a payment was not told', { reference: id, platform: place.platform, ...describe(error) });
  }
  return close(app, payment);
}

/** What was noted as told may have been overtaken by other news, whose ring this very job has swallowed. */
async function close(app: App, payment: Payment): Promise<Again | undefined> {
  await told(app, payment);
  const { tell } = (await readPayment(app, payment._id)) ?? {};
  return tell ? { afterMs: 0 } : undefined;
}

async function tryAgain(app: App, payment: Payment, tellTries: number, error: unknown): Promise<Again> {
  const afterMs = Math.min(LONGEST_PAUSE_MS, PAUSE_MS * 2 ** (tellTries - 1));
  app.log.warn('telling of a payment failed and will be repeated', {
    reference: payment._id,
    attempt: tellTries,
    ...describe(error),
  });
  await changePayment(app, payment, { set: { tellTries, dueAt: new Date(app.now() + 2 * afterMs) } });
  return { afterMs };
}

/** Where it was ordered: a month of a plan has no place of its own. Undefined when nobody ordered it here, or the person has left. */
async function placeOf(app: App, payment: Payment): Promise<Place | undefined> {
  const order = payment.place || !payment.orderId ? payment : await readPayment(app, payment.orderId);
  if (!order?.place) return undefined;
  try {
    return placeField.open(await keysOfPayment(app, order), order._id, order.place);
  } catch (error) {
    if (error instanceof KeyDestroyed) return undefined;
    throw error;
  }
}

async function replyOf(app: App, payment: Payment, tell: string): Promise<Reply | undefined> {
  const wallet = await walletOf(app, payment.wallet ?? payment.accountId);
  const until = payment.kind === 'plan_period' ? await lotEnds(app, wallet, payment._id) : undefined;
  return newsReply(tell, {
    payment,
    name: nameOf(itemOf(app.catalog, payment.item), payment.item),
    until,
    ...(await standingOf(app, wallet)),
  });
}

/** At most 25 characters, and another one for other news of the same payment. */
const keyOf = ({ _id, tell = '', reversals }: Payment): string => `${_id.slice(-14)}-${tell.slice(-6)}-${reversals.length}`;
