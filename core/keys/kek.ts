import { randomBytes } from 'node:crypto';
import { link, mkdir, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Keks } from './master-keys.ts';

const KEY_BYTES = 32;
const HOW = 'Make one with: openssl rand -base64 32';

/** Where master keys come from. Names are those of the settings. */
export interface KekSources {
  MASTER_KEY?: string | undefined;
  /** Earlier ones, with commas between them. */
  MASTER_KEY_OLD?: string | undefined;
  /** MASTER_KEY, and whatever in MASTER_KEY_OLD is longer than a key, are then ciphertexts of this KMS key. */
  MASTER_KEY_KMS?: string | undefined;
  KMS_API?: string | undefined;
  /** Holds the master key where MASTER_KEY is not set. */
  file: string;
}

/**
 * The present master key and the earlier ones. Throws a sentence for the operator when one of them cannot be used or KMS does not
 * open it.
 */
export async function loadKeks(sources: KekSources): Promise<Required<Keks>> {
  const { MASTER_KEY: value = '', MASTER_KEY_OLD = '', MASTER_KEY_KMS: keyId, KMS_API: endpoint, file } = sources;
  const earlier = MASTER_KEY_OLD.split(',').flatMap((text) => text.trim() || []);
  if (!keyId) {
    const oldKeks = earlier.map((text) => parse(text, 'MASTER_KEY_OLD'));
    return { kek: await loadKek({ value, file }), oldKeks };
  }
  const { openKms } = await import('./kms.ts');
  const kms = openKms({ keyId, endpoint });
  try {
    const kek = await kms.decrypt(value, 'MASTER_KEY');
    const oldKeks: Buffer[] = [];
    // What KMS encrypted is always longer than a key: an earlier key in plain stands there while moving to KMS.
    for (const text of earlier) oldKeks.push(plainKey(text) ?? (await kms.decrypt(text, 'MASTER_KEY_OLD')));
    return { kek, oldKeks };
  } finally {
    kms.close();
  }
}

/**
 * The master key that wraps every account's key: from `value` where it is set, else from `file`, which is made with mode 0600
 * when it is absent. Two first starts at once end with one key. Throws a sentence for the operator when the key cannot be used.
 * Whoever loses this key loses everything that is stored.
 */
export async function loadKek({ value, file }: { value?: string | undefined; file: string }): Promise<Buffer> {
  if (value) return parse(value, 'MASTER_KEY');
  return (await read(file)) ?? (await create(file));
}

/** A new master key as it is written into MASTER_KEY: itself in base64, or with MASTER_KEY_KMS the ciphertext of one that KMS made. */
export async function newMasterKey({ MASTER_KEY_KMS: keyId, KMS_API: endpoint }: Omit<KekSources, 'file'>): Promise<string> {
  if (!keyId) return newKek();
  const { openKms } = await import('./kms.ts');
  const kms = openKms({ keyId, endpoint });
  try {
    return await kms.newKey();
  } finally {
    kms.close();
  }
}

const newKek = () => randomBytes(KEY_BYTES).toString('base64');

async function read(file: string): Promise<Buffer | undefined> {
  const handle = await openIfThere(file);
  if (!handle) return undefined;
  try {
    const { mode } = await handle.stat();
    if ((mode & 0o077) !== 0)
      throw new Error(`${file} holds the master key and others may read it. Close it with: chmod 600 ${file}`);
    return parse(await handle.readFile('utf8'), file);
  } finally {
    await handle.close();
  }
}

/** Written in full under another name first: a link appears at once or, when another start was faster, not at all. */
async function create(file: string): Promise<Buffer> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomBytes(8).toString('hex')}`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(`${newKek()}\n`);
    await handle.sync();
    await link(draft, file).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
  } finally {
    await handle.close();
    await unlink(draft);
  }
  await syncDirectory(dirname(file));
  const key = await read(file);
  if (!key) throw new Error(`${file} was made and is gone`);
  return key;
}

function parse(text: string, source: string): Buffer {
  const key = plainKey(text.trim());
  if (!key) throw new Error(`${source} must hold ${KEY_BYTES} bytes as base64 or as 64 hexadecimal digits. ${HOW}`);
  return key;
}

/** 64 hexadecimal digits, or base64 in either alphabet. */
function plainKey(given: string): Buffer | undefined {
  const key = Buffer.from(given, /^[0-9a-f]{64}$/i.test(given) ? 'hex' : 'base64');
  return key.length === KEY_BYTES && /^[\w+/-]+=?$/.test(given) ? key : undefined;
}

async function openIfThere(file: string) {
  try {
    return await open(file, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** The new name survives a power cut only once the directory is on disk. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? error.code : undefined);
