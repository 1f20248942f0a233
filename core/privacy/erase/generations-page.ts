import type { GenerationDocument } from '../../../models/generation.ts';
import type { App } from '../../app.ts';
import { type Erasure, generationsOf } from './erasure.ts';

/** Oldest first, so that none is met twice while the cursor moves on. */
export interface Page {
  generations: GenerationDocument[];
  /** Where the next page begins; undefined behind the last one. */
  cursor?: string | undefined;
}

/** One page of the generations that an erasure is about, behind its cursor. */
export async function generationsPage(app: App, erasure: Erasure, limit: number, wanted: object = {}): Promise<Page> {
  const generations: GenerationDocument[] = await app.models.generations
    .find({ $and: [generationsOf(erasure), behind(erasure.cursor), wanted] })
    .sort({ createdAt: 1, _id: 1 })
    .limit(limit)
    .lean();
  const last = generations.at(-1);
  return { generations, ...(last && generations.length === limit && { cursor: `${last.createdAt.getTime()} ${last._id}` }) };
}

function behind(cursor: string | undefined): object {
  if (!cursor) return {};
  const [time, id = ''] = cursor.split(' ');
  const createdAt = new Date(Number(time));
  return { createdAt: { $gte: createdAt }, $or: [{ createdAt: { $gt: createdAt } }, { _id: { $gt: id } }] };
}
