import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'vitest';
import { fromBuffer, type Options, type ZipFile } from 'yauzl';

export interface ZipEntry {
  bytes: Buffer;
  at: Date;
  /** 8 is deflated, 0 stored. */
  method: number;
  /** 45 where its sizes are written with 64 bits. */
  versionNeeded: number;
}

const open = promisify<Buffer, Options, ZipFile>(fromBuffer);

/** Every file of a ZIP by its path, in order; fails when the ZIP, a name or a checksum of it is not right. */
export async function readZip(zip: Buffer): Promise<Map<string, ZipEntry>> {
  const file = await open(zip, { lazyEntries: true, strictFileNames: true, validateEntrySizes: true });
  const entries = new Map<string, ZipEntry>();
  return new Promise((resolve, reject) => {
    file.on('error', reject);
    file.on('end', () => resolve(entries));
    file.on('entry', (entry) => {
      file.openReadStream(entry, (error, stream) => {
        if (error) return reject(error);
        stream.toArray().then((chunks: Buffer[]) => {
          if (entries.has(entry.fileName)) return reject(new Error(`${entry.fileName} is there twice`));
          const { compressionMethod: method, versionNeededToExtract: versionNeeded } = entry;
          entries.set(entry.fileName, { bytes: Buffer.concat(chunks), at: entry.getLastModDate(), method, versionNeeded });
          return file.readEntry();
        }, reject);
      });
    });
    file.readEntry();
  });
}

export interface ReadManifest {
  content: string;
  accounts: { id: string; platforms: string[] }[];
  counts: Record<string, { files: number; rows: number; bytes: number }>;
  files: { path: string; bytes: number; sha256: string; rows?: number; schema?: string; generation?: string }[];
  missing: { path: string; reason: string; generation?: string; row?: string; field?: string }[];
  leftOut: { what: string; why: string }[];
}

export interface ReadArchive {
  entries: Map<string, ZipEntry>;
  manifest: ReadManifest;
  names: string[];
  text(path: string): string;
  // biome-ignore lint/suspicious/noExplicitAny: what a JSON file of the archive holds is what the test is about.
  json(path: string): any;
}

/** An archive that was checked: every JSON file against its schema, every file against the manifest, and the manifest for every file. */
export async function readArchiveZip(zip: Buffer): Promise<ReadArchive> {
  const entries = await readZip(zip);
  const text = (path: string): string => {
    const entry = entries.get(path);
    if (!entry) throw new Error(`${path} is not in the archive`);
    return entry.bytes.toString();
  };
  const json = (path: string) => JSON.parse(text(path));
  const manifest: ReadManifest = json('manifest.json');
  const names = [...entries.keys()];
  expect(names.at(-1)).toBe('manifest.json');
  expect(manifest.files.map(({ path }) => path)).toEqual(names.slice(0, -1));
  for (const { path, bytes, sha256 } of manifest.files) {
    const entry = entries.get(path);
    expect({
      path,
      bytes: entry?.bytes.length,
      sha256: createHash('sha256')
        .update(entry?.bytes ?? '')
        .digest('hex'),
    }).toEqual({
      path,
      bytes,
      sha256,
    });
  }
  const ajv = addFormats.default(new Ajv2020({ strict: true, strictTypes: false, strictRequired: true, allErrors: true }));
  const check = (path: string, schema: string) => {
    const isValid = ajv.compile(json(schema));
    if (!isValid(json(path))) throw new Error(`${path} is not as ${schema} says: ${ajv.errorsText(isValid.errors)}`);
  };
  check('manifest.json', 'schema/manifest.schema.json');
  for (const { path, schema = '', rows } of manifest.files) {
    if (path.endsWith('.json') && !path.startsWith('schema/')) {
      check(path, schema);
      expect(json(path)).toHaveLength(rows ?? -1);
    }
  }
  return { entries, manifest, names, text, json };
}
