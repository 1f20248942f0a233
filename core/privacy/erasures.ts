import type { ClientSession } from 'mongoose';
import { ACCOUNTS, type AccountDocument } from '../../models/account.ts';
import { ERASURES, type ErasureDocument } from '../../models/erasure.ts';
import type { Account } from '../accounts.ts';
import type { App } from '../app.ts';
import type { Place } from '../chat.ts';
import { UserError } from '../errors.ts';
import { ownGeneration } from '../generations/read.ts';
import { inTransaction } from '../transaction.ts';
import { accountsTogether } from '../wallet/wallet.ts';
import { type Plan, planOf } from './erase/census.ts';
import {
  CHANGE_MIND_MS,
  changeErasure,
  type Erasure,
  type ErasureChanges,
  type ErasureScope,
  newErasureId,
  newPseudonym,
  OFFER_MS,
  sealPlace,
} from './erase/erasure.ts';
import { recordPrivacyEvent } from './events.ts';

export type { Plan } from './erase/census.ts';
export type { Erasure, ErasureScope } from './erase/erasure.ts';

/** So long it is remembered that a person changed their mind, for late presses of old buttons. */
const KEPT_MS = 30 * 86_400_000;
const ATTEMPTS = 10;
/** Of one account: more wait at once for nobody. */
const MOST_WAITING = 20;

export interface ErasureWish {
  account: Account;
  /** Where the person is told of the end. */
  place: Place;
  scope: ErasureScope;
  /** Which one, of scope `video`. */
  generation?: string | undefined;
  /** Milliseconds since the epoch. */
  at: number;
}

/** When an erasure begins that was confirmed `later`. */
export const beginsAt = ({ confirmedAt, createdAt }: Erasure): Date =>
  new Date((confirmedAt ?? createdAt).getTime() + CHANGE_MIND_MS);

/** Counts what would go and what would stay, and asks. Nothing is changed. Throws UserError('not_yours') for somebody else's video. */
export async function offerErasure(app: App, wish: ErasureWish): Promise<{ erasure: Erasure; plan: Plan }> {
  const { account, place, scope, generation, at } = wish;
  if (scope === 'video' && !(generation && (await ownGeneration(app, account.id, generation)))) {
    throw new UserError('not_yours', 'I cannot find that video among yours. Nothing was deleted. /privacy delete shows them.');
  }
  const accountIds = await accountsTogether(app, account.id);
  const together = await app.models.accounts.find({ _id: { $in: accountIds } }, { keyId: 1 }).lean();
  const _id = newErasureId();
  const erasure: ErasureDocument = {
    ...{ _id, rev: 0, scope, state: 'offered', accountIds, keyIds: together.map(({ keyId }) => keyId) },
    ...(scope === 'video' && generation && { generation }),
    place: sealPlace(app, _id, place),
    ...{ pseudonym: newPseudonym(), counts: [], answers: [], kept: [], cause: 'asked', tries: 0 },
    createdAt: new Date(at),
    forgetAt: new Date(at + OFFER_MS),
  };
  await app.models.erasures.insertOne(erasure);
  return { erasure, plan: await planOf(app, erasure) };
}

/** The person has chosen when: the second question. Also for one that waits already and shall begin now. Throws UserError('offer_gone'). */
export async function doubtErasure(app: App, account: Account, id: string, at: number): Promise<Erasure> {
  const asked = await ownErasure(app, account, id, at);
  if (asked.state === 'offered') await changeErasure(app, asked, { set: { state: 'doubted' } });
  else if (asked.state !== 'doubted' && asked.state !== 'waiting') throw offerGone();
  return asked;
}

/**
 * The second yes: it waits 72 hours, or it begins. Of an account's end the accounts are about to leave from the same moment on. The same
 * press again gives the same answer. Throws UserError: offer_gone, accounts_changed.
 */
export async function confirmErasure(
  app: App,
  { account, place, id, when, at }: { account: Account; place: Place; id: string; when: 'later' | 'now'; at: number },
): Promise<Erasure> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const asked = await ownErasure(app, account, id, at);
    if (asked.state === 'running' || asked.state === 'done') return asked;
    if (asked.state === 'waiting' && when === 'later') return asked;
    if (asked.state !== 'doubted' && asked.state !== 'waiting') throw offerGone();
    const confirmed = await inTransaction(app.connection, async (session) => {
      const moved = await changeErasure(app, asked, confirmation(app, asked, place, when, at), session);
      if (moved && asked.scope === 'account' && asked.state === 'doubted') await leave(app, asked, session);
      return moved;
    });
    if (!confirmed) continue;
    // The log of an account that goes at once goes with it.
    const isLogged = asked.scope !== 'account' || when === 'later';
    if (asked.state === 'doubted' && isLogged) await noteFor(app, confirmed, 'erasure_asked', at);
    await app.queue.ring('erase', id);
    return confirmed;
  }
  throw new Error('an erasure changed faster than it could be confirmed');
}

function confirmation(app: App, { _id, confirmedAt }: Erasure, place: Place, when: 'later' | 'now', at: number): ErasureChanges {
  const now = new Date(at);
  const set = { confirmedAt: confirmedAt ?? now, place: sealPlace(app, _id, place), dueAt: now };
  if (when === 'later') return { set: { ...set, state: 'waiting' }, unset: ['forgetAt'] };
  return { set: { ...set, state: 'running', step: 'journal', startedAt: now }, unset: ['forgetAt'] };
}

