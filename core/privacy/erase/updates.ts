import type { App } from '../../app.ts';
import { KeyDestroyed } from '../../keys.ts';
import { type Erasure, openPlace } from './erasure.ts';

/**
 * Messages of theirs that a dead process has left in the inbox are not handled any more: the very press that asked for the end would make
 * its person an account anew.
 */
export async function dropUpdates(app: App, erasure: Erasure): Promise<void> {
  const place = openPlace(app, erasure);
  const chats = [...(place?.platform === 'telegram' ? [place.chat, place.user] : []), ...(await homesOf(app, erasure))];
  if (chats.length === 0) return;
  const chat = { $in: [...new Set(chats)].map((id) => app.keys.blindIndex('chat', id)) };
  // Those that wait have a time at which they are due, and are few.
  await app.models.storedUpdates.updateMany(
    { dueAt: { $gt: new Date(0) }, chat },
    { $set: { state: 'done' }, $unset: { body: 1, dueAt: 1 } },
  );
}

/** Their private Telegram chats, while their keys still open them. */
async function homesOf(app: App, { accountIds = [] }: Erasure): Promise<string[]> {
  const homes: string[] = [];
  for (const { _id: id, keyId, home } of await app.models.accounts
    .find({ _id: { $in: accountIds } }, { keyId: 1, home: 1 })
    .lean()) {
    if (!home) continue;
    try {
      const keys = app.keys.open(await app.models.keys.findById(keyId).lean());
      homes.push(keys.unseal({ collection: 'accounts', id, path: 'home' }, home));
    } catch (error) {
      if (!(error instanceof KeyDestroyed)) throw error;
    }
  }
  return homes;
}
