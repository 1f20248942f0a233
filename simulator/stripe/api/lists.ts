import type { Fields } from '../knobs.ts';
import { group, integer, text } from './fields.ts';
import { invalid, noSuch } from './refusal.ts';

export interface Page {
  object: 'list';
  url: string;
  has_more: boolean;
  data: unknown[];
}

/** What every list takes beside its own filters. */
export const PAGING = ['limit', 'starting_after', 'ending_before', 'created'] as const;

/** `created[gte]=…` or `created=…`, in seconds. */
export function createdWithin(fields: Fields): (at: { created: number }) => boolean {
  if (typeof fields.created === 'string') {
    const exact = integer(fields, 'created');
    return ({ created }) => created === exact;
  }
  const range = group(fields, 'created');
  const [gt, gte, lt, lte] = ['gt', 'gte', 'lt', 'lte'].map((name) => integer(range, name));
  return ({ created }) =>
    (gt === undefined || created > gt) &&
    (gte === undefined || created >= gte) &&
    (lt === undefined || created < lt) &&
    (lte === undefined || created <= lte);
}

/**
 * One page of `entries`, which stand in the order of the list (newest first, mostly). As the API does it, `ending_before` gives the
 * page that ends right before that entry.
 */
export function page(url: string, entries: readonly { id: string }[], fields: Fields, usual = 10): Page {
  const limit = integer(fields, 'limit') ?? usual;
  if (limit < 1 || limit > 100) throw invalid('This value must be between 1 and 100.', 'limit');
  const [after, before] = [text(fields, 'starting_after'), text(fields, 'ending_before')];
  if (after && before) throw invalid('You may only specify one of these parameters: starting_after, ending_before.');
  const place = (id: string, param: string) => {
    const found = entries.findIndex((entry) => entry.id === id);
    if (found < 0) throw noSuch('object', id, param, 400);
    return found;
  };
  if (before) {
    const end = place(before, 'ending_before');
    const start = Math.max(0, end - limit);
    return { object: 'list', url, has_more: start > 0, data: entries.slice(start, end) };
  }
  const start = after ? place(after, 'starting_after') + 1 : 0;
  return { object: 'list', url, has_more: start + limit < entries.length, data: entries.slice(start, start + limit) };
}

/** True where the request names no such value or the entry has it. */
export function having(fields: Fields, name: string): (value: string | undefined | null) => boolean {
  const wanted = text(fields, name);
  return (value) => wanted === undefined || value === wanted;
}
