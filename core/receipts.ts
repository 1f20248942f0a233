import type { App } from './app.ts';
import type { Entry } from './credits/types.ts';
import type { Generation } from './generations/generation.ts';
import { payerOf } from './generations/read.ts';
import type { Payment } from './payments/payment.ts';
import { accountsTogether } from './wallet/wallet.ts';

/** What happened to a person's credits, read back. Nothing here changes anything. */

/** The last entries of a credit account, newest first. */
export async function lastEntries(app: App, wallet: string, limit: number): Promise<Entry[]> {
  return app.models.ledgerEntries.find({ accountId: wallet }).sort({ seq: -1 }).limit(limit).lean();
}

/** Everything that was done to the reservation of a generation, oldest first. */
export async function entriesOfGeneration(
  app: App,
  generation: Pick<Generation, '_id' | 'accountId' | 'wallet'>,
): Promise<Entry[]> {
  return app.models.ledgerEntries
    .find({ accountId: payerOf(generation), holdId: generation._id })
    .sort({ seq: 1 })
    .lean();
}

/** The entry that gave a generation's credits back; undefined while they are not. */
export async function releaseOf(
  app: App,
  generation: Pick<Generation, '_id' | 'accountId' | 'wallet'>,
): Promise<Entry | undefined> {
  const filter = { accountId: payerOf(generation), op: `release:${generation._id}` };
  return (await app.models.ledgerEntries.findOne(filter).lean()) ?? undefined;
}

/** Everything that a payment did to credits, in whichever credit account, oldest first. */
export async function entriesOfPayment(app: App, { _id: paymentId }: Pick<Payment, '_id'>): Promise<Entry[]> {
  return app.models.ledgerEntries.find({ paymentId }).sort({ at: 1, seq: 1 }).lean();
}

/** A payment of this account or the one that shares its wallet; somebody else's is as good as none. */
export async function ownPayment(app: App, accountId: string, id: string): Promise<Payment | undefined> {
  return (
    (await app.models.payments.findOne({ _id: id, accountId: { $in: await accountsTogether(app, accountId) } }).lean()) ??
    undefined
  );
}

/** The payments of an account and the one that shares its wallet that money stands for or stood for, newest first: no mere orders. */
export async function lastPayments(app: App, accountId: string, limit: number): Promise<Payment[]> {
  const accounts = await accountsTogether(app, accountId);
  const filter = {
    accountId: { $in: accounts },
    kind: { $ne: 'plan_order' },
    status: { $nin: ['created', 'open', 'expired'] },
  } as const;
  return app.models.payments.find(filter).sort({ createdAt: -1 }).limit(limit).lean();
}

/** The months that were paid of a plan's order, newest first. */
export async function monthsOfPlan(app: App, { _id: orderId, accountId }: Payment, limit: number): Promise<Payment[]> {
  return app.models.payments.find({ orderId, accountId, kind: 'plan_period' }).sort({ createdAt: -1 }).limit(limit).lean();
}

/** Which catalogue item each of these payments was for. */
export async function itemsOfPayments(app: App, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const found = await app.models.payments.find({ _id: { $in: ids } }, { item: 1 }).lean();
  return new Map(found.map(({ _id, item }) => [_id, item]));
}

/** When the last of what a payment brought ends (milliseconds since the epoch); undefined when it does not. */
export async function lotEnds(app: App, wallet: string, paymentId: string): Promise<number | undefined> {
  const found = await app.models.creditAccounts.findById(wallet, { lots: 1 }).lean();
  const ends = found?.lots.flatMap((lot) => (lot.paymentId === paymentId && lot.expiresAt !== null ? [lot.expiresAt] : [])) ?? [];
  return ends.length > 0 ? Math.max(...ends) : undefined;
}

/** What a credit account can spend now; 0 when there is none yet. */
export async function standingOf(app: App, wallet: string): Promise<{ available: number; debt: number }> {
  const found = await app.models.creditAccounts.findById(wallet, { available: 1, debt: 1 }).lean();
  return { available: found?.available ?? 0, debt: found?.debt ?? 0 };
}
