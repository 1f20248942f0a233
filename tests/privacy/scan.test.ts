import { deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { createCanaries, noise } from './canaries.ts';
import { findings } from './scan.ts';

const { word, id, needles } = createCanaries();
const secret = word('Secret');
const person = id();

const number = (write: (bytes: Buffer) => unknown): Buffer => {
  const bytes = Buffer.alloc(8);
  write(bytes);
  return bytes;
};

const WRITTEN: Record<string, Buffer> = {
  'as it is': Buffer.from(secret),
  'in capitals': Buffer.from(secret.toUpperCase()),
  'in JSON': Buffer.from(JSON.stringify({ text: secret })),
  'in a URL': Buffer.from(encodeURIComponent(`a ${secret}?`)),
  'in percent signs': Buffer.from([...Buffer.from(secret)].map((byte) => `%${byte.toString(16).toUpperCase()}`).join('')),
  'in base64': Buffer.from(Buffer.from(secret).toString('base64')),
  'in base64, one byte later': Buffer.from(Buffer.from(`x${secret}`).toString('base64')),
  'in base64, two bytes later': Buffer.from(Buffer.from(`xy${secret}`).toString('base64url')),
  'in hex': Buffer.from(Buffer.from(secret).toString('hex')),
  'in hex capitals': Buffer.from(Buffer.from(secret).toString('hex').toUpperCase()),
  'in UTF-16': Buffer.from(secret, 'utf16le'),
  'in UTF-16, big end first': Buffer.from(secret, 'utf16le').swap16(),
  backwards: Buffer.from(secret).reverse(),
  'in gzip': gzipSync(secret),
  'in zlib': deflateSync(secret),
  'in a gzip stream that is not complete': gzipSync(`${secret} ${noise(200).toString('hex')}`).subarray(0, -60),
  'as an id': Buffer.from(String(person)),
  'as a 64-bit number': number((bytes) => bytes.writeBigInt64LE(BigInt(person))),
  'as a 64-bit number, big end first': number((bytes) => bytes.writeBigInt64BE(BigInt(person))),
  'as a double': number((bytes) => bytes.writeDoubleLE(person)),
};

test.each(Object.keys(WRITTEN))('a canary is found %s, in the middle of other bytes', async (how) => {
  const bytes = Buffer.concat([noise(1_000), WRITTEN[how] ?? Buffer.alloc(0), noise(1_000)]);
  expect(await findings([{ where: 'here', bytes }], needles())).toEqual(expect.arrayContaining([expect.stringMatching(/^here/)]));
});

test('nothing is found where nothing is', async () => {
  const bytes = Buffer.concat([noise(1_000_000), gzipSync(noise(1_000)), Buffer.from(createCanaries().word('Other'))]);
  expect(await findings([{ where: 'here', bytes }], needles())).toEqual([]);
});
