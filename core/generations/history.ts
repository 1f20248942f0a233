import type { GenerationDocument } from '../../models/generation.ts';
import type { App } from '../app.ts';

/** The account's generations, newest first; refused requests are none. */
export async function historyPage(app: App, accountId: string, skip: number, limit: number): Promise<GenerationDocument[]> {
  return app.models.generations
    .find({ accountId, state: { $ne: 'rejected' } })
    .sort({ createdAt: -1 })
    .skip(skip)
    .limit(limit)
    .lean();
}
