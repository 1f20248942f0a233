import type { ClientSession } from 'mongoose';
import { ACCOUNTS, type AccountDocument } from '../../models/account.ts';
import { LINK_CODES, type LinkCodeDocument } from '../../models/link-code.ts';
import type { App } from '../app.ts';
import type { Platform } from '../chat.ts';
import { transferCredits } from '../credits/transfer.ts';
import { describe } from '../log.ts';
import { type Acting, FORGET_MS, keeperOf } from './offer.ts';
import { alreadyLinked, offerGone, refusal } from './refusals.ts';
import { accountsTogether } from './wallet.ts';

/** A joining that was left half done is finished by tidy after this; by the next request of either account at once. */
const LOOK_AFTER_MS = 10_000;
const PAGE = 20;

type Link = LinkCodeDocument & { partner: string };

/**
 * Joins two accounts: the credits leave the one, which uses the other's credit account from then on, in one transaction; then they
 * arrive there. Safe to repeat. Throws UserError: offer_gone, already_linked, videos_open, in_debt, account_restricted.
 */
export async function join({ app, account, at }: Acting, id: string): Promise<{ keeper: Platform }> {
  const link = await offerOf(app, account.id, id);
  const keeper = link.platform;
  // The same answer again. Separated meanwhile, it is an old button.
  if (await isJoined(app, link)) return { keeper };
  if (link.state !== 'offered') throw offerGone();
  if (link.expiresAt.getTime() <= at) throw offerGone();
  if (account.partner) throw alreadyLinked();
  await keeperOf(app, link, at);
  const moved = await transferCredits({
    ...transferOf(app, link, at),
    alongside: (session) => bind(app, link, at, session),
  });
  if (moved.kind === 'rejected') throw refusal(moved.reason);
  if (moved.kind === 'taken_back' && !(await isJoined(app, link))) throw await refusalNow(app, account.id, link);
  if (moved.kind === 'transferred') {
    app.log.info('accounts joined', { reference: id, count: moved.amount });
    await close(app, link);
  }
  return { keeper };
}

/** Whether this link holds; finishes it when that was left undone. */
async function isJoined(app: App, { _id, accountId, partner }: Link): Promise<boolean> {
  return (await finishJoining(app, _id)) && (await accountsTogether(app, partner)).includes(accountId);
}

/** Left, or one of the two was joined elsewhere in this very moment. */
const refusalNow = async (app: App, accountId: string, { _id }: Link) =>
  (await offerOf(app, accountId, _id)).state === 'offered' ? alreadyLinked() : offerGone();

async function offerOf(app: App, accountId: string, id: string): Promise<Link> {
  const link = await app.models.linkCodes.findOne({ _id: id, purpose: 'link', partner: accountId }).lean();
  if (!link?.partner) throw offerGone();
  return { ...link, partner: link.partner };
}

const transferOf = ({ connection }: App, { _id: id, partner: from, accountId: to }: Link, at: number) => ({
  ...{ connection, id, from, to, at },
});

/** Both accounts are written, so that neither can be joined with a third one beside this. */
async function bind(app: App, { _id, accountId, partner }: Link, at: number, session: ClientSession): Promise<boolean> {
  const links = app.connection.collection<LinkCodeDocument>(LINK_CODES);
  const accounts = app.connection.collection<AccountDocument>(ACCOUNTS);
  const taken = await links.updateOne(
    { _id, state: 'offered', partner },
    { $set: { state: 'joining', dueAt: new Date(at + LOOK_AFTER_MS) }, $unset: { codeHash: 1, forgetAt: 1 } },
    { session },
  );
  if (taken.matchedCount !== 1) return false;
  const alone = { partner: { $exists: false }, status: 'active' } as const;
  const leaves = await accounts.updateOne(
    { _id: partner, ...alone },
    { $set: { wallet: accountId, partner: accountId, joining: _id } },
    { session },
  );
  if (leaves.matchedCount !== 1) return false;
  const keeps = await accounts.updateOne({ _id: accountId, ...alone }, { $set: { partner, joining: _id } }, { session });
  return keeps.matchedCount === 1;
}

/** Brings what has left to where it belongs, once, however often this is called. False: nothing of this link has left. */
export async function finishJoining(app: App, id: string): Promise<boolean> {
  const link = await app.models.linkCodes.findById(id).lean();
  if (!link?.partner || (link.state !== 'joining' && link.state !== 'done')) return false;
  const known: Link = { ...link, partner: link.partner };
  const moved = await transferCredits(transferOf(app, known, app.now()));
  if (moved.kind !== 'transferred') throw new Error(`the credits of link ${id} could not be moved on: ${moved.kind}`);
  await close(app, known);
  return true;
}

async function close(app: App, { _id, partner, accountId }: Link): Promise<void> {
  const { accounts, linkCodes } = app.models;
  await accounts.updateMany({ _id: { $in: [accountId, partner] }, joining: _id }, { $unset: { joining: 1 } });
  await linkCodes.updateOne(
    { _id, state: 'joining' },
    { $set: { state: 'done', forgetAt: new Date(app.now() + FORGET_MS) }, $unset: { dueAt: 1 } },
  );
}

/** Finishes every joining that a process has left half done; how many those were. */
export async function finishJoins(app: App): Promise<number> {
  const due = await app.models.linkCodes
    .find({ dueAt: { $lte: new Date(app.now()) } }, { _id: 1 })
    .sort({ dueAt: 1 })
    .limit(PAGE)
    .lean();
  for (const { _id: id } of due) {
    await finishJoining(app, id).catch((error: unknown) =>
      app.log.warn('accounts are not joined yet', { reference: id, ...describe(error) }),
    );
  }
  return due.length;
}
