import type { SubscriptionDocument } from '../../models/subscription.ts';
import type { App } from '../app.ts';
import { isDuplicateKey } from '../transaction.ts';
import { accountsTogether } from '../wallet/wallet.ts';

export type { SubscriptionDocument as Subscription } from '../../models/subscription.ts';

/** How long a plan's credits live on after their month, in milliseconds. */
export const GRACE_MS = 3 * 86_400_000;

/** Stores a subscription as its rail has just told it. What was asked for earlier never replaces what was asked for later. */
export async function keepSubscription(app: App, { _id, rev: _, ...facts }: SubscriptionDocument): Promise<void> {
  const filter = { _id, syncedAt: { $lte: facts.syncedAt } };
  try {
    await app.models.subscriptions.updateOne(filter, { $set: facts, $inc: { rev: 1 } }, { upsert: true });
  } catch (error) {
    // The stored one is newer: the filter missed it, and its id is taken.
    if (!isDuplicateKey(error)) throw error;
  }
}

/**
 * The plan that this account, or the one that shares its wallet, pays for at `at` (milliseconds since the epoch). Only Stripe says when a plan has ended; elsewhere it
 * has when its month and the grace are over.
 */
export async function activePlanOf(app: App, accountId: string, at: number): Promise<SubscriptionDocument | undefined> {
  const found = await app.models.subscriptions
    .findOne({
      accountId: { $in: await accountsTogether(app, accountId) },
      status: { $ne: 'ended' },
      $or: [{ provider: 'stripe' }, { periodEnd: { $gt: new Date(at - GRACE_MS) } }],
    })
    .sort({ syncedAt: -1 })
    .lean();
  return found ?? undefined;
}
