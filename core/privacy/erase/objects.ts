import { removeAllMedia } from '../../generations/objects.ts';
import { takes } from './erasure.ts';
import { generationsPage } from './generations-page.ts';
import { OVER, type Step } from './step.ts';
import { takeOutOfSight } from './stop.ts';

const PAGE = 200;

/** Removes stored pictures and videos page by page, and what was left of copies that others could see or fetch. */
export const removeObjects: Step = async (app, erasure) => {
  if (!erasure.cursor) await takeOutOfSight(app, erasure);
  if (!takes(erasure.scope, 'media')) return OVER;
  const { generations, cursor } = await generationsPage(app, erasure, PAGE);
  await removeAllMedia(
    app,
    generations.map(({ _id }) => _id),
  );
  for (const { _id } of generations) await app.queue.forget(_id);
  return cursor ? { kind: 'goes on', changes: { set: { cursor } } } : OVER;
};
