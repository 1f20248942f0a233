import { integer, type Rule, snowflake } from '../forms/form.ts';

/** How lists of entitlements and subscriptions are asked for. */
export interface PageQuery {
  before?: string;
  after?: string;
  limit?: number;
}

export const PAGE: Record<string, Rule> = { before: snowflake, after: snowflake, limit: integer(1, 100) };

export const snowflakes: Rule = (value, path) =>
  String(value)
    .split(',')
    .flatMap((each) => snowflake(each, path));

const BOOLEANS = new Map(Object.entries({ true: true, True: true, 1: true, false: false, False: false, 0: false }));

/** A query with its limit as a number and its booleans as such (docs: reference, boolean query strings). */
export function readQuery(query: Record<string, string>): Record<string, unknown> {
  const read = ([name, value]: [string, string]) => {
    if (name === 'limit') return [name, /^\d+$/.test(value) ? Number(value) : value];
    return [name, name.startsWith('exclude_') ? (BOOLEANS.get(value) ?? value) : value];
  };
  return Object.fromEntries(Object.entries(query).map(read));
}

/**
 * Behind `after` the oldest come, else the newest. Newest first within a page: no order is promised, and a client that
 * relies on one must fail.
 */
export function pageOf<T extends { id: string }>(all: T[], { before, after, limit }: PageQuery, usual: number): T[] {
  const known = all.filter(({ id }) => (!before || BigInt(id) < BigInt(before)) && (!after || BigInt(id) > BigInt(after)));
  known.sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
  return (after ? known.slice(0, limit ?? usual) : known.slice(-(limit ?? usual))).reverse();
}
