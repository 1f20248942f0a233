import { randomUUID } from 'node:crypto';
import type { ClientSession } from 'mongoose';
import { ACCOUNTS, type AccountDocument } from '../../models/account.ts';
import { LINK_CODES, type LinkCodeDocument } from '../../models/link-code.ts';
import type { Account } from '../accounts.ts';
import type { App } from '../app.ts';
import { separate } from '../privacy/erase/parted.ts';
import { inTransaction } from '../transaction.ts';
import { type Acting, FORGET_MS, OFFER_MS } from './offer.ts';
import { offerGone, sorry } from './refusals.ts';
import { accountsTogether } from './wallet.ts';

/** Whether the credits are kept by the account that asks, or by the other one. */
export const isKeeper = ({ id, wallet }: Pick<Account, 'id' | 'wallet'>): boolean => wallet === id;

/** Asks whether two accounts shall be separated; the id of the answer. Throws UserError('not_linked'). */
export async function offerParting({ app, account, platform, at }: Acting): Promise<string> {
  const { id: accountId, partner } = account;
  if (!partner) throw notLinked();
  const _id = randomUUID();
  await app.models.linkCodes.insertOne({
    ...{ _id, purpose: 'unlink', state: 'offered', accountId, platform, partner },
    createdAt: new Date(at),
    expiresAt: new Date(at + OFFER_MS),
    forgetAt: new Date(at + FORGET_MS),
  });
  return _id;
}

const notLinked = () => sorry('not_linked', 'This account shares its credits with no other one. /link joins two.');

/** Separates two accounts: no credits move, each uses its own credit account again. Throws UserError: offer_gone, not_linked. */
export async function part({ app, account, at }: Acting, id: string): Promise<void> {
  const asked = await app.models.linkCodes.findOne({ _id: id, purpose: 'unlink', accountId: account.id }).lean();
  // The same answer again. Joined anew meanwhile, it is an old button.
  if (asked?.state === 'done' && !(await accountsTogether(app, account.id)).includes(asked.partner ?? '')) return;
  if (asked?.state !== 'offered' || asked.expiresAt.getTime() <= at) throw offerGone();
  if (!account.partner || account.partner !== asked.partner) throw notLinked();
  const [keeper, guest] = isKeeper(account) ? [account.id, account.partner] : [account.partner, account.id];
  const parted = await inTransaction(app.connection, async (session) => {
    const ours = await unbind(app, id, keeper, guest, session);
    if (!ours) await session.abortTransaction();
    return ours;
  });
  if (!parted && !(await app.models.linkCodes.exists({ _id: id, state: 'done' }))) throw notLinked();
  if (parted) app.log.info('accounts separated', { reference: id });
}

async function unbind(app: App, id: string, keeper: string, guest: string, session: ClientSession): Promise<boolean> {
  const links = app.connection.collection<LinkCodeDocument>(LINK_CODES);
  const accounts = app.connection.collection<AccountDocument>(ACCOUNTS);
  const taken = await links.updateOne({ _id: id, state: 'offered' }, { $set: { state: 'done' } }, { session });
  if (taken.matchedCount !== 1) return false;
  const settled = { joining: { $exists: false }, status: 'active' } as const;
  const left = await accounts.updateOne(
    { _id: guest, partner: keeper, wallet: keeper, ...settled },
    { $set: { wallet: guest }, $unset: { partner: 1 } },
    { session },
  );
  if (left.matchedCount !== 1) return false;
  const kept = await accounts.updateOne({ _id: keeper, partner: guest, ...settled }, { $unset: { partner: 1 } }, { session });
  if (kept.matchedCount !== 1) return false;
  await separate(app, [keeper, guest], session);
  return true;
}
