import type { GenerationDocument } from '../../../models/generation.ts';
import { GENERATIONS } from '../../../models/generation.ts';
import type { Models } from '../../../models/index.ts';
import { Unreadable } from '../../keys.ts';
import type { Registry } from '../registry-types.ts';
import { escaped, PAGE_END, pageStart, sizeOf, TABLE_END, tableRow, tableStart } from './html.ts';
import { type Contents, countsOf, type FileNote, leftOutOf, type MissingNote, type Titles } from './manifest.ts';
import { personOf } from './people.ts';

export interface Described extends Contents {
  registry: Registry;
  titles: Titles;
}

/** The page that a person opens first: what is in the archive, in words. */
export async function* readmePage(models: Models, contents: Described): AsyncGenerator<string> {
  const { content, createdAt, people, files, missing, registry } = contents;
  const platforms = people
    .flatMap((person) => person.platforms)
    .map((platform) => (platform === 'discord' ? 'Discord' : 'Telegram'));
  yield pageStart('Your data at LPM AI');
  yield paragraph(
    `Packed on ${createdAt.toUTCString()} for your account on ${platforms.join(' and ')}. ${
      content === 'all' ? 'It holds everything that is kept about you.' : 'It holds everything but your videos and pictures.'
    } Whoever has this file can read it: keep it as you keep your letters.`,
  );
  yield countsTable(contents);
  yield* filesTable(files.filter(({ generation }) => generation === undefined));
  yield* mediaTable(models, contents);
  yield missingList(missing);
  yield checking(files);
  yield heading('What is not in here, and why');
  yield list(leftOutOf(registry, content).map(({ what, why }) => `${what}: ${why}`));
  yield paragraph('Fields that a file leaves out are named, with the reason, in the “$comment” of its schema.');
  yield paragraph('Questions: support@lpmai.art, https://www.lpmai.art');
  yield PAGE_END;
}

const paragraph = (text: string) => `<p>${escaped(text)}</p>\n`;
const heading = (text: string) => `<h2>${escaped(text)}</h2>\n`;
const list = (items: readonly string[]) => `<ul>\n${items.map((item) => `<li>${escaped(item)}</li>\n`).join('')}</ul>\n`;

function countsTable({ files, titles }: Described): string {
  const rows = Object.values(countsOf(files, titles)).map((one) => tableRow([one.title, one.files, one.rows, sizeOf(one.bytes)]));
  const headings = [
    { words: 'What' },
    { words: 'Files', isNumber: true },
    { words: 'Entries', isNumber: true },
    { words: 'Size' },
  ];
  return `${heading('At a glance')}${tableStart('How much there is of each kind', headings)}${rows.join('')}${TABLE_END}`;
}

function* filesTable(files: readonly FileNote[]): Generator<string> {
  yield heading('The files');
  const headings = [{ words: 'File' }, { words: 'What it is' }, { words: 'Entries', isNumber: true }, { words: 'Described by' }];
  yield tableStart('Text files; every JSON file has a schema that explains its fields', headings);
  for (const { path, about = '', rows, schema } of files) {
    yield tableRow([linkTo(path), about, rows ?? '', schema ? linkTo(schema) : '']);
  }
  yield tableRow([
    linkTo('manifest.json'),
    'all files with their sizes and checksums',
    '',
    linkTo('schema/manifest.schema.json'),
  ]);
  yield TABLE_END;
}

const linkTo = (path: string) => ({ link: path, words: path });

const AT_ONCE = 100;

/** Videos and pictures with the words they were made from, which are read again here, some at a time. */
async function* mediaTable(models: Models, contents: Described): AsyncGenerator<string> {
  const media = contents.files.filter(({ generation }) => generation !== undefined);
  if (media.length === 0) return;
  yield heading('Your videos and pictures');
  yield tableStart('Oldest first', [{ words: 'File' }, { words: 'Your words' }, { words: 'Size' }]);
  for (let from = 0; from < media.length; from += AT_ONCE) {
    const some = media.slice(from, from + AT_ONCE);
    const words = await wordsOf(models, contents, some);
    for (const { path, bytes, generation = '' } of some) {
      yield tableRow([linkTo(path), words.get(generation) ?? '', sizeOf(bytes)]);
    }
  }
  yield TABLE_END;
}

async function wordsOf(models: Models, { people }: Described, files: readonly FileNote[]): Promise<Map<string, string>> {
  const ids = files.flatMap(({ generation }) => (generation === undefined ? [] : [generation]));
  const filter = { _id: { $in: ids }, accountId: { $in: people.map(({ id }) => id) } };
  const found = await models.generations.find(filter, { prompt: 1, keyId: 1, accountId: 1 }).lean();
  return new Map(found.map((generation) => [generation._id, promptOf(generation, people)]));
}

function promptOf(
  { _id: id, prompt, keyId, accountId }: Pick<GenerationDocument, '_id' | 'prompt' | 'keyId' | 'accountId'>,
  people: Described['people'],
): string {
  try {
    const plain = personOf(people, keyId, accountId)?.keys.unseal({ collection: GENERATIONS, id, path: 'prompt' }, prompt ?? '');
    return plain === undefined ? '' : String(JSON.parse(plain));
  } catch (error) {
    if (error instanceof Unreadable || error instanceof SyntaxError) return '';
    throw error;
  }
}

const REASONS: Record<MissingNote['reason'], string> = {
  missing: 'is not stored any more',
  unreadable: 'does not open',
  damaged: 'is damaged; its beginning is here',
};

function missingList(missing: readonly MissingNote[]): string {
  if (missing.length === 0) return paragraph('Nothing is missing: every file that is kept is in here.');
  const items = missing.map(({ path, row, field, reason }) =>
    field ? `${path}: “${field}” of ${row} ${REASONS[reason]}` : `${path} ${REASONS[reason]}`,
  );
  return `${heading('What could not be read')}${list(items)}`;
}

function checking(files: readonly FileNote[]): string {
  const path = (files.find(({ generation }) => generation !== undefined) ?? files[0])?.path ?? 'README.html';
  return `${heading('How to check a file')}<p>The manifest names the SHA-256 of every file. On macOS and Linux <code>shasum -a 256 ${escaped(
    path,
  )}</code>, in PowerShell <code>Get-FileHash ${escaped(path)}</code> shows the same letters.</p>\n`;
}
