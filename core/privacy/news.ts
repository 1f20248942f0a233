import { createHash } from 'node:crypto';
import type { NewsSentDocument } from '../../models/news-sent.ts';
import type { App } from '../app.ts';
import type { Sends } from '../chat.ts';
import { UserError } from '../errors.ts';
import { type AccountKeys, Unreadable } from '../keys.ts';
import { describe } from '../log.ts';
import { MailFailed } from '../mail.ts';
import { type News, newsLetter, newsReply } from '../texts/news.ts';
import { isDuplicateKey } from '../transaction.ts';
import { accountsTogether } from '../wallet/wallet.ts';
import { beginBroadcast } from './broadcasts.ts';
import { type ConsentProof, prove, stillHolds, withdrawConsent } from './consents.ts';
import { placeIn } from './correct.ts';

export type { News } from '../texts/news.ts';

const MOST_SUBJECT_LETTERS = 120;
/** What a Telegram message holds, less its subject. */
const MOST_TEXT_LETTERS = 3_500;
const PAGE = 20;
/** Under /news/ on the web. */
const UNSUBSCRIBE = { collection: 'newssent', id: 'marketing', path: 'unsubscribe' };

/**
 * Begins to send news, whose id is the hash of what it says: the same text twice is one broadcast. Throws UserError('news_unusable').
 * `isNew`: this call has begun it.
 */
export async function beginNews(app: App, { subject, text }: News): Promise<{ id: string; isNew: boolean }> {
  const lengths = [subject.length, text.length];
  if (lengths.includes(0) || subject.length > MOST_SUBJECT_LETTERS || text.length > MOST_TEXT_LETTERS) {
    throw new UserError(
      'news_unusable',
      `News are a subject in the first line (at most ${MOST_SUBJECT_LETTERS} letters) and a text below it (at most ${MOST_TEXT_LETTERS}). Nothing was sent.`,
    );
  }
  const hash = createHash('sha256')
    .update(JSON.stringify([subject, text]))
    .digest('hex');
  const id = `news-${hash.slice(0, 32)}`;
  return { id, isNew: await beginBroadcast(app, { _id: id, kind: 'news', subject, text }) };
}

/** Accounts that ever said yes to news, in the order of their ids; whether that still holds is asked anew for each. */
export async function accountsWithConsent(app: App, cursor: string): Promise<string[]> {
  const wanted = { purpose: 'marketing' as const, act: 'grant' as const, accountId: { $gt: cursor } };
  const rows = await app.models.consents.find(wanted, { accountId: 1 }).sort({ accountId: 1 }).limit(PAGE).lean();
  return [...new Set(rows.map(({ accountId }) => accountId))];
}

/** How many accounts agree to news at this moment. */
export async function countConsents(app: App): Promise<number> {
  let count = 0;
  for (let page = await accountsWithConsent(app, ''); page.length > 0; ) {
    for (const id of page) if (await prove(app, id, 'marketing')) count += 1;
    page = await accountsWithConsent(app, page.at(-1) ?? '');
  }
  return count;
}

export type NewsWay = NewsSentDocument['way'];

/** `away`: the mail server cannot be reached and nothing was sent; the same call later sends it. */
export type NewsResult = 'sent' | 'skipped' | 'away';

/**
 * Sends news to the account that the proof is about, by one way and at most once: what fails or is interrupted in the middle is not
 * repeated. Nothing is sent, and nothing noted, for a consent that does not hold any more.
 */
export async function sendNews(
  app: App,
  sends: Sends,
  proof: ConsentProof<'marketing'>,
  news: News & { id: string; way: NewsWay },
): Promise<NewsResult> {
  const send = await senderFor(app, sends, proof.accountId, news);
  if (!send) return 'skipped';
  const row = { _id: `${news.id}:${proof.accountId}:${news.way}`, accountId: proof.accountId, broadcast: news.id, way: news.way };
  try {
    await app.models.newsSent.create({ ...row, consent: proof.consent, at: new Date(app.now()) });
  } catch (error) {
    if (isDuplicateKey(error)) return 'skipped';
    throw error;
  }
  const takeBack = () => app.models.newsSent.deleteOne({ _id: row._id, accountId: row.accountId });
  if (!(await stillHolds(app, proof))) {
    await takeBack();
    return 'skipped';
  }
  try {
    await send();
    return 'sent';
  } catch (error) {
    app.log.warn('news were not sent', { reference: news.id, where: news.way, ...describe(error) });
    if (!(error instanceof MailFailed && error.isAway)) return 'skipped';
    await takeBack();
    return 'away';
  }
}

/** The way to the person; undefined where there is none. Discord is none: it wants no message that nobody asked for. */
async function senderFor(
  app: App,
  sends: Sends,
  accountId: string,
  news: News & { id: string; way: NewsWay },
): Promise<(() => Promise<unknown>) | undefined> {
  const { mail } = app;
  const { telegram } = sends;
  const account = await app.models.accounts.findById(accountId, { keyId: 1, mail: 1, home: 1 }).lean();
  const field = news.way === 'mail' ? account?.mail : account?.home;
  if (!account || !field) return undefined;
  const keys: AccountKeys = app.keys.open(await app.models.keys.findById(account.keyId).lean());
  if (news.way === 'telegram') {
    const user = keys.unseal({ collection: 'accounts', id: accountId, path: 'home' }, field);
    const place = { platform: 'telegram', chat: user, user, group: false } as const;
    return (
      telegram &&
      (() => telegram(place, newsReply(news), { key: `${news.id.slice(-10)}-${accountId.slice(-14)}`, kind: 'result' }))
    );
  }
  const unsubscribe = unsubscribeUrl(app, accountId);
  if (!mail || !unsubscribe) return undefined;
  const to = keys.unseal(placeIn(accountId, 'mail'), field);
  return () => mail.send({ to, id: `news ${news.id} ${accountId}`, ...newsLetter(news, unsubscribe) });
}

/** Leads out of news, for good. Says nothing of the account to anybody; undefined without a web role, and then no news go by e-mail. */
function unsubscribeUrl(app: App, accountId: string): string | undefined {
  const { url } = app.address;
  return url && new URL(`/news/${app.keys.sealDeployment(UNSUBSCRIBE, accountId)}`, url).href;
}

/** Whether a token of such an address is one of ours. Asks nothing of the database. */
export const isUnsubscribeToken = (app: Pick<App, 'keys'>, token: string): boolean => accountOf(app, token) !== undefined;

/** Withdraws the consent to news for all accounts of the person; an account that is gone wants none either. False for a forged token. */
export async function unsubscribe(app: App, token: string, at: number): Promise<boolean> {
  const accountId = accountOf(app, token);
  if (accountId === undefined) return false;
  for (const id of await accountsTogether(app, accountId)) {
    await withdrawConsent(app, { account: { id }, purpose: 'marketing', channel: 'mail', language: 'en', at });
  }
  return true;
}

function accountOf({ keys }: Pick<App, 'keys'>, token: string): string | undefined {
  try {
    return keys.unsealDeployment(UNSUBSCRIBE, token);
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}
