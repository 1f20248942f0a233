import { randomInt, randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { GenerationDocument, GenerationState } from '../../models/generation.ts';
import type { App } from '../app.ts';
import { UserError } from '../errors.ts';
import { ASPECT_RATIOS, type Look, lookOf, STYLES } from '../generations/options.ts';
import { keysOf } from '../generations/read.ts';
import { prompt as promptField } from '../generations/sealed.ts';
import type { AspectRatio, Style } from '../providers/provider.ts';
import { type ConsentProof, prove, stillHolds } from './consents.ts';
import { recordPrivacyEvent } from './events.ts';

/** Refuses, when it is compiled, a record with a field that could hold any text. */
export type WithoutFreeText<T extends { [K in keyof T]: string extends T[K] ? never : T[K] }> = T;

const daySchema = z.templateLiteral([z.int(), '-', z.int(), '-', z.int()]);
export type Day = z.infer<typeof daySchema>;

/** The day of a moment (milliseconds since the epoch), in UTC: "2026-11-24". */
export const dayOf = (at: number): Day => daySchema.parse(new Date(at).toISOString().slice(0, 10));

/** Everything that is ever counted: words from fixed lists, and a number. */
export type UsageCell = WithoutFreeText<{
  day: Day;
  source: 'words' | 'picture';
  style: Style;
  aspectRatio: AspectRatio;
  length: 'short' | 'middle' | 'long';
  outcome: 'made' | 'late' | 'failed' | 'cancelled' | 'refused';
  videos: number;
}>;

/** A cell of fewer people is dropped before anything is written. */
export const FEWEST_PEOPLE = 20;
/** So many videos of one person count in a cell: with twenty people nobody makes up a tenth of it. */
export const MOST_OF_ONE = 2;

const MADE_STATES = ['done', 'delivering', 'delivered', 'undelivered'] as const satisfies readonly GenerationState[];
const ENDED_STATES = [...MADE_STATES, 'failed', 'told'] as const satisfies readonly GenerationState[];
const DAY_MS = 86_400_000;

const either = (condition: object, yes: unknown, no: unknown) => ({ $cond: [condition, yes, no] });
const faultIs = (...faults: readonly string[]) => ({ $in: ['$fault', faults] });

const CELL = {
  source: either({ $eq: ['$hasImage', true] }, 'picture', 'words'),
  style: '$style',
  aspectRatio: '$aspectRatio',
  length: either({ $lte: ['$seconds', 4] }, 'short', either({ $lte: ['$seconds', 7] }, 'middle', 'long')),
  outcome: either(
    { $in: ['$state', [...MADE_STATES]] },
    either({ $eq: ['$free', true] }, 'late', 'made'),
    either(faultIs('cancelled'), 'cancelled', either(faultIs('content_policy', 'invalid_input'), 'refused', 'failed')),
  ),
};

/**
 * Counts what was asked for on a day that is over and writes the cells that enough people are in; the grouping happens in the database. What
 * is written of a day stays: counted again after somebody has left, the difference would be about them. Gives back how many cells there are.
 */
export async function countDay(app: App, day: Day): Promise<number> {
  const from = new Date(`${day}T00:00:00Z`);
  const cells = await app.models.generations.aggregate<{ _id: Omit<UsageCell, 'day' | 'videos'>; videos: number }>([
    {
      $match: {
        state: { $in: [...ENDED_STATES] },
        createdAt: { $gte: from, $lt: new Date(from.getTime() + DAY_MS) },
        style: { $in: STYLES.map(({ value }) => value) },
        aspectRatio: { $in: ASPECT_RATIOS.map(({ value }) => value) },
      },
    },
    // Two accounts that share a wallet are one person.
    { $group: { _id: { ...CELL, person: { $ifNull: ['$wallet', '$accountId'] } }, videos: { $sum: 1 } } },
    {
      $group: {
        _id: Object.fromEntries(Object.keys(CELL).map((name) => [name, `$_id.${name}`])),
        people: { $sum: 1 },
        videos: { $sum: either({ $gt: ['$videos', MOST_OF_ONE] }, MOST_OF_ONE, '$videos') },
      },
    },
    { $match: { people: { $gte: FEWEST_PEOPLE } } },
    { $project: { videos: 1 } },
  ]);
  for (const { _id, videos } of cells) await keep(app, { day, ..._id, videos });
  return cells.length;
}

async function keep(app: App, cell: UsageCell): Promise<void> {
  const { day, source, style, aspectRatio, length, outcome, videos } = cell;
  const _id = [day, source, style, aspectRatio, length, outcome].join(' ');
  const row = { day, source, style, aspectRatio, length, outcome, videos };
  await app.models.usageCounts.updateOne({ _id }, { $setOnInsert: row }, { upsert: true });
}

export interface Sample extends Look {
  id: string;
  prompt: string;
}

/**
 * What staff see of one video to judge its quality. The look stands in the person's access log before anything is opened; nothing is kept.
 * Throws UserError where the proof does not hold (any more).
 */
export async function reviewSample(
  app: App,
  proof: ConsentProof<'improvement'>,
  generation: GenerationDocument,
): Promise<Sample> {
  if (proof.accountId !== generation.accountId || !(await stillHolds(app, proof)))
    throw new UserError('no_consent', 'This person does not agree to it (any more). Nothing was shown.');
  const { accountId, _id: id } = generation;
  const why = { actor: 'staff', role: 'quality', action: 'looked_at_video', reason: 'quality_review' } as const;
  await recordPrivacyEvent(app, { accountId, ...why, at: app.now() });
  const prompt = promptField.open(await keysOf(app, generation), id, generation.prompt);
  return { id, prompt, ...lookOf(generation) };
}

const RECENT = 20;
const MOST_ROWS = 500;

/** A recent video of somebody who agrees to it at this moment, by chance, with the proof. Undefined: there is none. */
export async function pickForReview(
  app: App,
): Promise<{ proof: ConsentProof<'improvement'>; generation: GenerationDocument } | undefined> {
  const asked = { purpose: 'improvement', act: 'grant' } as const;
  // Account ids are random: those behind a random one are a random part of all.
  const from = randomUUID();
  const some = (accountId: object) =>
    app.models.consents
      .find({ ...asked, accountId }, { accountId: 1 })
      .sort({ accountId: 1 })
      .limit(MOST_ROWS)
      .lean();
  const rows = [...(await some({ $gt: from })), ...(await some({ $lte: from }))];
  const people = [...new Set(rows.map(({ accountId }) => accountId))];
  while (people.length > 0) {
    const [accountId = ''] = people.splice(randomInt(people.length), 1);
    const generation = (await prove(app, accountId, 'improvement')) && (await recentOf(app, accountId));
    // Asked last, so that the proof is as young as can be.
    const proof = generation && (await prove(app, accountId, 'improvement'));
    if (proof) return { proof, generation };
  }
  return undefined;
}

async function recentOf(app: App, accountId: string): Promise<GenerationDocument | undefined> {
  const kept = {
    accountId,
    state: 'delivered',
    'removed.prompt': { $exists: false },
    'removed.video': { $exists: false },
  } as const;
  const found = await app.models.generations.find(kept).sort({ createdAt: -1 }).limit(RECENT).lean();
  return found.length > 0 ? found[randomInt(found.length)] : undefined;
}
