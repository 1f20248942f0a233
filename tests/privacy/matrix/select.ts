import { REGISTRY } from '../../../core/privacy/registry.ts';
import type { Carrier } from './attack.ts';

/** An id of A's, where it stands, and in which state its document is. */
export interface Id {
  id: string;
  where: string;
  state: string;
}

/** With MATRIX=all every id is sent in every option, which takes minutes; both figures are printed. */
const IS_EVERYTHING = process.env.MATRIX === 'all';

/** The first of each kind. */
function oneOfEach<One>(all: readonly One[], kindOf: (one: One) => string): One[] {
  const kinds = new Map<string, One>();
  for (const one of all) if (!kinds.has(kindOf(one))) kinds.set(kindOf(one), one);
  return [...kinds.values()];
}

/**
 * What is sent in one option: the id of a document in each collection and state; every other kind of id in one option of each command; and
 * every id there is in at least one option.
 */
export function idsFor({ isFree }: Carrier, index: number, all: readonly Carrier[], ids: readonly Id[]): Id[] {
  if (IS_EVERYTHING && !isFree) return [...ids];
  const named = oneOfEach(
    ids.filter(({ where }) => where.endsWith('._id')),
    ({ where, state }) => `${where} ${state}`,
  );
  if (isFree) return oneOfEach(named, ({ where }) => where);
  const others = oneOfEach(
    ids.filter(({ where }) => !where.endsWith('._id')),
    ({ where }) => where,
  );
  const isFirst = all.findIndex(({ line }) => line === all[index]?.line) === index;
  const turns = ids.filter((_, place) => place % all.length === index);
  return [...new Set([...named, ...(isFirst ? others : []), ...turns])];
}

/** One document of each collection: for one more walk through every option. */
export const oneOfEachCollection = (ids: readonly Id[]): Id[] =>
  oneOfEach(
    ids.filter(({ where }) => where.endsWith('._id')),
    ({ where }) => where,
  );

/** Two command lines of each shape, whatever ids they carry. */
export function someOfEachShape(lines: Iterable<string>): string[] {
  const seen = new Map<string, number>();
  return [...lines].filter((line) => {
    const shape = line.replace(/=(?=\S*[\d_A-Z])\S{6,}/g, '=*');
    const before = seen.get(shape) ?? 0;
    seen.set(shape, before + 1);
    return IS_EVERYTHING || before < 2;
  });
}

/** Collections in which an id of A's was found: every one that has owners, when A's world is whole. */
export const collectionsWithOwners = (): string[] =>
  Object.entries(REGISTRY.collections).flatMap(([name, { owners }]) => (owners.length > 0 ? [name] : []));
