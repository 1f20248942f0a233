import type { GenerationDocument } from '../../../models/generation.ts';
import type { App } from '../../app.ts';
import type { Place } from '../../chat.ts';
import { keysOf } from '../../generations/read.ts';
import { place as placeField, prompt as promptField } from '../../generations/sealed.ts';
import { isOneOf, OPEN_STATES } from '../../generations/states.ts';
import { type AccountKeys, KeyDestroyed } from '../../keys.ts';
import { type Erasure, takes } from './erasure.ts';
import { generationsPage } from './generations-page.ts';
import { type Outcome, OVER } from './step.ts';

const PAGE = 100;

/** What a generation still knows of a chat once nothing is brought there any more. */
const nowhere = ({ platform }: Place): Place =>
  platform === 'telegram'
    ? { platform, chat: '', user: '', group: false }
    : { platform, chat: '', user: '', application: '', interaction: { id: '', token: '', at: 0 }, canPost: false, fileLimit: 0 };

/** Empties what is to go of generations whose account stays: their amounts are the ledger's. */
export async function clearParts(app: App, erasure: Erasure): Promise<Outcome> {
  const { generations, cursor } = await generationsPage(app, erasure, PAGE);
  for (const generation of generations) {
    if (generation.state === 'asked') await app.models.generations.deleteOne({ _id: generation._id, state: 'asked' });
    else if (!(await clear(app, erasure, generation))) return { kind: 'waits', afterMs: 1 };
  }
  return cursor ? { kind: 'goes on', changes: { set: { cursor } } } : OVER;
}

/** False: it was changed meanwhile. */
async function clear(app: App, { scope }: Erasure, generation: GenerationDocument): Promise<boolean> {
  const { _id, rev, hasImage, video, removed = {}, state } = generation;
  if (isOneOf(state, OPEN_STATES)) return false;
  let keys: AccountKeys;
  try {
    keys = await keysOf(app, generation);
  } catch (error) {
    // The whole account is going at this moment, and all of this with it.
    if (error instanceof KeyDestroyed) return true;
    throw error;
  }
  const at = new Date(app.now());
  const media = takes(scope, 'media');
  const prompts = takes(scope, 'prompts');
  const set = {
    place: placeField.seal(keys, _id, nowhere(placeField.open(keys, _id, generation.place))),
    ...(prompts && { prompt: promptField.seal(keys, _id, '') }),
    removed: {
      ...removed,
      ...(media && video && { video: at }),
      ...(media && hasImage && { image: removed.image ?? at }),
      ...(prompts && { prompt: removed.prompt ?? at }),
    },
  };
  const unset = { ...(media && { video: 1 as const, uploadedAs: 1 as const, message: 1 as const }) };
  const update = { $set: set, $inc: { rev: 1 }, ...(media && { $unset: unset }) };
  return (await app.models.generations.updateOne({ _id, rev, state }, update)).matchedCount > 0;
}
