import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import { Refusal } from './refusal.ts';

export type KeyState = 'Enabled' | 'Disabled' | 'PendingDeletion';

/** A symmetric KMS key. Its material never leaves. */
export interface KmsKey {
  id: string;
  arn: string;
  alias?: string | undefined;
  state: KeyState;
  material: Buffer;
}

/** Names and values that a ciphertext is bound to. */
export type Context = Readonly<Record<string, string>>;

// As real ones begin, so that base64 of them begins with AQIC.
const MAGIC = Buffer.from([1, 2, 2, 0]);
const ID_LENGTH = 36;
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;
const HEAD = MAGIC.length + ID_LENGTH;

export interface KeyStore {
  create(alias?: string): KmsKey;
  /** By id, alias or ARN of either. Refuses an unknown key, and one that cannot be used in its state. */
  usable(name: string): KmsKey;
  encrypt(key: KmsKey, plain: Buffer, context: Context): Buffer;
  /** The key is the one that the ciphertext names; `expected` is the one that the request names. */
  decrypt(ciphertext: Buffer, context: Context, expected: KmsKey | undefined): { key: KmsKey; plain: Buffer };
}

/** The keys of one account in one region. `prefix` is arn:aws:kms:<region>:<account>. */
export function createKeyStore(prefix: string): KeyStore {
  const keys: KmsKey[] = [];

  const usable = (name: string): KmsKey => {
    const short = name.startsWith(`${prefix}:`) ? name.slice(prefix.length + 1).replace(/^key\//, '') : name;
    const key = keys.find(({ id, alias }) => id === short || (alias !== undefined && `alias/${alias}` === short));
    if (!key) throw unknown(prefix, short);
    if (key.state === 'Disabled') throw new Refusal('DisabledException', `${key.arn} is disabled.`);
    if (key.state === 'PendingDeletion') throw new Refusal('KMSInvalidStateException', `${key.arn} is pending deletion.`);
    return key;
  };

  return {
    create(alias) {
      const id = randomUUID();
      const key: KmsKey = { id, arn: `${prefix}:key/${id}`, alias, state: 'Enabled', material: randomBytes(32) };
      keys.push(key);
      return key;
    },
    usable,
    encrypt(key, plain, context) {
      const nonce = randomBytes(NONCE_LENGTH);
      const cipher = createCipheriv('aes-256-gcm', key.material, nonce).setAAD(bound(context));
      return Buffer.concat([MAGIC, Buffer.from(key.id), nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    decrypt(ciphertext, context, expected) {
      const id = ciphertext.subarray(MAGIC.length, HEAD).toString('latin1');
      const isOurs = ciphertext.subarray(0, MAGIC.length).equals(MAGIC) && keys.some((one) => one.id === id);
      if (!isOurs || ciphertext.length < HEAD + NONCE_LENGTH + TAG_LENGTH) throw new Refusal('InvalidCiphertextException');
      const key = usable(id);
      if (expected && expected !== key)
        throw new Refusal(
          'IncorrectKeyException',
          'The key ID in the request does not identify a CMK that can perform this operation.',
        );
      return { key, plain: open(key, ciphertext.subarray(HEAD), context) };
    },
  };
}

function open({ material }: KmsKey, sealed: Buffer, context: Context): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', material, sealed.subarray(0, NONCE_LENGTH))
    .setAAD(bound(context))
    .setAuthTag(sealed.subarray(-TAG_LENGTH));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_LENGTH, -TAG_LENGTH)), decipher.final()]);
  } catch {
    throw new Refusal('InvalidCiphertextException');
  }
}

/** The order of its names does not matter. */
const bound = (context: Context) => Buffer.from(JSON.stringify(Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1))));

const unknown = (prefix: string, short: string) =>
  new Refusal(
    'NotFoundException',
    short.startsWith('alias/') ? `Alias ${prefix}:${short} is not found.` : `Key '${prefix}:key/${short}' does not exist`,
  );
