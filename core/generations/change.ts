import type { ClientSession } from 'mongoose';
import type { GenerationDocument } from '../../models/generation.ts';
import type { App } from '../app.ts';
import { CHANGES, type Change } from './states.ts';

export interface Changes {
  set?: Partial<GenerationDocument>;
  unset?: readonly (keyof GenerationDocument)[];
}

/** Moves a generation on, if it still is what it was when this was decided. Undefined: somebody else was faster. */
export async function change(
  app: App,
  generation: Pick<GenerationDocument, '_id' | 'rev'>,
  name: Change,
  { set = {}, unset = [] }: Changes = {},
  session?: ClientSession,
): Promise<GenerationDocument | undefined> {
  const { from, to } = CHANGES[name];
  return swap(app, generation, { state: { $in: from } }, { set: { ...set, state: to }, unset }, session);
}

/** Notes something about a generation that stays in its state. */
export const note = (app: App, { _id, rev, state }: GenerationDocument, changes: Changes, session?: ClientSession) =>
  swap(app, { _id, rev }, { state }, changes, session);

async function swap(
  app: App,
  { _id, rev }: Pick<GenerationDocument, '_id' | 'rev'>,
  filter: object,
  { set = {}, unset = [] }: Changes,
  session?: ClientSession,
): Promise<GenerationDocument | undefined> {
  const update = {
    $set: set,
    $inc: { rev: 1 },
    ...(unset.length > 0 && { $unset: Object.fromEntries(unset.map((name) => [name, 1])) }),
  };
  const changed = await app.models.generations
    .findOneAndUpdate({ _id, rev, ...filter }, update, { returnDocument: 'after', ...(session && { session }) })
    .lean();
  return changed ?? undefined;
}
