import type { GenerationDocument } from '../../../models/generation.ts';
import type { App } from '../../app.ts';
import type { Removes } from '../../chat.ts';
import { keysOf } from '../../generations/read.ts';
import { message as messageField, place as placeField } from '../../generations/sealed.ts';
import { KeyDestroyed } from '../../keys.ts';
import { describe } from '../../log.ts';
import { takes } from './erasure.ts';
import { generationsPage } from './generations-page.ts';
import { counted, countOf, OVER, type Step } from './step.ts';

/** Platforms count what a bot removes: a page, then a pause. */
const PAGE = 20;
const PAUSE_MS = 1_000;
/** After so many tries a message that could not be removed is noted as one that stays. */
const MOST_TRIES = 5;

/** Takes back the messages with their videos, where the platform lets us. What stays in the chats is counted and named. */
export const clearChats: Step = async (app, erasure, { removes }) => {
  if (!takes(erasure.scope, 'media')) return OVER;
  const { generations, cursor } = await generationsPage(app, erasure, PAGE, { message: { $exists: true } });
  let { counts } = erasure;
  for (const generation of generations) {
    const isGone = await takeBack(app, removes, generation, erasure.tries >= MOST_TRIES);
    counts = counted(counts, isGone ? 'messages' : 'messages_left', 1);
  }
  if (cursor) return { kind: 'goes on', changes: { set: { counts, cursor, tries: 0 } }, afterMs: PAUSE_MS };
  const left = countOf(counts, 'messages_left');
  const staying = { what: `${left} messages of the bot in your chats`, ground: 'the platform lets only you remove them' };
  return { kind: 'over', changes: { set: { counts, ...(left > 0 && { kept: [...erasure.kept, staying] }) } } };
};

/** Whether the message is not there any more. Throws where trying again may help, unless it was tried often enough. */
async function takeBack(app: App, removes: Removes, generation: GenerationDocument, isLast: boolean): Promise<boolean> {
  const { _id: id, message, place: sealed } = generation;
  if (!message) return true;
  try {
    const keys = await keysOf(app, generation);
    const place = placeField.open(keys, id, sealed);
    const remove = removes[place.platform];
    return remove ? (await remove(place, messageField.open(keys, id, message))) !== 'refused' : false;
  } catch (error) {
    if (!isLast && !(error instanceof KeyDestroyed)) throw error;
    app.log.warn('a message stays in its chat', { generation: id, ...describe(error) });
    return false;
  }
}
