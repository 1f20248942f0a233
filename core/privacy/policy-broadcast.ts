import type { AccountDocument } from '../../models/account.ts';
import type { PolicyNoticeDocument } from '../../models/policy-notice.ts';
import type { App } from '../app.ts';
import type { Sends } from '../chat.ts';
import { Undeliverable } from '../errors.ts';
import { type AccountKeys, KeyDestroyed } from '../keys.ts';
import { describe } from '../log.ts';
import { noticeLetter, noticeReply } from '../texts/policies.ts';
import { isDuplicateKey } from '../transaction.ts';
import { beginBroadcast } from './broadcasts.ts';
import { placeIn } from './correct.ts';
import { noteTold } from './notices.ts';
import type { Policy } from './policies.ts';

type Account = Pick<AccountDocument, '_id' | 'keyId' | 'mail' | 'home' | 'policy'>;
type Row = PolicyNoticeDocument;

const MINUTE_MS = 60_000;
/** After the first failure, the second …; after as many and one more it is given up. */
const PAUSES_MS = [1, 5, 30, 120].map((minutes) => minutes * MINUTE_MS);
/** A process that dies while telling leaves the row due again after this. */
const AGAIN_MS = 10 * MINUTE_MS;

/** No colon: the queue takes none in an id. */
const broadcastOf = (version: string): string => `policy-${version}`;
const rowOf = (version: string, accountId: string): string => `${version}:${accountId}`;

/** Begins to tell of each significant version that is published and was not told yet. The first of all is told to nobody. Safe to repeat. */
export async function beginPolicyBroadcasts(app: App): Promise<number> {
  const published = app.policies.slice(1).filter((one) => one.isSignificant && one.publishedAt.getTime() <= app.now());
  const ids = published.map(({ version }) => broadcastOf(version));
  if (ids.length === 0) return 0;
  const begun = new Set((await app.models.broadcasts.find({ _id: { $in: ids } }, { _id: 1 }).lean()).map(({ _id }) => _id));
  let count = 0;
  for (const { version } of published) {
    const _id = broadcastOf(version);
    if (!begun.has(_id) && (await beginBroadcast(app, { _id, kind: 'policy', version }))) count += 1;
  }
  return count;
}

/** The next accounts in the order of their ids; those that are younger than the version have agreed to it when they came. */
export async function accountsBehind(app: App, cursor: string, limit: number): Promise<{ _id: string; createdAt: Date }[]> {
  const { accounts } = app.models;
  return accounts
    .find({ _id: { $gt: cursor } }, { createdAt: 1 })
    .sort({ _id: 1 })
    .limit(limit)
    .lean();
}

/** Rows of a version that are due now, oldest first. */
export async function dueNotices(app: App, version: string, limit: number): Promise<string[]> {
  const due = { dueAt: { $lte: new Date(app.now()) }, version };
  const rows = await app.models.policyNotices.find(due, { accountId: 1 }).sort({ dueAt: 1 }).limit(limit).lean();
  return rows.map(({ accountId }) => accountId);
}

/** Milliseconds until the next row of a version is due; undefined when all have been told or given up. */
export async function nextNoticeMs(app: App, version: string): Promise<number | undefined> {
  const next = await app.models.policyNotices
    .findOne({ dueAt: { $exists: true }, version }, { dueAt: 1 })
    .sort({ dueAt: 1 })
    .lean();
  return next?.dueAt && Math.max(0, next.dueAt.getTime() - app.now());
}

/** Tells one account in its private Telegram chat and by e-mail, each once; a crash right after a send repeats the same letter. */
export async function tellPolicy(
  app: App,
  sends: Sends,
  policy: Policy,
  accountId: string,
): Promise<'sent' | 'skipped' | 'failed'> {
  const account = await readActive(app, accountId);
  const keys = account && (await keysOf(app, account));
  if (!account || !keys) return forget(app, policy, accountId);
  const inChat = isTold(account, policy) ? undefined : account.home && sends.telegram && account.home;
  const wantsMail = Boolean(account.mail && app.mail);
  if (!inChat && !wantsMail) return 'skipped';
  const row = await writeRow(app, policy, account, wantsMail);
  // Whoever was deleted since they were read is not in the way of their deletion.
  if (!(await readActive(app, accountId))) return forget(app, policy, accountId);
  if (!row.dueAt) return 'skipped';
  const results = [
    await tellInChat(app, sends, policy, { account, keys, row }),
    await tellByMail(app, policy, { account, keys, row }),
  ];
  return settle(app, row, results);
}

const isTold = ({ policy: told }: Account, { version }: Policy): boolean => (told?.version ?? '') >= version;

