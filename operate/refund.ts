import type { App } from '../core/app.ts';
import { readAccount } from '../core/credits/account.ts';
import { whereLotIs } from '../core/credits/transfer.ts';
import { UserError } from '../core/errors.ts';
import {
  changePayment,
  keysOfPayment,
  type Payment,
  payer as payerField,
  readPayment,
  walletOf,
} from '../core/payments/payment.ts';
import { reversedOf, targetsOf } from '../core/payments/reversals.ts';
import { starsRefunded } from '../core/payments/stars.ts';
import { idOf } from '../core/payments/stripe.ts';
import { actOnStripe } from '../core/payments/stripe-events.ts';
import { stripeOf } from '../core/payments/stripe-land.ts';
import { recordPrivacyEvent } from '../core/privacy/events.ts';
import { money } from '../core/texts/money.ts';

export interface RefundWish {
  paymentId: string;
  /** All that is left of the money, although credits were used: they become debt. */
  full: boolean;
}

type Intent = NonNullable<Payment['refundIntent']>;

const ATTEMPTS = 10;
/** How far our clock and Stripe's may be apart. */
const CLOCKS_MS = 5 * 60_000;

/**
 * Gives money of a payment back and takes its credits. What is decided is stored before the rail is called, so the command may die
 * anywhere: the next one finishes the same refund first. Gives back what to tell the operator; throws UserError where nothing can be done.
 */
export async function refund(app: App, { paymentId, full }: RefundWish): Promise<string[]> {
  const payment = await readPayment(app, paymentId);
  if (!payment)
    throw new UserError('unknown_payment', 'There is no such payment. /receipt and the log name payments by this id.');
  refuseWhatCannotBe(payment);
  await noteLook(app, payment);
  const { refundIntent } = payment;
  if (refundIntent) {
    const lines = await finish(app, payment, refundIntent, true);
    return ['A refund that was begun earlier is finished. Ask again for anything beyond it.', ...lines];
  }
  const intent = await decide(app, payment, full);
  if (!intent)
    return [
      'There is nothing to refund: no credits of it are unused, or all of the money went back. --full gives back the rest.',
    ];
  const decided = await changePayment(app, payment, { set: { refundIntent: intent } });
  if (!decided) throw new UserError('changed', 'The payment changed at this moment. Nothing was refunded; ask again.');
  return finish(app, decided, intent, false);
}

/** What an operator is about to read of a person stands in that person's access log first. Where the person has left there is none. */
async function noteLook(app: App, { accountId, forgottenAt }: Payment): Promise<void> {
  if (forgottenAt) return;
  const staff = { actor: 'staff', role: 'billing', reason: 'refund' } as const;
  await recordPrivacyEvent(app, { accountId, ...staff, action: 'looked_at_payment', at: app.now() });
}

function refuseWhatCannotBe({ provider, kind, grantedAt, amountMinor, reversals }: Payment): void {
  if (provider === 'discord') {
    throw new UserError(
      'discord_refunds',
      'Discord refunds its own purchases: send the person to support.discord.com (Billing). The credits go as soon as Discord says so.',
    );
  }
  if (kind === 'plan_order') throw new UserError('refund_a_month', 'This is the order of a plan: refund one of its months.');
  if (!grantedAt || !amountMinor || provider === 'manual') throw new UserError('not_paid', 'No money has come in for this.');
  if (reversals.some((one) => one.kind === 'dispute' && one.counts)) {
    throw new UserError('disputed', 'The bank has taken this money back already: answer the dispute instead of refunding it.');
  }
}

/** How much goes back; undefined where nothing is left. */
async function decide(app: App, payment: Payment, full: boolean): Promise<Intent | undefined> {
  const { _id, amountMinor = 0, reversals, provider, rev } = payment;
  const left = amountMinor - reversedOf(amountMinor, reversals);
  const unused = Math.min(left, await unusedShare(app, payment));
  if (provider === 'telegram_stars' && !full && left > 0 && unused < left) {
    throw new UserError(
      'all_or_nothing',
      'Some of its credits were used, and Stars go back as a whole or not at all. --full gives them back.',
    );
  }
  const amount = full ? left : unused;
  if (amount <= 0) return undefined;
  return { key: `refund-${_id}-${rev}`, amountMinor: amount, at: new Date(app.now()), before: reversals.map(({ id }) => id) };
}

