import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { KeyStore } from './key-store.ts';
import { Refusal } from './refusal.ts';

const KeyId = z.string().min(1).max(2048);
const EncryptionContext = z.record(z.string(), z.string()).default({});
const blob = (max: number) =>
  z
    .base64()
    .transform((text) => Buffer.from(text, 'base64'))
    .refine(({ length }) => length > 0 && length <= max);

const GENERATE = z.object({
  KeyId,
  EncryptionContext,
  NumberOfBytes: z.number().int().min(1).max(1024).optional(),
  KeySpec: z.enum(['AES_256', 'AES_128']).optional(),
});
const ENCRYPT = z.object({ KeyId, EncryptionContext, Plaintext: blob(4096) });
const DECRYPT = z.object({ KeyId: KeyId.optional(), EncryptionContext, CiphertextBlob: blob(6144) });
const SYMMETRIC = { EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' } as const;

type Call = (keys: KeyStore, body: unknown) => Record<string, string>;

/** What is spoken here. https://docs.aws.amazon.com/kms/latest/APIReference/ */
export const CALLS: Readonly<Record<string, Call>> = {
  GenerateDataKeyWithoutPlaintext(keys, body) {
    const { KeyId, NumberOfBytes, KeySpec, EncryptionContext } = valid(GENERATE, body);
    if ((NumberOfBytes === undefined) === (KeySpec === undefined))
      throw new Refusal('ValidationException', 'Please specify either number of bytes or key spec.');
    const key = keys.usable(KeyId);
    const bytes = NumberOfBytes ?? (KeySpec === 'AES_128' ? 16 : 32);
    return { CiphertextBlob: keys.encrypt(key, randomBytes(bytes), EncryptionContext).toString('base64'), KeyId: key.arn };
  },
  Encrypt(keys, body) {
    const { KeyId, Plaintext, EncryptionContext } = valid(ENCRYPT, body);
    const key = keys.usable(KeyId);
    return { CiphertextBlob: keys.encrypt(key, Plaintext, EncryptionContext).toString('base64'), KeyId: key.arn, ...SYMMETRIC };
  },
  Decrypt(keys, body) {
    const { KeyId, CiphertextBlob, EncryptionContext } = valid(DECRYPT, body);
    const expected = KeyId === undefined ? undefined : keys.usable(KeyId);
    const { key, plain } = keys.decrypt(CiphertextBlob, EncryptionContext, expected);
    return { Plaintext: plain.toString('base64'), KeyId: key.arn, ...SYMMETRIC };
  },
};

function valid<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new Refusal('ValidationException', `${parsed.error.issues.length} validation error detected`);
}
