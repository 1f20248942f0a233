import type { GenerationDocument } from '../../models/generation.ts';
import type { App } from '../app.ts';
import { accountsTogether } from '../wallet/wallet.ts';
import { payerOf } from './read.ts';
import { giveUp } from './settle.ts';
import { OPEN_STATES } from './states.ts';

/** How often a generation that moves on at the same moment is looked at again. */
const ATTEMPTS = 10;

/** Stops a generation of the account or the one that shares its wallet (the newest unfinished one when none is named) and gives its credits back. Undefined: nothing to stop. */
export async function cancelGeneration(
  app: App,
  accountId: string,
  id?: string,
): Promise<{ price: number; available: number } | undefined> {
  const accounts = await accountsTogether(app, accountId);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const generation = await findOpen(app, accounts, id);
    if (!generation) return undefined;
    if (await giveUp(app, generation, 'cancelled')) {
      const credits = await app.models.creditAccounts.findById(payerOf(generation), { available: 1 }).lean();
      return { price: generation.price, available: credits?.available ?? 0 };
    }
  }
  throw new Error('a generation moved on faster than it could be cancelled');
}

async function findOpen(app: App, accounts: readonly string[], id?: string): Promise<GenerationDocument | null> {
  const filter = { accountId: { $in: accounts }, state: { $in: OPEN_STATES }, ...(id && { _id: id }) };
  return app.models.generations.findOne(filter).sort({ createdAt: -1 }).lean();
}
