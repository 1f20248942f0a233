import { PRIVACY_EVENTS, type PrivacyEventDocument } from '../../models/privacy-event.ts';
import type { App } from '../app.ts';
import { isDuplicateKey, pauseBeforeRetry } from '../transaction.ts';
import { hashOf } from './consents/chain.ts';

export {
  ACCESS_REASONS,
  type AccessReason,
  type PrivacyAction,
  type PrivacyEventDocument as PrivacyEvent,
} from '../../models/privacy-event.ts';

export interface Happened {
  accountId: string;
  actor: PrivacyEventDocument['actor'];
  /** Of staff: as whom. */
  role?: string;
  action: PrivacyEventDocument['action'];
  /** Of staff: why. */
  reason?: NonNullable<PrivacyEventDocument['reason']>;
  /** Milliseconds since the epoch. */
  at: number;
}

const MOST_ATTEMPTS = 50;

/** Adds a row to an account's access log. It is on disk when this resolves: what it is about may only be shown afterwards. */
export async function recordPrivacyEvent(app: Pick<App, 'connection'>, happened: Happened): Promise<PrivacyEventDocument> {
  const events = app.connection.collection<PrivacyEventDocument>(PRIVACY_EVENTS);
  const { accountId } = happened;
  for (let attempt = 0; ; attempt++) {
    const last = await events.findOne({ accountId }, { sort: { seq: -1 } });
    const row = follow(happened, last ?? undefined);
    try {
      await events.insertOne(row);
      return row;
    } catch (error) {
      // Somebody else has written the row of this number in the same moment.
      if (!isDuplicateKey(error) || attempt >= MOST_ATTEMPTS) throw error;
      await pauseBeforeRetry(attempt);
    }
  }
}

function follow(happened: Happened, last: PrivacyEventDocument | undefined): PrivacyEventDocument {
  const seq = (last?.seq ?? 0) + 1;
  const row = { _id: `${happened.accountId}#${seq}`, seq, ...happened, previous: last?.hash ?? '' };
  return { ...row, hash: hashOfEvent(row) };
}

/** The hash of a row: of its JSON without `hash`, its fields in alphabetical order. */
function hashOfEvent(row: Partial<PrivacyEventDocument>): string {
  const fields = Object.entries(row).filter(([name, value]) => name !== 'hash' && value !== undefined);
  return hashOf(JSON.stringify(fields.sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** The last rows of these accounts' access logs, newest first. */
export async function privacyEventsOf(
  app: Pick<App, 'connection'>,
  accountIds: readonly string[],
  limit: number,
): Promise<PrivacyEventDocument[]> {
  const events = app.connection.collection<PrivacyEventDocument>(PRIVACY_EVENTS);
  const rows = await Promise.all(
    accountIds.map((accountId) => events.find({ accountId }).sort({ seq: -1 }).limit(limit).toArray()),
  );
  return rows
    .flat()
    .sort((a, b) => b.at - a.at || b.seq - a.seq)
    .slice(0, limit);
}

/** What is wrong with the chains of these rows, which are all that some accounts have: empty when nothing was changed, left out or put in. */
export function brokenPrivacyEvents(rows: readonly PrivacyEventDocument[]): string[] {
  const broken: string[] = [];
  const before = new Map<string, PrivacyEventDocument>();
  for (const row of [...rows].sort((a, b) => a.seq - b.seq)) {
    const { _id, accountId, seq, previous, hash } = row;
    const last = before.get(accountId);
    if (seq !== (last?.seq ?? 0) + 1 || _id !== `${accountId}#${seq}`) broken.push(`${_id}: a row before it is missing`);
    if (previous !== (last?.hash ?? '')) broken.push(`${_id}: it does not follow the row before it`);
    if (hash !== hashOfEvent(row)) broken.push(`${_id}: it was changed`);
    before.set(accountId, row);
  }
  return broken;
}
