import { ACCOUNTS, type AccountDocument } from '../../models/account.ts';
import type { App } from '../app.ts';
import { UserError } from '../errors.ts';

export const MOST_WRONG = 5;
const WINDOW_MS = 3_600_000;

const accountsOf = (app: App) => app.connection.collection<AccountDocument>(ACCOUNTS);

/** Counts a code as wrong before it is looked at, so that many at once are no more tries. Throws UserError('too_many_tries'). */
export async function takeTry(app: App, accountId: string, at: number): Promise<void> {
  const until = new Date(at + WINDOW_MS);
  const isOpen = { $gt: ['$linkTries.until', new Date(at)] };
  const filter = {
    _id: accountId,
    $nor: [{ 'linkTries.count': { $gte: MOST_WRONG }, 'linkTries.until': { $gt: new Date(at) } }],
  };
  const counted = { count: { $add: ['$linkTries.count', 1] }, until: '$linkTries.until' };
  const { matchedCount } = await accountsOf(app).updateOne(filter, [
    { $set: { linkTries: { $cond: [isOpen, counted, { count: 1, until }] } } },
  ]);
  if (matchedCount === 0) {
    throw new UserError(
      'too_many_tries',
      `Those were ${MOST_WRONG} wrong codes within an hour. Please wait an hour, then show a new code on the other platform with /link. Nothing was changed.`,
    );
  }
}

/** The code was right. */
export async function giveTryBack(app: App, accountId: string): Promise<void> {
  await accountsOf(app).updateOne({ _id: accountId, 'linkTries.count': { $gt: 0 } }, { $inc: { 'linkTries.count': -1 } });
}
