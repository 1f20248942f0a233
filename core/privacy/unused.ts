import { ACCOUNTS, type AccountDocument } from '../../models/account.ts';
import type { App } from '../app.ts';
import type { Sends } from '../chat.ts';
import { Undeliverable } from '../errors.ts';
import { describe } from '../log.ts';
import { activePlanOf } from '../payments/subscriptions.ts';
import { unusedLetter, unusedReply } from '../texts/privacy.ts';
import { beginErasure } from './erasures.ts';
import type { Round } from './walk.ts';

const DAY_MS = 86_400_000;
/** A person is told so long before an unused account is deleted, and once more. */
const FIRST_MS = 30 * DAY_MS;
const SECOND_MS = 7 * DAY_MS;

/** The same day so many months later, or the last of that month. */
export function monthsAfter(at: number, months: number): number {
  const date = new Date(at);
  const day = date.getUTCDate();
  date.setUTCMonth(date.getUTCMonth() + months);
  if (date.getUTCDate() !== day) date.setUTCDate(0);
  return date.getTime();
}

/**
 * Tells people whose account nobody has used for `UNUSED_MONTHS` that it will be deleted, 30 and 7 days before, and then begins to delete it.
 * Accounts with credits that were paid for, a debt, a plan or a payment under way stay. Resolves with how many deletions began.
 */
export async function endUnused(app: App, sends: Sends, round: Round): Promise<number> {
  const before = new Date(monthsAfter(round.at + FIRST_MS, -app.config.UNUSED_MONTHS));
  const unused = app.models.accounts
    .find({ status: 'active', seenAt: { $lte: before } })
    .sort({ seenAt: 1 })
    .lean()
    .cursor({ batchSize: 100 });
  let ended = 0;
  for await (const account of unused) {
    try {
      if (await look(app, sends, account, round.at)) ended += 1;
    } catch (error) {
      // One account that cannot be looked at does not keep the others; it is met again in the next round.
      app.log.warn('an unused account could not be looked at', describe(error));
    }
    await round.rest();
  }
  return ended;
}

/** Whether its deletion began. */
async function look(app: App, sends: Sends, account: AccountDocument, at: number): Promise<boolean> {
  const due = dueOf(account, at, app.config.UNUSED_MONTHS);
  if (!due) return false;
  const together = await personOf(app, account);
  if (!together || (await isNeeded(app, together, at))) return false;
  if (due.step === 'tell') await tell(app, sends, together, { at, until: due.until });
  else return (await beginErasure(app, { accountIds: together.map(({ _id }) => _id), cause: 'unused', at })) !== undefined;
  return false;
}

/** What is to be done with an account that nobody uses, and when it ends; undefined while it is too early for the next step. */
function dueOf(
  { seenAt, remindedAt, unusedUntil }: AccountDocument,
  at: number,
  months: number,
): { step: 'tell' | 'end'; until: number } | undefined {
  if (!seenAt) return undefined;
  const isTold = unusedUntil && remindedAt && remindedAt > seenAt;
  if (!isTold) {
    const endsAt = monthsAfter(seenAt.getTime(), months);
    return at < endsAt - FIRST_MS ? undefined : { step: 'tell', until: Math.max(endsAt, at + FIRST_MS) };
  }
  const until = unusedUntil.getTime();
  const isToldTwice = remindedAt.getTime() >= until - SECOND_MS;
  if (isToldTwice) return at < until ? undefined : { step: 'end', until };
  return at < until - SECOND_MS ? undefined : { step: 'tell', until: Math.max(until, at + SECOND_MS) };
}

/** The accounts of the person, this one first; undefined when the other one was used later, and decides. */
async function personOf(app: App, account: AccountDocument): Promise<AccountDocument[] | undefined> {
  if (!account.partner) return [account];
  const partner = await app.models.accounts.findById(account.partner).lean();
  if (!partner) return [account];
  const own = account.seenAt?.getTime() ?? 0;
  const other = (partner.seenAt ?? partner.createdAt).getTime();
  const leads = own > other || (own === other && account._id < partner._id);
  return leads && partner.status === 'active' ? [account, partner] : undefined;
}

/** Money is bound to it: it stays, however long nobody uses it. */
async function isNeeded(app: App, together: readonly AccountDocument[], at: number): Promise<boolean> {
  const ids = together.map(({ _id }) => _id);
  const wallets = await app.models.creditAccounts
    .find({ _id: { $in: [...ids, ...together.flatMap(({ wallet }) => wallet ?? [])] } })
    .lean();
  const isOwed = wallets.some(
    ({ lots, debt, held }) => debt > 0 || held > 0 || lots.some(({ kind, remaining }) => kind === 'purchased' && remaining > 0),
  );
  if (isOwed) return true;
  const [first] = ids;
  if (first !== undefined && (await activePlanOf(app, first, at))) return true;
  const open = { accountId: { $in: ids }, status: { $in: ['open' as const, 'processing' as const] } };
  return (await app.models.payments.exists(open)) !== null;
}

interface Notice {
  at: number;
  until: number;
}

/** Told wherever the person can be reached without having asked: never on Discord. Nothing is noted while every way may still open. */
async function tell(app: App, sends: Sends, together: readonly AccountDocument[], { at, until }: Notice): Promise<void> {
  const [leader] = together;
  if (!leader?.seenAt) return;
  const outcomes = [];
  for (const account of together) outcomes.push(...(await tellAccount(app, sends, account, { at, until })));
  if (outcomes.includes('later') && !outcomes.includes('told')) return;
  await app.connection
    .collection<AccountDocument>(ACCOUNTS)
    .updateOne(
      { _id: leader._id, status: 'active', seenAt: leader.seenAt },
      { $set: { remindedAt: new Date(at), unusedUntil: new Date(until) } },
    );
}

type Outcome = 'told' | 'unreachable' | 'later';

async function tellAccount(app: App, sends: Sends, account: AccountDocument, { at, until }: Notice): Promise<Outcome[]> {
  const { _id: id, keyId, home, mail } = account;
  if (!home && !mail) return [];
  const keys = app.keys.open((await app.models.keys.findById(keyId).lean()) ?? undefined);
  const opened = (path: 'home' | 'mail', sealed: string) => keys.unseal({ collection: ACCOUNTS, id, path }, sealed);
  const day = new Date(at).toISOString().slice(0, 10);
  const outcomes: Outcome[] = [];
  if (home && sends.telegram) {
    const send = sends.telegram;
    const user = opened('home', home);
    const place = { platform: 'telegram', chat: user, user, group: false } as const;
    outcomes.push(await attempt(app, () => send(place, unusedReply(new Date(until)), { key: `unused-${day}`, kind: 'result' })));
  }
  if (mail && app.mail) {
    const letters = app.mail;
    const to = opened('mail', mail);
    outcomes.push(await attempt(app, () => letters.send({ to, ...unusedLetter(new Date(until)), id: `unused-${id}-${day}` })));
  }
  return outcomes;
}

async function attempt(app: App, send: () => Promise<unknown>): Promise<Outcome> {
  try {
    await send();
    return 'told';
  } catch (error) {
    if (error instanceof Undeliverable) return 'unreachable';
    app.log.warn('word of an unused account was not sent', describe(error));
    return 'later';
  }
}
