import type { CreditAccount } from '../credits/types.ts';
import { UserError } from '../errors.ts';

/** Every refusal of this room leaves everything as it was, and says so. */
export const sorry = (code: string, words: string): UserError => new UserError(code, `${words} Nothing was changed.`);

export const alreadyLinked = (): UserError =>
  sorry('already_linked', 'This account shares its credits with your other one already. /unlink separates them.');

export const offerGone = (): UserError =>
  sorry('offer_gone', 'That question is more than 5 minutes old or was answered before. Please start again.');

const SIDES = { here: 'here', there: 'in the account that showed the code' };

/** What makes credits stay where they are. Throws UserError: videos_open, in_debt, account_restricted. */
export function refuseIfBound({ holds, debt, restrictions }: CreditAccount, side: keyof typeof SIDES): void {
  const where = SIDES[side];
  // Only credits that leave must be free; those of the wallet stay where they are.
  if (side === 'here' && holds.length > 0) throw refusal('holds_open', where);
  if (debt > 0) throw refusal('in_debt', where);
  if (restrictions.length > 0) throw refusal('account_restricted', where);
}

/** What the person reads when the ledger refuses to move their credits. */
export function refusal(reason: string, where: string = SIDES.here): UserError {
  if (reason === 'holds_open') {
    return sorry('videos_open', 'A video is still being made here. Wait for it or stop it with /cancel, then try again.');
  }
  if (reason === 'in_debt') {
    return sorry('in_debt', `Credits are owed ${where} after a refund. Once they are paid, the accounts can be joined.`);
  }
  if (reason === 'account_restricted') {
    return sorry('account_restricted', `A payment is being disputed ${where}. Once that is settled, the accounts can be joined.`);
  }
  return sorry(reason, 'These accounts cannot be joined at the moment. Please write to support@lpmai.art.');
}