const readActive = (app: App, _id: string): Promise<Account | null> =>
  app.models.accounts.findOne({ _id, status: 'active' }, { keyId: 1, mail: 1, home: 1, policy: 1 }).lean<Account>();

async function keysOf(app: App, { keyId }: Account): Promise<AccountKeys | undefined> {
  try {
    return app.keys.open(await app.models.keys.findById(keyId).lean());
  } catch (error) {
    if (error instanceof KeyDestroyed) return undefined;
    throw error;
  }
}

async function forget(app: App, { version }: Policy, accountId: string): Promise<'skipped'> {
  await app.models.policyNotices.deleteOne({ _id: rowOf(version, accountId), accountId });
  return 'skipped';
}

/** Written before anything is sent; the one that is there already where it was. */
async function writeRow(app: App, policy: Policy, account: Account, wantsMail: boolean): Promise<Row> {
  const { policyNotices } = app.models;
  const { version } = policy;
  const accountId = account._id;
  const _id = rowOf(version, accountId);
  const at = app.now();
  const row: Row = {
    _id,
    accountId,
    version,
    ...(account.policy && isTold(account, policy) && { chatAt: account.policy.at }),
    mail: wantsMail ? 'due' : 'none',
    tries: 0,
    createdAt: new Date(at),
    dueAt: new Date(at + AGAIN_MS),
  };
  try {
    await policyNotices.create(row);
    return row;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    return (await policyNotices.findById(_id).lean<Row>()) ?? row;
  }
}

interface Telling {
  account: Account;
  keys: AccountKeys;
  row: Row;
}

/** `closed`: it cannot be told that way, however often it is tried. */
type Result = 'told' | 'closed' | 'failed' | 'none';

async function tellInChat(app: App, sends: Sends, policy: Policy, { account, keys, row }: Telling): Promise<Result> {
  const { _id: id, home } = account;
  const send = sends.telegram;
  if (!home || !send || row.chatAt || isTold(account, policy)) return 'none';
  const user = keys.unseal({ collection: 'accounts', id, path: 'home' }, home);
  const place = { platform: 'telegram', chat: user, user, group: false } as const;
  try {
    await send(place, noticeReply(policy, app.now()), { key: `${policy.version}-${id.slice(-14)}`, kind: 'result' });
  } catch (error) {
    return failed(app, row, error);
  }
  const at = app.now();
  await noteTold(app, { id, before: account.policy?.version, version: policy.version, at });
  await app.models.policyNotices.updateOne({ _id: row._id }, { $set: { chatAt: new Date(at) } });
  return 'told';
}

async function tellByMail(app: App, policy: Policy, { account, keys, row }: Telling): Promise<Result> {
  const { _id: id, mail } = account;
  if (row.mail !== 'due') return 'none';
  if (!mail || !app.mail) {
    await app.models.policyNotices.updateOne({ _id: row._id }, { $set: { mail: 'none' } });
    return 'closed';
  }
  const to = keys.unseal(placeIn(id, 'mail'), mail);
  const url = app.address.url && new URL(`/policy/${policy.version}`, app.address.url).href;
  try {
    await app.mail.send({ to, id: `policy ${row._id}`, ...noticeLetter(policy, app.now(), url) });
  } catch (error) {
    const result = failed(app, row, error);
    if (result === 'closed') await app.models.policyNotices.updateOne({ _id: row._id }, { $set: { mail: 'failed' } });
    return result;
  }
  await app.models.policyNotices.updateOne({ _id: row._id }, { $set: { mail: 'sent', mailAt: new Date(app.now()) } });
  return 'told';
}

function failed(app: App, { version, tries }: Row, error: unknown): Result {
  app.log.warn('a policy notice was not sent', { version, attempt: tries + 1, ...describe(error) });
  return error instanceof Undeliverable ? 'closed' : 'failed';
}

/** Done, due again after a pause, or given up. */
async function settle(app: App, { _id, tries, mail }: Row, results: readonly Result[]): Promise<'sent' | 'skipped' | 'failed'> {
  const { policyNotices } = app.models;
  if (!results.includes('failed')) {
    await policyNotices.updateOne({ _id }, { $unset: { dueAt: 1 } });
    return results.includes('told') ? 'sent' : 'skipped';
  }
  const pause = PAUSES_MS[tries];
  if (pause !== undefined) {
    await policyNotices.updateOne({ _id }, { $set: { tries: tries + 1, dueAt: new Date(app.now() + pause) } });
    return 'failed';
  }
  const isMailLost = mail === 'due' && results[1] === 'failed';
  await policyNotices.updateOne(
    { _id },
    { $set: { tries: tries + 1, ...(isMailLost && { mail: 'failed' }) }, $unset: { dueAt: 1 } },
  );
  return 'failed';
}
