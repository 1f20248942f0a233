import { randomBytes } from 'node:crypto';
import { link, mkdir, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

const KEY_BYTES = 32;
const HOW = 'Make one with: openssl rand -base64 32';

/**
 * The master key that wraps every account's key: from `value` where it is set, else from `file`, which is made with mode 0600
 * when it is absent. Two first starts at once end with one key. Throws a sentence for the operator when the key cannot be used.
 * Whoever loses this key loses everything that is stored.
 */
export async function loadKek({ value, file }: { value?: string | undefined; file: string }): Promise<Buffer> {
  if (value) return parse(value, 'MASTER_KEY');
  return (await read(file)) ?? (await create(file));
}

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
    await handle.writeFile(`${randomBytes(KEY_BYTES).toString('base64')}\n`);
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

/** 64 hexadecimal digits, or base64 in either alphabet. */
function parse(text: string, source: string): Buffer {
  const given = text.trim();
  const key = Buffer.from(given, /^[0-9a-f]{64}$/i.test(given) ? 'hex' : 'base64');
  if (key.length !== KEY_BYTES || !/^[\w+/-]+=?$/.test(given)) {
    throw new Error(`${source} must hold ${KEY_BYTES} bytes as base64 or as 64 hexadecimal digits. ${HOW}`);
  }
  return key;
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
