import type { App } from '../app.ts';
import type { Payment } from './payment.ts';

/** An order that was never paid is kept for so long, so that money that is still on its way finds what it is for. */
const LATE_MS = 90 * 86_400_000;
/** What the tax office may ask for. */
const RETAIN_MS = 10 * 365 * 86_400_000;

/** Gets the rows of accounts that leave ready to stand for nobody: no order is open, and each row says until when it is kept. Safe to repeat. */
export async function forgetPayments(app: App, accountIds: readonly string[]): Promise<void> {
  const { payments } = app.models;
  const theirs = { accountId: { $in: accountIds } };
  // The name of an open order's place holds the account's number.
  await payments.updateMany(
    { ...theirs, ext: { $gte: 'order:', $lt: 'order;' } },
    { $set: { status: 'expired' }, $unset: { ext: 1 }, $inc: { rev: 1 } },
  );
  const until = (ms: number) => ({ $set: { retainUntil: new Date(app.now() + ms) }, $inc: { rev: 1 } });
  const unsaid = { ...theirs, retainUntil: { $exists: false } };
  await payments.updateMany({ ...unsaid, paidAt: { $exists: true } }, until(RETAIN_MS));
  await payments.updateMany(unsaid, until(LATE_MS));
}

/** Whether its person has left: it brings and takes no credits, and nobody is told. */
export const isForgotten = ({ forgottenAt }: Pick<Payment, 'forgottenAt'>): boolean => forgottenAt !== undefined;
