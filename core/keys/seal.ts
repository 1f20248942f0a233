import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Sealed } from '../../models/key.ts';

/** The ciphertext was changed, cut, moved to another place or account, or made with another key. Says nothing of the content. */
export class Unreadable extends Error {
  constructor() {
    super('sealed data cannot be opened with this key at this place');
    this.name = 'Unreadable';
  }
}

const FORMAT = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SHAPE = /^1\.([1-9]\d{0,8})\.([\w-]+)\.([\w-]*)\.([\w-]+)$/;

/** AES-256-GCM. `context` is everything the result is bound to: it opens only with the same context, list for list. */
export function seal(key: Buffer, version: number, context: readonly string[], plain: Buffer): Sealed {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(bound(context));
  const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()]);
  return `1.${version}.${text(nonce)}.${text(ciphertext)}.${text(cipher.getAuthTag())}`;
}

/** Throws Unreadable for anything that `seal` did not make with exactly this key, version and context. */
export function unseal(key: Buffer, version: number, context: readonly string[], sealed: string): Buffer {
  const [, keyVersion, ...parts] = SHAPE.exec(sealed) ?? [];
  const [nonce, ciphertext, tag] = parts.map(bytes);
  if (keyVersion !== String(version) || nonce?.length !== NONCE_BYTES || !ciphertext || tag?.length !== TAG_BYTES)
    throw new Unreadable();
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
    .setAAD(bound(context))
    .setAuthTag(tag);
  const plain = decipher.update(ciphertext);
  try {
    decipher.final();
  } catch {
    throw new Unreadable();
  }
  return plain;
}

// JSON keeps the parts apart whatever they contain.
const bound = (context: readonly string[]) => Buffer.from(JSON.stringify([...context, FORMAT]));

const text = (data: Buffer) => data.toString('base64url');

/** One way of writing only: base64url that carries stray bits in its last letter is refused. */
function bytes(part: string): Buffer {
  const data = Buffer.from(part, 'base64url');
  if (text(data) !== part) throw new Unreadable();
  return data;
}