/** The share of the money that stands for credits nobody has used, less what went back before: never so much that a debt comes of it. */
async function unusedShare(app: App, payment: Payment): Promise<number> {
  const { amountMinor = 0, lots, reversals } = payment;
  const granted = payment.wallet ?? (await walletOf(app, payment.accountId));
  let unused = 0;
  for (const { id } of lots) {
    const holder = (await whereLotIs(app.connection, granted, id)) ?? granted;
    const account = await readAccount(app.connection, holder);
    unused += account.lots.find((lot) => lot.id === id)?.remaining ?? 0;
  }
  const credits = lots.reduce((sum, lot) => sum + lot.credits, 0);
  const reversed = targetsOf(payment, reversals).reduce((sum, { target }) => sum + target, 0);
  const share = (BigInt(amountMinor) * BigInt(unused + reversed)) / BigInt(Math.max(1, credits));
  return Math.max(0, Number(share) - reversedOf(amountMinor, reversals));
}

/** Rail, then books, then the intent is done with. Each may have happened before. */
async function finish(app: App, payment: Payment, intent: Intent, isAgain: boolean): Promise<string[]> {
  if (payment.provider === 'stripe') await refundAtStripe(app, payment, intent, isAgain);
  else await refundStars(app, payment);
  await forget(app, payment._id, intent.key);
  return whatHappened(app, payment, intent);
}

async function refundAtStripe(app: App, { stripe }: Payment, intent: Intent, isAgain: boolean): Promise<void> {
  const door = stripeOf(app);
  const paymentIntent = stripe?.paymentIntentId;
  if (!paymentIntent)
    throw new UserError('no_payment_intent', 'Stripe took no money for this payment itself: look at it in the dashboard.');
  const made = async () => {
    const found: { id: string; amount: number }[] = [];
    for await (const one of door.refundsSince(intent.at.getTime() - CLOCKS_MS)) {
      if (idOf(one.payment_intent) === paymentIntent && !intent.before.includes(one.id)) found.push(one);
    }
    return found;
  };
  // Stripe forgets an idempotency key after a day, and this command may be repeated later than that.
  const isMade = isAgain && (await made()).some(({ amount }) => amount === intent.amountMinor);
  if (!isMade) await door.refund({ paymentIntent, amountMinor: intent.amountMinor, key: intent.key });
  for (const { id } of await made()) await actOnStripe(app, 'refund.updated', id);
}

async function refundStars(app: App, payment: Payment): Promise<void> {
  const { stars } = app.rails;
  if (!stars)
    throw new UserError('no_telegram', 'TELEGRAM_TOKEN is not set, and only the bot that took the Stars can give them back.');
  const { _id, payer, ext, orderId } = payment;
  if (!payer || !ext) throw new UserError('no_payer', 'It is not known who paid these Stars.');
  const user = payerField.open(await keysOfPayment(app, payment), _id, payer);
  await stars.refund(user, ext);
  await starsRefunded(app, { charge: ext, order: orderId ?? _id });
}

async function forget(app: App, id: string, key: string): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const current = await readPayment(app, id);
    if (current?.refundIntent?.key !== key) return;
    if (await changePayment(app, current, { unset: ['refundIntent'] })) return;
  }
  throw new Error('a payment changed faster than its refund could be noted');
}

async function whatHappened(app: App, before: Payment, intent: Intent): Promise<string[]> {
  const payment = (await readPayment(app, before._id)) ?? before;
  const credits = ({ reversals }: Payment) => targetsOf(payment, reversals).reduce((sum, { target }) => sum + target, 0);
  const { debt } = await readAccount(app.connection, payment.wallet ?? (await walletOf(app, payment.accountId)));
  return [
    `${money(intent.amountMinor, payment.currency ?? 'usd')} went back; the payment is ${payment.status} now.`,
    `Credits taken back for it so far: ${credits(payment)} of ${payment.credits}.`,
    ...(debt > 0 ? [`The account owes ${debt} credits: the next ones pay for them.`] : []),
    'The person is told in their chat.',
  ];
}
