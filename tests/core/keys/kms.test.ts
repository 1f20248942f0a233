import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DecryptCommand, EncryptCommand, KMSClient, KMSServiceException } from '@aws-sdk/client-kms';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readConfig } from '../../../core/config.ts';
import { loadKeks } from '../../../core/keys.ts';
import { newKey } from '../../../operate/new-key.ts';
import { createKmsSimulator, type KmsSimulator } from '../../../simulator/kms.ts';

const EncryptionContext = { purpose: 'lpm-ai master key' };
let kms: KmsSimulator;
let client: KMSClient;
let arn: string;
let directory: string;

beforeEach(async () => {
  kms = await createKmsSimulator();
  arn = kms.createKey('product');
  directory = await mkdtemp(join(tmpdir(), 'lpm-kms-'));
  vi.stubEnv('AWS_ACCESS_KEY_ID', kms.credentials.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', kms.credentials.secretAccessKey);
  vi.stubEnv('AWS_REGION', undefined);
  vi.stubEnv('AWS_DEFAULT_REGION', undefined);
  vi.stubEnv('AWS_CONFIG_FILE', join(directory, 'none'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(directory, 'none'));
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  client = new KMSClient({ endpoint: kms.url, region: kms.region, credentials: kms.credentials });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  client.destroy();
  await kms.close();
  await rm(directory, { recursive: true });
});

const settings = (MASTER_KEY?: string, more: Record<string, string> = {}) => ({
  MASTER_KEY,
  MASTER_KEY_KMS: arn,
  KMS_API: kms.url,
  file: join(directory, 'master.key'),
  ...more,
});
const makeKey = async (keyId = arn) => (await newKey({ MASTER_KEY_KMS: keyId, KMS_API: kms.url })).join('\n');

/** The ciphertext of `plain` as somebody else made it. */
async function encrypt(plain: Buffer, context: Record<string, string> = EncryptionContext, KeyId = arn): Promise<string> {
  const { CiphertextBlob } = await client.send(new EncryptCommand({ KeyId, Plaintext: plain, EncryptionContext: context }));
  return Buffer.from(CiphertextBlob ?? []).toString('base64');
}

describe('a master key under KMS', () => {
  test('is printed as a ciphertext, and a start asks KMS once and has the key; nothing of it is on disk', async () => {
    const printed = await makeKey();
    expect(printed).toMatch(/^AQIC[\w+/]+=*$/);
    const { kek, oldKeks } = await loadKeks(settings(printed));
    expect(kek).toHaveLength(32);
    expect(oldKeks).toEqual([]);
    expect(kms.calls).toEqual(['GenerateDataKeyWithoutPlaintext', 'Decrypt']);
    expect(await readdir(directory)).toEqual([]);
    expect(Buffer.from(printed, 'base64').includes(kek)).toBe(false);
    expect((await loadKeks(settings(printed))).kek).toEqual(kek);
    expect((await loadKeks(settings(await makeKey()))).kek).not.toEqual(kek);
  });

  test('may be named by id, by alias or by the ARN of its alias, where the region is set', async () => {
    vi.stubEnv('AWS_REGION', kms.region);
    const names = [arn.replace(/.*\//, ''), 'alias/product', arn.replace(/key\/.*/, 'alias/product')];
    for (const name of names) {
      const printed = await makeKey(name);
      expect((await loadKeks({ ...settings(printed), MASTER_KEY_KMS: name })).kek).toHaveLength(32);
    }
  });

  test('stands beside earlier ones: under the same KMS key, under another one, or in plain while moving to KMS', async () => {
    const plain = randomBytes(32);
    const [same, other] = [await makeKey(), await makeKey(kms.createKey())];
    const { oldKeks } = await loadKeks(
      settings(await makeKey(), { MASTER_KEY_OLD: `${same},${other},${plain.toString('hex')}` }),
    );
    expect(oldKeks[0]).toEqual((await loadKeks(settings(same))).kek);
    expect(oldKeks[1]).toHaveLength(32);
    expect(oldKeks[2]).toEqual(plain);
  });

  test('is a setting that KMS needs', () => {
    expect(() => readConfig({ MASTER_KEY_KMS: arn })).toThrow('MASTER_KEY: is needed beside MASTER_KEY_KMS');
    expect(() => readConfig({ MASTER_KEY_KMS: arn, MASTER_KEY: 'x', KMS_API: 'http://kms.example.com' })).toThrow('KMS_API');
  });
});

describe('a start is refused with a sentence for the operator', () => {
  const master = randomBytes(32);
  test.each<[string, () => Promise<string>, string]>([
    ['in another context', () => encrypt(master, { purpose: 'something else' }), 'this is not what'],
    ['without context', () => encrypt(master, {}), 'this is not what'],
    ['by another KMS key', () => encrypt(master, EncryptionContext, kms.createKey()), 'encrypted by another KMS key'],
    ['of another length', () => encrypt(randomBytes(31)), 'not a key of 32 bytes'],
    ['not at all: a key in plain', async () => master.toString('base64'), 'this is not what'],
    ['and then changed', async () => (await encrypt(master)).replace(/.{4}$/, 'AAAA'), 'this is not what'],
  ])('where the master key was encrypted %s', async (_, make, sentence) => {
    const refused = loadKeks(settings(await make()));
    await expect(refused).rejects.toThrow(`MASTER_KEY`);
    await expect(refused).rejects.toThrow(sentence);
    expect(await readdir(directory)).toEqual([]);
  });

  test.each<[string, () => void, string]>([
    ['is disabled', () => kms.setState(arn, 'Disabled'), 'the KMS key is disabled; enable it'],
    ['will be deleted', () => kms.setState(arn, 'PendingDeletion'), 'cannot be used in its present state'],
    ['may not be used', () => kms.deny(['Decrypt']), 'allow kms:Decrypt'],
    [
      'is asked for with strange credentials',
      () => vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIASTRANGER'),
      'does not know these credentials',
    ],
    ['is asked for without credentials', () => vi.stubEnv('AWS_ACCESS_KEY_ID', ''), 'there are no AWS credentials'],
  ])('where the KMS key %s, and starts again once that is mended', async (_, spoil, sentence) => {
    const printed = await makeKey();
    const { kek } = await loadKeks(settings(printed));
    spoil();
    const refused = loadKeks(settings(printed));
    await expect(refused).rejects.toThrow(`MASTER_KEY cannot be used: `);
    await expect(refused).rejects.toThrow(sentence);
    kms.setState(arn, 'Enabled');
    kms.deny([]);
    vi.stubEnv('AWS_ACCESS_KEY_ID', kms.credentials.accessKeyId);
    expect((await loadKeks(settings(printed))).kek).toEqual(kek);
  });

  test('where there is no such KMS key, no region, or no KMS, and it names neither account nor key', async () => {
    const printed = await makeKey();
    const nobody = arn.replace(/[^/]+$/, '00000000-0000-4000-8000-000000000000');
    const refused = loadKeks({ ...settings(printed), MASTER_KEY_KMS: nobody });
    await expect(refused).rejects.toThrow('there is no such KMS key');
    await expect(refused).rejects.not.toThrow(/111122223333|00000000-0000|arn:/);
    await expect(makeKey(nobody)).rejects.toThrow('MASTER_KEY_KMS cannot be used: there is no such KMS key');
    await expect(loadKeks({ ...settings(printed), MASTER_KEY_KMS: 'alias/product' })).rejects.toThrow('set AWS_REGION');
    await kms.close();
    await expect(loadKeks(settings(printed))).rejects.toThrow('KMS did not answer as expected');
  });
});

describe('the local KMS', () => {
  const kindOf = async (work: Promise<unknown>) => {
    const error: unknown = await work.catch((thrown: unknown) => thrown);
    return error instanceof KMSServiceException ? `${error.$metadata.httpStatusCode} ${error.name}` : error;
  };

  test('gives back to the official client what it encrypted, in any order of the context', async () => {
    const context = { purpose: 'test', tenant: 'a' };
    const CiphertextBlob = Buffer.from(await encrypt(Buffer.from('rain'), context), 'base64');
    const reversed = { tenant: 'a', purpose: 'test' };
    const answer = await client.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: reversed }));
    expect(Buffer.from(answer.Plaintext ?? []).toString()).toBe('rain');
    expect(answer).toMatchObject({ KeyId: arn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' });
  });

  test('answers with the errors of the real one', async () => {
    const CiphertextBlob = Buffer.from(await encrypt(Buffer.from('rain')), 'base64');
    const ask = (more: object = {}) => client.send(new DecryptCommand({ CiphertextBlob, EncryptionContext, ...more }));
    expect(await kindOf(ask({ EncryptionContext: {} }))).toBe('400 InvalidCiphertextException');
    expect(await kindOf(ask({ KeyId: 'alias/nobody' }))).toBe('400 NotFoundException');
    expect(await kindOf(ask({ KeyId: kms.createKey() }))).toBe('400 IncorrectKeyException');
    expect(await kindOf(ask({ CiphertextBlob: Buffer.alloc(0) }))).toBe('400 ValidationException');
    const unsigned = await fetch(kms.url, { method: 'POST', headers: { 'x-amz-target': 'TrentService.Decrypt' } });
    expect([unsigned.status, await unsigned.json()]).toMatchObject([400, { __type: 'MissingAuthenticationTokenException' }]);
    const headers = { authorization: 'AWS4-HMAC-SHA256 Credential=x', 'x-amz-target': 'TrentService.Decrypt' };
    const malformed = await fetch(kms.url, { method: 'POST', headers });
    expect(await malformed.json()).toMatchObject({ __type: 'IncompleteSignatureException' });
  });
});
