import { randomBytes } from 'node:crypto';
import type { ClientSession } from 'mongoose';
import { ERASURES, type ErasureDocument, type ErasureScope } from '../../../models/erasure.ts';
import type { App } from '../../app.ts';
import type { Place } from '../../chat.ts';
import { placeSchema } from '../../generations/sealed.ts';
import type { Sealed } from '../../keys.ts';

export type { ErasureDocument as Erasure, ErasureScope, ErasureStep } from '../../../models/erasure.ts';

/** How long a person can change their mind, in milliseconds. */
export const CHANGE_MIND_MS = 72 * 3_600_000;
/** An offer that nobody took is forgotten after this. */
export const OFFER_MS = 3_600_000;
/** What no doorbell reached is looked after this much later. */
export const LOOK_AFTER_MS = 10_000;

/** 22 letters by chance: they fit into a button's line. */
export const newErasureId = (): string => randomBytes(16).toString('base64url');
/** What stands for a person in rows that must stay. */
export const newPseudonym = (): string => `gone-${randomBytes(16).toString('base64url')}`;

export async function readErasure(app: App, id: string): Promise<ErasureDocument | undefined> {
  return (await app.models.erasures.findById(id).lean()) ?? undefined;
}

export interface ErasureChanges {
  set?: Partial<ErasureDocument>;
  unset?: readonly (keyof ErasureDocument)[];
}

/** Changes an erasure if it still is what it was when this was decided. Undefined: somebody else was faster. */
export async function changeErasure(
  app: App,
  { _id, rev, state }: Pick<ErasureDocument, '_id' | 'rev' | 'state'>,
  { set = {}, unset = [] }: ErasureChanges,
  session?: ClientSession,
): Promise<ErasureDocument | undefined> {
  const update = {
    $set: set,
    $inc: { rev: 1 },
    ...(unset.length > 0 && { $unset: Object.fromEntries(unset.map((name) => [name, 1])) }),
  };
  const options = { returnDocument: 'after', ...(session && { session }) } as const;
  return (await app.models.erasures.findOneAndUpdate({ _id, rev, state }, update, options).lean()) ?? undefined;
}

const sealedAt = (id: string) => ({ collection: ERASURES, id, path: 'place' });

/** Where the person is told, sealed for the deployment: their own key will be gone by then. */
export const sealPlace = (app: App, id: string, place: Place): Sealed =>
  app.keys.sealDeployment(sealedAt(id), JSON.stringify(place));

export const openPlace = (app: App, { _id, place }: ErasureDocument): Place | undefined =>
  place && placeSchema.parse(JSON.parse(app.keys.unsealDeployment(sealedAt(_id), place)));

/** The generations that an erasure is about: of parts of an account those that were there when it was confirmed. */
export function generationsOf({ scope, accountIds = [], generation, confirmedAt, createdAt }: ErasureDocument): object {
  const theirs = { accountId: { $in: accountIds } };
  if (scope === 'account') return theirs;
  if (scope === 'video') return { ...theirs, _id: generation };
  return { ...theirs, createdAt: { $lte: confirmedAt ?? createdAt } };
}

/** Whether an erasure takes this along. */
export const takes = (scope: ErasureScope, what: 'media' | 'prompts'): boolean =>
  scope === 'account' || scope === 'video' || scope === what;
