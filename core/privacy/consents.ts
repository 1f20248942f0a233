import { ACCOUNTS, type AccountDocument } from '../../models/account.ts';
import { CONSENTS, type ConsentDocument, type Purpose } from '../../models/consent.ts';
import type { App } from '../app.ts';
import { UserError } from '../errors.ts';
import { accountsTogether } from '../wallet/wallet.ts';
import { appendGrant, appendWithdrawals } from './consents/append.ts';
import { standing } from './consents/chain.ts';

export { PURPOSES, type Purpose } from '../../models/consent.ts';
export { brokenConsents } from './consents/chain.ts';

/** What the ledger needs of the app. */
export type ConsentApp = Pick<App, 'connection' | 'now' | 'policies'>;

export interface ConsentAct {
  account: { id: string };
  purpose: Purpose;
  /** The one thing it is about: the generation, for the gallery. */
  subject?: string;
  channel: ConsentDocument['channel'];
  /** Of the words that were shown: "en". */
  language: string;
  /** Milliseconds since the epoch. */
  at: number;
}

export interface ConsentState {
  purpose: Purpose;
  subject?: string;
  granted: boolean;
  at: number;
}

/** Older than this a proof is refused: what waited longer asks again. */
const PROOF_LIVES_MS = 5_000;

/** Not exported: its private field makes the type one that nothing else can have, and only this file can make one. */
class Proof<P extends Purpose> {
  readonly #isMinted = true;
  readonly accountId: string;
  readonly purpose: P;
  readonly subject: string | undefined;
  /** The row of the ledger that it rests on. */
  readonly consent: string;
  readonly mintedAt: number;

  constructor({ _id, accountId, subject }: ConsentDocument, purpose: P, mintedAt: number) {
    this.accountId = accountId;
    this.purpose = purpose;
    this.subject = subject;
    this.consent = _id;
    this.mintedAt = mintedAt;
  }

  static isMinted(proof: object): boolean {
    return #isMinted in proof && proof.#isMinted;
  }
}

/** That the person says yes to this, read a moment ago. Whatever needs a consent takes one, so that forgetting to ask does not compile. */
export type ConsentProof<P extends Purpose = Purpose> = Proof<P>;

/**
 * Writes down a yes, with the very words that were shown. The same yes again gives back the row that holds. Only for an active account, which
 * is part of the same transaction: throws UserError('account_leaving') elsewhere.
 */
export async function grantConsent(app: ConsentApp, act: ConsentAct & { text: string }): Promise<ConsentDocument> {
  const row = await appendGrant(app, act);
  if (!row) {
    throw new UserError(
      'account_leaving',
      'Your account is being deleted, so nothing new can be agreed to. Nothing was changed.',
    );
  }
  return row;
}

/** Writes down a no. It holds, also for a video in the gallery, before this resolves. Where nothing was agreed to nothing is written. */
export async function withdrawConsent(app: ConsentApp, act: ConsentAct): Promise<void> {
  await appendWithdrawals(app, act, (state) => state.purpose === act.purpose && state.subject === act.subject);
}

/** Withdraws everything that an account agrees to; of one purpose where that is named. In whatever state the account is. */
export async function withdrawAllConsents(app: ConsentApp, accountId: string, at: number, purpose?: Purpose): Promise<void> {
  const act = { account: { id: accountId }, channel: 'erasure', language: 'en', at } as const;
  await appendWithdrawals(app, act, (state) => purpose === undefined || state.purpose === purpose);
}

/** What an account said last to each thing that it was ever asked. What it was never asked is not in it, and off. */
export async function consentsOf(app: Pick<App, 'connection'>, accountId: string): Promise<ConsentState[]> {
  const rows = app.connection.collection<ConsentDocument>(CONSENTS).find({ accountId }).sort({ seq: 1 });
  return standing(await rows.toArray()).map(({ purpose, subject, act, at }) => ({
    purpose,
    ...(subject !== undefined && { subject }),
    granted: act === 'grant',
    at,
  }));
}

/** Asks the ledger now. Undefined: there is no consent, or the account is not active. What waits in between asks again. */
export async function prove<P extends Purpose>(
  app: ConsentApp,
  accountId: string,
  purpose: P,
  subject?: string,
): Promise<ConsentProof<P> | undefined> {
  const row = await liveConsent(app, accountId, purpose, subject);
  return row && new Proof(row, purpose, app.now());
}

/** What everything that takes a proof asks first: it is a real one, a few seconds old at most, and still true. */
export async function stillHolds(app: ConsentApp, proof: ConsentProof): Promise<boolean> {
  const { accountId, purpose, subject, mintedAt } = proof;
  const age = app.now() - mintedAt;
  if (!Proof.isMinted(proof) || age < 0 || age > PROOF_LIVES_MS) return false;
  return (await liveConsent(app, accountId, purpose, subject)) !== undefined;
}

/** The row that says yes to this at the moment; undefined also for an account that is not active. */
export async function liveConsent(
  { connection }: Pick<App, 'connection'>,
  accountId: string,
  purpose: Purpose,
  subject?: string,
): Promise<ConsentDocument | undefined> {
  const accounts = connection.collection<AccountDocument>(ACCOUNTS);
  if (!(await accounts.findOne({ _id: accountId, status: 'active' }, { projection: { _id: 1 } }))) return undefined;
  const about = { accountId, purpose, subject: subject ?? { $exists: false } };
  const row = await connection.collection<ConsentDocument>(CONSENTS).findOne(about, { sort: { seq: -1 } });
  return row?.act === 'grant' ? row : undefined;
}

/** How news could reach a person, over both accounts of one: their Telegram chat, a confirmed address. */
export async function waysOfNews(app: App, accountId: string): Promise<{ telegram: boolean; mail: boolean }> {
  const together = await accountsTogether(app, accountId);
  const found = await app.models.accounts.find({ _id: { $in: together } }, { home: 1, mail: 1 }).lean();
  return { telegram: found.some(({ home }) => home), mail: found.some(({ mail }) => mail) };
}
