import { randomUUID } from 'node:crypto';
import type { LinkCodeDocument } from '../../models/link-code.ts';
import type { Account } from '../accounts.ts';
import type { App } from '../app.ts';
import type { Platform } from '../chat.ts';
import { readAccount } from '../credits/account.ts';
import { reduce } from '../credits/ledger.ts';
import type { CreditAccount } from '../credits/types.ts';
import type { UserError } from '../errors.ts';
import { activePlanOf } from '../payments/subscriptions.ts';
import { newCode, readCode } from './code.ts';
import { alreadyLinked, refuseIfBound, sorry } from './refusals.ts';
import { giveTryBack, takeTry } from './tries.ts';

/** How long a code can be used, and a button pressed, in milliseconds. */
export const OFFER_MS = 5 * 60_000;
/** A repeat of an old request still finds what came of it. */
export const FORGET_MS = 86_400_000;

/** Somebody acts on a platform at a time in milliseconds since the epoch. */
export interface Acting {
  app: App;
  account: Account;
  platform: Platform;
  at: number;
}

/** What joining will do. Credits as of now. */
export interface Offer {
  id: string;
  /** Where the code was shown, whose account is kept as the wallet. */
  keeper: Platform;
  there: number;
  here: number;
  bothHavePlans: boolean;
}

const hashOf = (app: App, code: string): string => app.keys.blindIndex('link code', code);

/** A new code of this account; the one before does nothing any more. Only its keyed hash is kept. */
export async function showCode({ app, account, platform, at }: Acting): Promise<string> {
  if (account.partner) throw alreadyLinked();
  const { linkCodes } = app.models;
  await linkCodes.updateMany({ accountId: account.id, state: 'shown' }, { $set: { state: 'left' }, $unset: { codeHash: 1 } });
  const code = newCode();
  await linkCodes.insertOne({
    _id: randomUUID(),
    purpose: 'link',
    state: 'shown',
    accountId: account.id,
    platform,
    codeHash: hashOf(app, code),
    createdAt: new Date(at),
    expiresAt: new Date(at + OFFER_MS),
    forgetAt: new Date(at + FORGET_MS),
  });
  return code;
}

/**
 * Takes a code, which nobody else can use from then on, and says what joining will do. Throws UserError: too_many_tries, code_wrong,
 * own_code, same_platform, already_linked, and what `refuseIfBound` throws; a code that was refused can be entered again.
 */
export async function takeCode({ app, account, platform, at }: Acting, typed: string): Promise<Offer> {
  await takeTry(app, account.id, at);
  const link = await app.models.linkCodes
    .findOne({ codeHash: hashOf(app, readCode(typed)), expiresAt: { $gt: new Date(at) } })
    .lean();
  if (!link || (link.state === 'offered' && link.partner !== account.id)) throw wrongCode();
  await giveTryBack(app, account.id);
  if (link.accountId === account.id) {
    throw sorry(
      'own_code',
      'This code is your own. Send it to me on the other platform, from the account that is to join this one.',
    );
  }
  if (link.platform === platform) {
    throw sorry('same_platform', 'I can join a Discord account with a Telegram account, not two on the same platform.');
  }
  if (account.partner) throw alreadyLinked();
  const keeper = await keeperOf(app, link, at);
  const here = reduce(account.credits, { key: 'look', type: 'expire' }, at).account;
  refuseIfBound(here, 'here');
  const offered = await claim(app, link, account.id, at);
  if (!offered) throw wrongCode();
  return {
    id: link._id,
    keeper: link.platform,
    there: keeper.available,
    here: here.available,
    bothHavePlans: Boolean((await activePlanOf(app, account.id, at)) && (await activePlanOf(app, link.accountId, at))),
  };
}

const wrongCode = (): UserError =>
  sorry('code_wrong', 'That code is wrong, used up or older than 5 minutes. /link on the other platform shows a new one.');

/** The credits of the account that will be the wallet, once nothing speaks against it. */
export async function keeperOf(app: App, { accountId }: Pick<LinkCodeDocument, 'accountId'>, at: number): Promise<CreditAccount> {
  const keeper = await app.models.accounts.findById(accountId, { partner: 1, status: 1 }).lean();
  if (keeper && keeper.status !== 'active')
    throw sorry('account_leaving', 'The account that showed this code is about to be deleted.');
  if (!keeper || keeper.partner) throw sorry('already_linked', 'The account that showed this code shares its credits already.');
  const credits = reduce(await readAccount(app.connection, accountId), { key: 'look', type: 'expire' }, at).account;
  refuseIfBound(credits, 'there');
  return credits;
}

/** Of two who enter the same code at once one gets it; who has it already may ask again while it holds. */
async function claim(app: App, { _id }: LinkCodeDocument, partner: string, at: number): Promise<boolean> {
  const { modifiedCount } = await app.models.linkCodes.updateOne(
    { _id, state: 'shown' },
    { $set: { state: 'offered', partner, expiresAt: new Date(at + OFFER_MS) } },
  );
  if (modifiedCount > 0) return true;
  return (await app.models.linkCodes.exists({ _id, state: 'offered', partner })) !== null;
}

/** The person does not want it: the code is used up, and nothing was changed. */
export async function leaveOffer(app: App, account: Account, id: string): Promise<void> {
  await app.models.linkCodes.updateOne(
    { _id: id, state: 'offered', partner: account.id },
    { $set: { state: 'left' }, $unset: { codeHash: 1 } },
  );
}
