import type { App } from '../../app.ts';
import type { Erasure } from './erasure.ts';
import { OVER, type Step } from './step.ts';

/** From here on everything that was sealed for these people is noise, also in every backup but those of the keys. */
export const destroyKeys: Step = async (app, erasure) => {
  if (erasure.scope === 'account') await destroyKeysOf(app, erasure);
  return OVER;
};

/** The empty place of a key stays for good: a key that is not there must never be made anew. */
export async function destroyKeysOf(app: App, { keyIds = [] }: Erasure): Promise<void> {
  await app.models.keys.updateMany(
    { _id: { $in: keyIds }, state: 'active' },
    { $set: { state: 'destroyed', destroyedAt: new Date(app.now()) }, $unset: { wrapped: 1 } },
  );
}
