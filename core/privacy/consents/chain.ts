import { createHash } from 'node:crypto';
import type { ConsentDocument } from '../../../models/consent.ts';

/** SHA-256, as base64url. */
export const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** The hash of a row: of its JSON without `hash`, its fields in alphabetical order. */
export function hashOfRow({ hash: _, ...row }: ConsentDocument | (Omit<ConsentDocument, 'hash'> & { hash?: string })): string {
  const fields = Object.entries(row).filter(([, value]) => value !== undefined);
  return hashOf(JSON.stringify(fields.sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** The last row about each thing, of the rows of one account in their order. */
export function standing(rows: readonly ConsentDocument[]): ConsentDocument[] {
  const last = new Map<string, ConsentDocument>();
  for (const row of rows) last.set(`${row.purpose} ${row.subject ?? ''}`, row);
  return [...last.values()];
}

/** What is wrong with the chains of these rows, which are all that some accounts have: empty when nothing was changed, left out or put in. */
export function brokenConsents(rows: readonly ConsentDocument[]): string[] {
  const broken: string[] = [];
  const before = new Map<string, ConsentDocument>();
  for (const row of [...rows].sort((a, b) => a.seq - b.seq)) {
    const { _id, accountId, seq, text, textHash, previous, hash } = row;
    const last = before.get(accountId);
    if (seq !== (last?.seq ?? 0) + 1 || _id !== `${accountId}#${seq}`) broken.push(`${_id}: a row before it is missing`);
    if (previous !== (last?.hash ?? '')) broken.push(`${_id}: it does not follow the row before it`);
    if (hash !== hashOfRow(row)) broken.push(`${_id}: it was changed`);
    if (textHash !== hashOf(text)) broken.push(`${_id}: its words were changed`);
    before.set(accountId, row);
  }
  return broken;
}
