import type { App } from '../core/app.ts';
import { pickForReview, reviewSample } from '../core/privacy/improvement.ts';
import { describeLook } from '../core/texts/generations.ts';

/**
 * One recent video, by chance, of a person who agrees that staff judge it: its id, its prompt and its look. The person's access log tells
 * of it, and nothing is kept.
 */
export async function sample(app: App): Promise<string[]> {
  const picked = await pickForReview(app);
  if (!picked) return ['Nobody agrees to it at the moment, or those who do have no video. Nothing was looked at.'];
  const shown = await reviewSample(app, picked.proof, picked.generation);
  return [
    "Noted in the person's access log: quality review.",
    `video   ${shown.id}`,
    `prompt  ${shown.prompt || '(from a picture)'}`,
    `look    ${describeLook(shown)}`,
  ];
}
