import type { GenerationDocument } from '../../models/generation.ts';
import type { App } from '../app.ts';
import { accountsTogether } from '../wallet/wallet.ts';

/** The generations of an account and the one that shares its wallet, newest first; refused requests and open questions are none. */
export async function historyPage(app: App, accountId: string, skip: number, limit: number): Promise<GenerationDocument[]> {
  return app.models.generations
    .find({ accountId: { $in: await accountsTogether(app, accountId) }, state: { $nin: ['rejected', 'asked'] } })
    .sort({ createdAt: -1 })
    .skip(skip)
    .limit(limit)
    .lean();
}
