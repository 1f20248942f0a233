import type { App } from '../app.ts';
import { type Payment, paymentOf, readPayment } from './payment.ts';
import type { StarsRail, StarTransaction } from './rail.ts';
import { checkDays, count, type Days } from './reconcile-days.ts';
import { heal, type Run } from './reconcile-run.ts';
import { checkUnseen } from './reconcile-unseen.ts';
import { starsPaid, starsRefunded } from './stars.ts';

/** Telegram bills plans every 30 days. */
const MONTH_MS = 30 * 86_400_000;

/**
 * Telegram's own list of what came in and what went back. The cursor is how many of the oldest transactions lie so far back that nothing
 * of the window can be about them: a night does not read all there ever was.
 */
export async function walkStars(app: App, rail: StarsRail, run: Run): Promise<string> {
  const days: Days = new Map();
  const seen = new Set<string>();
  let offset = Number(run.cursor ?? 0);
  let begin = offset;
  // What came in early and was brought in late still stands in the window's books.
  const horizon = run.since - (run.at - run.since);
  for (;;) {
    const page = await rail.transactions(offset);
    const payments = await paymentsOf(app, page);
    for (const transaction of page) {
      offset += 1;
      if (transaction.at < horizon) begin = offset;
      if (transaction.kind === 'payment') seen.add(transaction.charge);
      if (transaction.at < run.since) continue;
      if (transaction.kind === 'payment') {
        await comparePaid(app, run, days, transaction, payments.get(transaction.charge));
      } else {
        const payment = payments.get(transaction.charge) ?? (await chargeOf(app, transaction.charge));
        await compareRefund(app, run, days, transaction, payment);
      }
    }
    run.seen += page.length;
    await run.rest(String(begin));
    if (page.length === 0) break;
  }
  run.drift.push(...checkDays(days));
  await checkUnseen(app, run, { provider: 'telegram_stars', seen });
  return String(begin);
}

async function comparePaid(app: App, run: Run, days: Days, paid: StarTransaction, known: Payment | undefined): Promise<void> {
  const { charge, stars, order: orderId, user, at } = paid;
  // The update that tells of it may be on its way.
  if (!known && at > run.settledBy) return;
  const order = orderId ? await readPayment(app, orderId) : undefined;
  if (!known && (order?.provider !== 'telegram_stars' || !user)) {
    run.drift.push({ code: 'order_unknown', reference: charge, count: stars });
    return;
  }
  if (!known && order && user) {
    const month = order.kind === 'plan_order' && { subscription: { first: false, until: at + MONTH_MS } };
    await heal(app, run, charge, async () => {
      await starsPaid(app, { order: order._id, stars, user, charge, ...month });
      return true;
    });
  }
  const ours = (known ?? (await chargeOf(app, charge)))?.amountMinor ?? 0;
  if (ours !== stars) run.drift.push({ code: 'amount_differs', reference: charge, count: ours - stars });
  count(days, at, 'XTR', { theirs: stars, ours });
}

/** An app store's chargeback comes without any update, so it is first seen here. */
async function compareRefund(app: App, run: Run, days: Days, refund: StarTransaction, payment?: Payment): Promise<void> {
  const { charge, stars, at } = refund;
  if (!payment || at > run.settledBy) return;
  const isNoted = payment.reversals.some(({ id, counts }) => id === `stars:${charge}` && counts);
  const takesBack = run.takesBack || payment.forgottenAt !== undefined;
  if (!isNoted && !takesBack) run.drift.push({ code: 'refund_not_taken_back', reference: payment._id, count: stars });
  const isTaken = isNoted || (takesBack && (await takeBack(app, run, payment, charge)));
  count(days, at, 'XTR', { theirs: -stars, ours: isTaken ? -stars : 0 });
}

const takeBack = (app: App, run: Run, payment: Payment, charge: string) =>
  heal(app, run, payment._id, async () => {
    await starsRefunded(app, { charge, order: payment.orderId ?? payment._id });
    return true;
  });

async function paymentsOf(app: App, page: readonly StarTransaction[]): Promise<Map<string, Payment>> {
  const ext = { $in: page.map(({ charge }) => charge) };
  const found = await app.models.payments.find({ provider: 'telegram_stars', ext, grantedAt: { $exists: true } }).lean();
  return new Map(found.map((payment) => [payment.ext ?? '', payment]));
}

async function chargeOf(app: App, charge: string): Promise<Payment | undefined> {
  const payment = await paymentOf(app, 'telegram_stars', charge);
  return payment?.grantedAt && payment;
}
