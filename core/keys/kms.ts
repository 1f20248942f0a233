import { DecryptCommand, GenerateDataKeyWithoutPlaintextCommand, KMSClient } from '@aws-sdk/client-kms';

const KEY_BYTES = 32;
/** What a ciphertext is bound to: KMS opens it in no other context. */
const EncryptionContext = { purpose: 'lpm-ai master key' };
/** arn:<partition>:kms:<region>:<account>:key/<id>, or alias/<name>. */
const ARN = /^arn:[\w-]+:kms:([\w-]+):/;
/** The start waits for it: a service that is away shall be noticed soon. */
const TIMES = { connectionTimeout: 3_000, requestTimeout: 10_000, throwOnRequestTimeout: true };

export interface KmsSettings {
  /** Id, alias or ARN of a symmetric KMS key; an ARN also names the region. */
  keyId: string;
  endpoint?: string | undefined;
}

/** AWS KMS. The only file that knows it. Region and credentials that the settings do not name come from where AWS's SDK looks for them. */
export function openKms({ keyId, endpoint }: KmsSettings) {
  const region = ARN.exec(keyId)?.[1];
  const kms = new KMSClient({ ...(region && { region }), ...(endpoint && { endpoint }), requestHandler: TIMES });

  return {
    /** The master key in a ciphertext in base64. Throws a sentence for the operator, naming the setting `source`. */
    async decrypt(ciphertext: string, source: 'MASTER_KEY' | 'MASTER_KEY_OLD'): Promise<Buffer> {
      const CiphertextBlob = Buffer.from(ciphertext, 'base64');
      // An earlier master key may be of an earlier KMS key, which its ciphertext names.
      const KeyId = source === 'MASTER_KEY' ? { KeyId: keyId } : {};
      const { Plaintext } = await kms
        .send(new DecryptCommand({ CiphertextBlob, EncryptionContext, ...KeyId }))
        .catch(refuse(source));
      if (Plaintext?.length !== KEY_BYTES) throw new Error(`${source}: what KMS decrypted is not a key of ${KEY_BYTES} bytes.`);
      return Buffer.from(Plaintext);
    },

    /** The ciphertext, in base64, of a new master key that nobody has seen. */
    async newKey(): Promise<string> {
      const command = new GenerateDataKeyWithoutPlaintextCommand({ KeyId: keyId, NumberOfBytes: KEY_BYTES, EncryptionContext });
      const { CiphertextBlob } = await kms.send(command).catch(refuse('MASTER_KEY_KMS'));
      if (!CiphertextBlob) throw new Error('KMS made no key.');
      return Buffer.from(CiphertextBlob).toString('base64');
    },

    close: () => kms.destroy(),
  };
}

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html, and what the SDK itself throws. */
const REASONS: Readonly<Record<string, string>> = {
  InvalidCiphertextException: 'this is not what `npm run operate -- new-key` printed for this deployment',
  IncorrectKeyException: 'it was encrypted by another KMS key than MASTER_KEY_KMS names',
  NotFoundException: 'there is no such KMS key in this account and region',
  AccessDeniedException: 'the credentials of this process may not use the KMS key; allow kms:Decrypt',
  DisabledException: 'the KMS key is disabled; enable it in KMS',
  KMSInvalidStateException:
    'the KMS key cannot be used in its present state, for example because its deletion is scheduled; cancel that',
  KeyUnavailableException: 'the KMS key is not available at the moment; start again later',
  InvalidKeyUsageException: 'the KMS key is not one for encrypting; name a symmetric key',
  CredentialsProviderError:
    'there are no AWS credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role',
  UnrecognizedClientException: 'AWS does not know these credentials',
  InvalidSignatureException: 'AWS does not accept the signature; look at AWS_SECRET_ACCESS_KEY and at the clock',
  ExpiredTokenException: 'the AWS credentials have expired',
};

/** KMS's own messages may name accounts and keys: only its kind of error is told. */
function refuse(setting: string): (error: unknown) => never {
  return (error) => {
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: '' };
    const reason = /^Region is missing|^Region not accepted/.test(message)
      ? 'name the KMS key by its ARN, or set AWS_REGION'
      : (REASONS[name] ?? `KMS did not answer as expected (${name})`);
    throw new Error(`${setting} cannot be used: ${reason}. Nothing was changed.`);
  };
}
