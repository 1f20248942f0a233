import { randomBytes, randomInt } from 'node:crypto';
import type { Readable } from 'node:stream';
import { ACCOUNTS, type AccountDocument } from '../../models/account.ts';
import { DOWNLOADS, type DownloadDocument } from '../../models/download.ts';
import type { App } from '../app.ts';
import { readMedia } from '../generations/objects.ts';
import { isWatchable, keysOf } from '../generations/read.ts';
import { KeyDestroyed } from '../keys.ts';
import type { Range } from '../storage.ts';
import { inTransaction } from '../transaction.ts';
import { recordPrivacyEvent } from './events.ts';
import { ARCHIVE_CONTEXT, objectKey } from './export/archive.ts';

/** The address of each is this and its id. */
export const DOWNLOAD_PREFIX = '/d/';
/** So many wrong codes end a link. */
const MOST_WRONG = 5;
const CODES = 1_000_000;

export interface DownloadOffer {
  /** Whose thing it is. */
  accountId: string;
  keyId: string;
  what: DownloadDocument['what'];
  /** Id of the generation or archive. */
  target: string;
  livesMs: number;
  /** Milliseconds since the epoch. */
  at: number;
}

/** A live link and what it leads to. */
export interface Download extends Pick<DownloadDocument, 'accountId' | 'what' | 'expiresAt' | 'fetchedAt'> {
  id: string;
  /** Bytes. */
  size: number;
  /** Throws KeyDestroyed or ObjectMissing for what was deleted meanwhile. */
  open(range?: Range): Promise<Readable>;
}

/**
 * Makes a link and its code of 6 digits, which nobody can read again. An earlier link to the same thing ends. Undefined where there are
 * no pages; throws KeyDestroyed for an account that is being deleted.
 */
export async function offerDownload(app: App, offer: DownloadOffer): Promise<{ url: string; code: string } | undefined> {
  const { accountId, keyId, what, target, livesMs, at } = offer;
  const { url } = app.address;
  if (!url) return undefined;
  const _id = randomBytes(16).toString('base64url');
  const code = String(randomInt(CODES)).padStart(6, '0');
  const codeHash = hashOf(app, _id, code);
  const times = { createdAt: new Date(at), expiresAt: new Date(at + livesMs) };
  const accounts = app.connection.collection<AccountDocument>(ACCOUNTS);
  const downloads = app.connection.collection<DownloadDocument>(DOWNLOADS);
  await inTransaction(app.connection, async (session) => {
    const account = await accounts.findOne({ _id: accountId }, { session, projection: { seenAt: 1 } });
    // A millisecond more than before: a write that changes nothing would not keep a deletion from slipping in between.
    const seenAt = new Date(Math.max(at, (account?.seenAt?.getTime() ?? 0) + 1));
    const held = await accounts.updateOne({ _id: accountId, status: { $ne: 'erasing' } }, { $set: { seenAt } }, { session });
    if (held.matchedCount !== 1) throw new KeyDestroyed();
    await downloads.deleteMany({ target, accountId }, { session });
    await downloads.insertOne({ _id, accountId, keyId, what, target, codeHash, wrongCodes: 0, ...times }, { session });
  });
  return { url: new URL(DOWNLOAD_PREFIX + _id, url).href, code };
}

/** Ends the links of these accounts, or those to one thing of theirs. Safe to repeat. */
export async function endDownloads(app: App, accountIds: readonly string[], target?: string): Promise<void> {
  await app.models.downloads.deleteMany({ accountId: { $in: [...accountIds] }, ...(target !== undefined && { target }) });
}

/**
 * Tries a code. Every try is counted before it is compared, so that many at once are no more than one after the other; a right one is
 * taken off again. `left`: tries that remain; the link has ended with the last.
 */
export async function tryCode(app: App, id: string, code: string, at: number): Promise<{ right: boolean; left: number }> {
  const filter = { _id: id, wrongCodes: { $lt: MOST_WRONG }, expiresAt: { $gt: new Date(at) } };
  const options = { returnDocument: 'after' } as const;
  const tried = await app.models.downloads.findOneAndUpdate(filter, { $inc: { wrongCodes: 1 } }, options).lean();
  if (!tried) return { right: false, left: 0 };
  if (tried.codeHash === hashOf(app, id, code)) {
    await app.models.downloads.updateOne({ _id: id }, { $inc: { wrongCodes: -1 } });
    return { right: true, left: MOST_WRONG - tried.wrongCodes + 1 };
  }
  const left = MOST_WRONG - tried.wrongCodes;
  if (left === 0) await app.models.downloads.deleteOne({ _id: id });
  return { right: false, left };
}

/** Undefined for a link that never was or has ended, whose account is being deleted or gone, or whose thing is not there any more. */
export async function readDownload(app: App, id: string, at: number): Promise<Download | undefined> {
  const alive = { _id: id, expiresAt: { $gt: new Date(at) }, wrongCodes: { $lt: MOST_WRONG } };
  const link = await app.models.downloads.findOne(alive).lean();
  if (!link) return undefined;
  const owner = { _id: link.accountId, status: { $in: ['active', 'leaving'] as const } };
  if (!(await app.models.accounts.exists(owner))) return undefined;
  const stored = await (link.what === 'video' ? storedVideo(app, link) : storedArchive(app, link, at));
  const { accountId, what, expiresAt, fetchedAt } = link;
  return stored && { id, accountId, what, expiresAt, ...(fetchedAt && { fetchedAt }), ...stored };
}

/** Writes the first time that an archive is fetched into its person's access log, before a byte of it leaves. */
export async function noteFetched(app: App, { id, accountId, what, fetchedAt }: Download, at: number): Promise<void> {
  if (what !== 'archive' || fetchedAt) return;
  await recordPrivacyEvent(app, { accountId, actor: 'person', action: 'archive_fetched', at });
  await app.models.downloads.updateOne({ _id: id }, { $set: { fetchedAt: new Date(at) } });
}

type Stored = Pick<Download, 'size' | 'open'> | undefined;

async function storedVideo(app: App, { target, accountId }: DownloadDocument): Promise<Stored> {
  const generation = await app.models.generations.findOne({ _id: target, accountId }).lean();
  if (!generation?.video || !isWatchable(generation)) return undefined;
  const open = async (range?: Range) => readMedia(app, await keysOf(app, generation), 'video', target, range);
  return { size: generation.video.size, open };
}

async function storedArchive(app: App, { target, accountId }: DownloadDocument, at: number): Promise<Stored> {
  const stored = { _id: target, accountId, state: { $in: ['packed', 'ready'] as const }, expiresAt: { $gt: new Date(at) } };
  const archive = await app.models.archives.findOne(stored).lean();
  if (archive?.object === undefined || archive.size === undefined) return undefined;
  const key = objectKey(archive.object);
  const open = async (range?: Range) => app.storage.read(key, (await keysOf(app, archive)).objectsKey, ARCHIVE_CONTEXT, range);
  return { size: archive.size, open };
}

/** Of a code, bound to its link. */
const hashOf = (app: App, id: string, code: string): string => app.keys.blindIndex('download-code', id, code);
