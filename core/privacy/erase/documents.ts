import type { App } from '../../app.ts';
import { forgetPayments } from '../../payments/forget.ts';
import { DEPARTURE_MS } from './census.ts';
import type { Erasure } from './erasure.ts';
import { documentsOf, ownedBy, ROOMS_TO_CLEAR, type Room, roomsLeft } from './owned.ts';
import { clearParts } from './parts.ts';
import { OVER, type Step } from './step.ts';
import { dropUpdates } from './updates.ts';

/** Removes the documents, as the registry says of each collection. Of a living account only parts of its generations go. */
export const removeDocuments: Step = (app, erasure) =>
  erasure.scope === 'account' ? clearRooms(app, erasure).then(() => OVER) : clearParts(app, erasure);

/** Everything that an account owned, the account itself last. Safe to repeat: what is gone is not found again. */
export async function clearRooms(app: App, erasure: Erasure): Promise<void> {
  const { accountIds = [], keyIds = [] } = erasure;
  await dropUpdates(app, erasure);
  await noteDepartures(app, erasure);
  await leaveOtherErasures(app, erasure);
  await forgetPayments(app, accountIds);
  for (const room of ROOMS_TO_CLEAR) {
    const theirs = ownedBy(room, { accountIds, keyIds });
    if (room.rule.erase.how === 'delete') await documentsOf(app, room).deleteMany(theirs);
    else await documentsOf(app, room).updateMany(theirs, underPseudonym(app, room, erasure));
  }
}

/** What the registry says of each path where rows stay: those who are changed beside this see that the row has moved on. */
export function underPseudonym(app: App, { rule }: Room, { pseudonym }: Pick<Erasure, 'pseudonym'>) {
  const paths = (becomes: 'drop' | 'pseudonym') =>
    Object.entries(rule.paths).flatMap(([path, { whenKept }]) => (whenKept === becomes ? [path] : []));
  return {
    $set: { ...Object.fromEntries(paths('pseudonym').map((path) => [path, pseudonym])), forgottenAt: new Date(app.now()) },
    $unset: Object.fromEntries(paths('drop').map((path) => [path, 1 as const])),
    $inc: { rev: 1 },
  };
}

/** Before the identities go: that their welcome credits were had, under a name of its own. */
async function noteDepartures(app: App, { accountIds = [] }: Erasure): Promise<void> {
  const leaving = await app.models.accounts.find({ _id: { $in: accountIds } }, { identities: 1 }).lean();
  const forgetAt = new Date(app.now() + DEPARTURE_MS);
  for (const { hash } of leaving.flatMap(({ identities }) => identities)) {
    await app.models.departures.updateOne(
      { _id: app.keys.blindIndex('departure', hash) },
      { $set: { forgetAt } },
      { upsert: true },
    );
  }
}

/** Other erasures of theirs that are not under way have nothing left to do; those that are end by themselves. */
async function leaveOtherErasures(app: App, { _id, accountIds = [], keyIds = [] }: Erasure): Promise<void> {
  const { erasures } = app.models;
  const others = await erasures.find({ accountIds: { $in: accountIds }, _id: { $ne: _id } }).lean();
  for (const other of others) {
    const left = (other.accountIds ?? []).filter((id) => !accountIds.includes(id));
    if (other.state === 'running' || other.state === 'done') continue;
    if (left.length === 0) await erasures.deleteOne({ _id: other._id, state: other.state });
    else
      await erasures.updateOne(
        { _id: other._id },
        { $pull: { accountIds: { $in: accountIds }, keyIds: { $in: keyIds } }, $inc: { rev: 1 } },
      );
  }
}

/** Collections in which something of a deleted account is left. */
export async function documentsLeft(app: App, { scope, accountIds = [], keyIds = [] }: Erasure): Promise<string[]> {
  return scope === 'account' ? roomsLeft(app, { accountIds, keyIds }) : [];
}