/** Both of two linked accounts, as they were when it was asked, or neither. */
async function leave(app: App, { _id, accountIds = [] }: Erasure, session: ClientSession): Promise<void> {
  const accounts = app.connection.collection<AccountDocument>(ACCOUNTS);
  for (const id of accountIds) {
    const other = accountIds.find((one) => one !== id);
    const { matchedCount } = await accounts.updateOne(
      { _id: id, status: 'active', joining: { $exists: false }, partner: other ?? { $exists: false } },
      { $set: { status: 'leaving', leaving: _id } },
      { session },
    );
    if (matchedCount === 1) continue;
    throw new UserError(
      'accounts_changed',
      'Your accounts were linked or separated since I asked. Nothing was deleted. Please begin again with /privacy delete.',
    );
  }
}

/** The person has changed their mind, or said no at once: everything stays as it is. Throws UserError: offer_gone, too_late. */
export async function keepAccount(app: App, account: Account, id: string, at: number): Promise<Erasure> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const asked = await ownErasure(app, account, id, at);
    if (asked.state === 'kept') return asked;
    if (asked.state === 'running' || asked.state === 'done') {
      throw new UserError(
        'too_late',
        'It has begun already and cannot be stopped any more. The receipt tells you when it is done.',
      );
    }
    const changes: ErasureChanges = { set: { state: 'kept', forgetAt: new Date(at + KEPT_MS) }, unset: ['dueAt', 'leaseUntil'] };
    const kept = await inTransaction(app.connection, async (session) => {
      const moved = await changeErasure(app, asked, changes, session);
      if (moved) await stay(app, asked, session);
      return moved;
    });
    if (!kept) continue;
    if (asked.state === 'waiting') await noteFor(app, kept, 'erasure_kept', at);
    return kept;
  }
  throw new Error('an erasure changed faster than it could be left');
}

const stay = (app: App, { _id, accountIds = [] }: Erasure, session: ClientSession) =>
  app.connection
    .collection<AccountDocument>(ACCOUNTS)
    .updateMany(
      { _id: { $in: accountIds }, leaving: _id, status: 'leaving' },
      { $set: { status: 'active' }, $unset: { leaving: 1 } },
      { session },
    );

/** What waits for its time, of this person. */
export async function waitingErasures(app: App, account: Account): Promise<Erasure[]> {
  return app.models.erasures
    .find({ accountIds: account.id, state: 'waiting' })
    .sort({ createdAt: -1 })
    .limit(MOST_WAITING)
    .lean();
}

/**
 * Deletes accounts that nobody has asked to delete: with those that they are linked to, at once. Its id; undefined when one of them is not
 * active, or is not there (any more).
 */
export async function beginErasure(
  app: App,
  { accountIds, cause, at }: { accountIds: readonly string[]; cause: 'unused' | 'restored'; at: number },
): Promise<string | undefined> {
  const named = await app.models.accounts.find({ _id: { $in: accountIds } }, { partner: 1 }).lean();
  const ids = [...new Set(named.flatMap(({ _id, partner }) => (partner ? [_id, partner] : [_id])))];
  const all = await app.models.accounts.find({ _id: { $in: ids } }, { keyId: 1 }).lean();
  const now = new Date(at);
  const _id = newErasureId();
  const erasure: ErasureDocument = {
    ...{ _id, rev: 0, scope: 'account', state: 'running', accountIds: ids, keyIds: all.map(({ keyId }) => keyId) },
    ...{ step: 'journal', pseudonym: newPseudonym(), counts: [], answers: [], kept: [], cause, tries: 0 },
    ...{ createdAt: now, confirmedAt: now, startedAt: now, dueAt: now },
  };
  const isBegun = await inTransaction(app.connection, async (session) => {
    const { matchedCount } = await app.connection
      .collection<AccountDocument>(ACCOUNTS)
      .updateMany({ _id: { $in: ids }, status: 'active' }, { $set: { status: 'leaving', leaving: _id } }, { session });
    if (matchedCount !== ids.length || ids.length === 0) {
      await session.abortTransaction();
      return false;
    }
    await app.connection.collection<ErasureDocument>(ERASURES).insertOne(erasure, { session });
    return true;
  });
  if (!isBegun) return undefined;
  await app.queue.ring('erase', _id);
  return _id;
}

/** The person's own; somebody else's, and an offer that is older than an hour, are as good as none. */
async function ownErasure(app: App, account: Account, id: string, at: number): Promise<Erasure> {
  const found = await app.models.erasures.findOne({ _id: id, accountIds: account.id }).lean();
  if (!found) throw offerGone();
  const isOffer = found.state === 'offered' || found.state === 'doubted';
  if (isOffer && (found.forgetAt?.getTime() ?? 0) <= at) throw offerGone();
  return found;
}

const offerGone = (): UserError =>
  new UserError(
    'offer_gone',
    'That question is more than an hour old or was answered before. Nothing was changed by this press. /privacy delete asks again.',
  );

async function noteFor(
  app: App,
  { accountIds = [] }: Erasure,
  action: 'erasure_asked' | 'erasure_kept',
  at: number,
): Promise<void> {
  for (const accountId of accountIds) await recordPrivacyEvent(app, { accountId, actor: 'person', action, at });
}
