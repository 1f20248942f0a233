import type { CollectionRule, Registry } from '../registry-types.ts';
import type { Person } from './people.ts';
import type { Packed } from './zip.ts';

/** One file of the archive, as the manifest names it. */
export interface FileNote extends Packed {
  class?: string;
  about?: string;
  rows?: number;
  /** The path of its JSON Schema. */
  schema?: string;
  /** The number of the video that it belongs to. */
  generation?: string;
}

/** What could not be read. `damaged`: its beginning is in the archive; a `field` is missing in a row of a file. */
export interface MissingNote {
  path: string;
  reason: 'missing' | 'unreadable' | 'damaged';
  generation?: string;
  row?: string;
  field?: string;
}

export interface Count {
  title: string;
  files: number;
  rows: number;
  bytes: number;
}

export interface Manifest {
  format: 'lpm-ai-export';
  version: 1;
  created: string;
  content: 'all' | 'data';
  accounts: { id: string; platforms: readonly string[] }[];
  counts: Record<string, Count>;
  files: readonly FileNote[];
  missing: readonly MissingNote[];
  leftOut: readonly { what: string; why: string }[];
}

export interface Contents {
  content: 'all' | 'data';
  createdAt: Date;
  people: readonly Person[];
  files: readonly FileNote[];
  missing: readonly MissingNote[];
}

/** What is in an archive, with a checksum of everything but the manifest itself. */
export function manifestOf(
  { content, createdAt, people, files, missing }: Contents,
  registry: Registry,
  titles: Titles,
): Manifest {
  return {
    format: 'lpm-ai-export',
    version: 1,
    created: createdAt.toISOString(),
    content,
    accounts: people.map(({ id, platforms }) => ({ id, platforms })),
    counts: countsOf(files, titles),
    files,
    missing,
    leftOut: leftOutOf(registry, content),
  };
}

export type Titles = Readonly<Record<string, string>>;

/** By class of data, in the order in which the files came. */
export function countsOf(files: readonly FileNote[], titles: Titles): Record<string, Count> {
  const counts: Record<string, Count> = {};
  for (const { class: name, bytes, rows = 0 } of files) {
    if (name === undefined) continue;
    counts[name] ??= { title: titles[name] ?? name, files: 0, rows: 0, bytes: 0 };
    counts[name].files += 1;
    counts[name].rows += rows;
    counts[name].bytes += bytes;
  }
  return counts;
}

/** What is kept and not in the archive, and why; what is about nobody is not named. */
export function leftOutOf({ collections, objects }: Registry, content: 'all' | 'data'): { what: string; why: string }[] {
  const ofPeople = ({ owners }: CollectionRule) => owners.length > 0;
  const whole = Object.values(collections)
    .filter(ofPeople)
    .flatMap(({ title: what, export: rule }) => (rule === 'yes' ? [] : [{ what, why: rule.not }]));
  const stored = Object.values(objects)
    .filter(({ erase }) => erase !== 'holds nothing of a person')
    .flatMap(({ about: what, export: rule }) => (rule === 'yes' ? [] : [{ what, why: rule.not }]));
  const media = { what: 'your videos and pictures', why: 'you asked for the data only' };
  return [...(content === 'data' ? [media] : []), ...whole, ...stored];
}

/** Fields that are kept and not in a file, and why. */
export const keptBack = ({ paths }: CollectionRule): { what: string; why: string }[] =>
  Object.values(paths).flatMap(({ about: what, exportNot: why }) => (why === undefined ? [] : [{ what, why }]));
