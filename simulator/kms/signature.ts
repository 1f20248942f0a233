import type { IncomingHttpHeaders } from 'node:http';
import { Refusal } from './refusal.ts';

export interface Expected {
  accessKeyId: string;
  region: string;
  /** Milliseconds since the epoch. */
  now: number;
}

const FORM =
  /^AWS4-HMAC-SHA256 Credential=([\w.-]+)\/(\d{8})\/([\w-]+)\/([\w-]+)\/aws4_request, ?SignedHeaders=([\w;-]+), ?Signature=[0-9a-f]{64}$/;
const TIME = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;
const CLOCKS_MS = 5 * 60_000;

/**
 * Refuses whatever carries no well-formed Signature Version 4 for KMS: form, scope, time and signed headers are looked at, the
 * signature's value is not. https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
 */
export function checkSignature(headers: IncomingHttpHeaders, { accessKeyId, region, now }: Expected): void {
  if (!headers.authorization) throw new Refusal('MissingAuthenticationTokenException', 'Missing Authentication Token');
  const [, credential, date, scope, service, signed = ''] = FORM.exec(headers.authorization) ?? [];
  const time = String(headers['x-amz-date'] ?? '');
  const [, year, month, day, hour, minute, second] = TIME.exec(time) ?? [];
  const names = signed.split(';');
  const owed = ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-'))];
  if (!credential || !year || date !== time.slice(0, 8) || owed.some((name) => !names.includes(name)))
    throw new Refusal('IncompleteSignatureException', 'Authorization header requires existence of all of its parts.');
  if (credential !== accessKeyId)
    throw new Refusal('UnrecognizedClientException', 'The security token included in the request is invalid.');
  if (scope !== region || service !== 'kms')
    throw new Refusal('InvalidSignatureException', `Credential should be scoped to a valid region and to service: 'kms'.`);
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Math.abs(now - at) > CLOCKS_MS) throw new Refusal('InvalidSignatureException', `Signature not current: ${time}`);
}
