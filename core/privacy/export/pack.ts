import type { Readable } from 'node:stream';
import type { Models } from '../../../models/index.ts';
import type { Keys } from '../../keys.ts';
import type { Catalog } from '../../payments/catalog.ts';
import { REGISTRY } from '../registry.ts';
import { DATA_CLASSES, type Registry } from '../registry-types.ts';
import { billingRows } from './billing.ts';
import { type CollectionName, documentsOf } from './documents.ts';
import { MANIFEST_SCHEMA, schemaOfCollection } from './json-schema.ts';
import { type FileNote, keptBack, type MissingNote, manifestOf } from './manifest.ts';
import { type MediaEntry, openSource, planMedia, type ReadMedia } from './media.ts';
import { type Person, peopleOf, personOf } from './people.ts';
import { readmePage } from './readme.ts';
import { type Fields, shapeOf } from './shape.ts';
import { type Content, createZip, type Zip } from './zip.ts';

/** What packing needs of the product. */
export interface PackParts {
  models: Models;
  keys: Pick<Keys, 'open'>;
  catalog: Catalog;
  readMedia: ReadMedia;
  registry?: Registry;
}

export interface Progress {
  packed: number;
  all: number;
  /** Files and fields that could not be read. */
  missing: number;
}

export interface PackWish {
  /** Every account of the person. */
  accountIds: readonly string[];
  content: 'all' | 'data';
  createdAt: Date;
  /** What cannot be read now is left out instead of ending this attempt. */
  isLastTry?: boolean;
  onProgress?: (progress: Progress) => void;
  /** Called for every piece that flows by. */
  onBytes?: () => void;
}

/** Above so many bytes of videos the ZIP is written with 64-bit sizes throughout. */
export const LARGE_BYTES = 3_500_000_000;

/** Where these two stand, beside the other collections in `data/`. */
const AT_THE_TOP: Partial<Record<CollectionName, string>> = { consents: 'consents.json', privacyEvents: 'access-log.json' };

const titles: Readonly<Record<string, string>> = DATA_CLASSES;

/**
 * Packs all that is held about a person while the ZIP flows out: one document list and one stored object are open at a time. `done`
 * resolves when everything was handed out and rejects when the stream breaks; destroying the stream ends the work. Throws KeyDestroyed.
 */
export async function packArchive(parts: PackParts, wish: PackWish): Promise<{ stream: Readable; done: Promise<Progress> }> {
  const people = await peopleOf(parts, wish.accountIds);
  const media = wish.content === 'all' ? await planMedia(parts.models, people) : { entries: [], bytes: 0 };
  const zip = createZip({ isLarge: media.bytes > LARGE_BYTES, onBytes: wish.onBytes });
  const registry = parts.registry ?? REGISTRY;
  const packing: Packing = { parts, wish, registry, people, media: media.entries, zip, files: [], missing: [] };
  const done = pack(packing).catch((error: unknown) => {
    zip.stream.destroy(error instanceof Error ? error : new Error('packing failed'));
    throw error;
  });
  // The stream tells of it too; whoever reads only that must not end the process.
  done.catch(() => {});
  return { stream: zip.stream, done };
}

interface Packing {
  parts: PackParts;
  wish: PackWish;
  registry: Registry;
  people: readonly Person[];
  media: readonly MediaEntry[];
  zip: Zip;
  files: FileNote[];
  missing: MissingNote[];
}

async function pack(packing: Packing): Promise<Progress> {
  const { parts, wish, registry, people, zip, files, missing } = packing;
  for (const name of exportedOf(registry)) await packCollection(packing, name);
  await packFile(packing, { path: 'billing.csv', class: 'payments', about: 'your payments as a table' }, () =>
    billingRows(parts.models, parts.catalog, people),
  );
  await packFile(packing, schemaFile('manifest'), () => json(MANIFEST_SCHEMA));
  for (const entry of packing.media) await packMedia(packing, entry);
  const contents = { content: wish.content, createdAt: wish.createdAt, people, files, missing };
  await packFile(packing, { path: 'README.html' }, () => readmePage(parts.models, { ...contents, registry, titles }));
  // Checksums are known when everything has flowed by: what names them comes last.
  await zip.add('manifest.json', wish.createdAt, json(manifestOf(contents, registry, titles)));
  zip.end();
  return report(packing, 1);
}

const exportedOf = ({ collections }: Registry): CollectionName[] =>
  Object.keys(collections).filter((name): name is CollectionName => collections[name as CollectionName].export === 'yes');

const json = (value: object): string[] => [`${JSON.stringify(value, null, 2)}\n`];

const schemaFile = (name: string) => ({ path: `schema/${name}.schema.json`, about: '' });

/** "ledgerEntries" as it stands in a file's name: "ledger-entries". */
const inKebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

async function packCollection(packing: Packing, name: CollectionName): Promise<void> {
  const { parts, registry, people, missing } = packing;
  const rule = registry.collections[name];
  const shape: Fields = shapeOf(parts.models[name].schema, rule.paths);
  const path = AT_THE_TOP[name] ?? `data/${rule.class}/${inKebab(name)}.json`;
  const schema = schemaFile(inKebab(name));
  const onUnreadable = (row: string, field: string) => void missing.push({ path, row, field, reason: 'unreadable' });
  const note = { path, class: rule.class, about: rule.title, rows: 0, schema: schema.path };
  await packFile(packing, note, () =>
    listed(documentsOf({ models: parts.models, people, name, rule, shape, onUnreadable }), (rows) => {
      note.rows = rows;
    }),
  );
  await packFile(packing, schema, () => json(schemaOfCollection(rule, shape, keptBack(rule))));
}

/** Some kilobytes at a time: a piece for each document would cost more than the document. */
const PIECE = 64 * 1024;

async function* listed(documents: AsyncIterable<object>, count: (rows: number) => void): AsyncGenerator<string> {
  let rows = 0;
  let piece = '[';
  for await (const document of documents) {
    piece += `${rows === 0 ? '' : ','}\n${JSON.stringify(document)}`;
    rows += 1;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  count(rows);
  yield `${piece}\n]\n`;
}

async function packMedia(packing: Packing, { kind, path, generation, keyId, at }: MediaEntry): Promise<void> {
  const { parts, wish, people, zip, missing } = packing;
  const person = personOf(people, keyId);
  const trying = { isLastTry: wish.isLastTry ?? false, gone: zip.gone };
  const source = person ? await openSource(() => parts.readMedia(person.keys, kind, generation), trying) : 'unreadable';
  if (typeof source === 'string') {
    missing.push({ path, reason: source, generation });
    report(packing);
    return;
  }
  const about = kind === 'video' ? 'a video of yours' : 'a picture you sent';
  await packFile(packing, { path, class: 'generations', about, generation }, () => source.content, at);
  if (source.isDamaged()) missing.push({ path, reason: 'damaged', generation });
}

type Note = Omit<FileNote, 'bytes' | 'sha256'>;

async function packFile(packing: Packing, note: Note, open: () => Content, at = packing.wish.createdAt): Promise<void> {
  const packed = await packing.zip.add(note.path, at, open());
  packing.files.push({ ...note, ...packed });
  report(packing);
}

/** Every collection has its file and its schema; billing, the manifest, its schema and the page are four more. */
function report({ wish, registry, media, files, missing }: Packing, further = 0): Progress {
  const all = 2 * exportedOf(registry).length + 4 + media.length;
  const progress = { packed: files.length + further, all, missing: missing.length };
  wish.onProgress?.(progress);
  return progress;
}
