import type { ClientSession } from 'mongoose';
import { ACCOUNTS, type AccountDocument } from '../../../models/account.ts';
import { DOWNLOADS, type DownloadDocument } from '../../../models/download.ts';
import { ERASURES, type ErasureDocument } from '../../../models/erasure.ts';
import type { App } from '../../app.ts';

/**
 * Two accounts are separated: what one of them wants deleted and has not begun is about that account alone from then on, and links to videos,
 * which both could have opened, end. Belongs into the transaction that separates them.
 */
export async function separate(
  { connection }: Pick<App, 'connection'>,
  ids: readonly string[],
  session: ClientSession,
): Promise<void> {
  const accounts = connection.collection<AccountDocument>(ACCOUNTS);
  const erasures = connection.collection<ErasureDocument>(ERASURES);
  const open = { accountIds: { $all: [...ids] }, state: { $in: ['offered', 'doubted', 'waiting'] as const } };
  for (const { _id, accountIds = [] } of await erasures.find(open, { session, projection: { accountIds: 1 } }).toArray()) {
    // Who asks stands first.
    const asker = await accounts.findOne({ _id: { $in: accountIds.slice(0, 1) } }, { session, projection: { keyId: 1 } });
    if (!asker) continue;
    const about = { accountIds: [asker._id], keyIds: [asker.keyId] };
    await erasures.updateOne({ _id }, { $set: about, $inc: { rev: 1 } }, { session });
  }
  const links = connection.collection<DownloadDocument>(DOWNLOADS);
  await links.deleteMany({ accountId: { $in: [...ids] }, what: 'video' }, { session });
}
