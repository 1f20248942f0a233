import type { ClientSession } from 'mongoose';
import { ACCOUNTS, type AccountDocument } from '../../models/account.ts';
import type { App } from '../app.ts';

/** The credit account that an account uses now: its own, or the one that it shares. */
export async function walletOf(app: App, accountId: string): Promise<string> {
  return (await app.models.accounts.findById(accountId, { wallet: 1 }).lean())?.wallet ?? accountId;
}

/**
 * Whether an account is there and still uses this credit account, for a transaction that writes to that credit account: joining another
 * one, and being deleted, write to it too, so that of the two one comes after the other and sees it.
 */
export async function isWalletOf(app: App, accountId: string, wallet: string, session: ClientSession): Promise<boolean> {
  const accounts = app.connection.collection<AccountDocument>(ACCOUNTS);
  const found = await accounts.findOne({ _id: accountId }, { session, projection: { wallet: 1 } });
  return found !== null && (found.wallet ?? accountId) === wallet;
}

/** The account and, when it shares a wallet, the other one. */
export async function accountsTogether(app: App, accountId: string): Promise<string[]> {
  const found = await app.models.accounts.findById(accountId, { partner: 1 }).lean();
  return found?.partner ? [accountId, found.partner] : [accountId];
}
