import type { ClientSession } from 'mongoose';
import { ACCOUNTS, type AccountDocument } from '../../../models/account.ts';
import type { App } from '../../app.ts';
import { closeAccount } from '../../credits/account.ts';
import { inTransaction } from '../../transaction.ts';
import { changeErasure, type Erasure } from './erasure.ts';

/**
 * From here on nothing new is made for these accounts: commands find them closed, and a reservation or grant that was decided before loses
 * its race, since their credit accounts are closed in the same transaction. Undefined: somebody else has moved the erasure on.
 */
export function freeze(app: App, erasure: Erasure): Promise<Erasure | undefined> {
  return inTransaction(app.connection, async (session) => {
    const moved = await changeErasure(app, erasure, { set: { step: 'stop' } }, session);
    if (moved) await freezeAccounts(app, erasure, session);
    return moved;
  });
}

/** The same without moving it on, for what a backup has brought back while it was under way. */
export const freezeAgain = (app: App, erasure: Erasure): Promise<void> =>
  inTransaction(app.connection, (session) => freezeAccounts(app, erasure, session));

async function freezeAccounts(app: App, { accountIds = [] }: Erasure, session: ClientSession): Promise<void> {
  const accounts = app.connection.collection<AccountDocument>(ACCOUNTS);
  for (const _id of accountIds) {
    const { matchedCount } = await accounts.updateOne({ _id }, { $set: { status: 'erasing' } }, { session });
    // An account that is gone gets no credit account again.
    if (matchedCount > 0) await closeAccount(app.connection, _id, session);
  }
}
