import { generateKeyPairSync, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { checkReceipt, type Receipt, signReceipt } from '../../../core/privacy/receipt-of-erasure.ts';

const pair = generateKeyPairSync('ed25519');
const keys = { signReceipt: (bytes: Buffer) => sign(null, bytes, pair.privateKey), receiptsPublicKey: pair.publicKey };

const content: Receipt = {
  id: 'MTIzNDU2Nzg5MDEyMzQ1Ng',
  service: 'LPM AI',
  scope: 'account',
  asked: '2026-11-24T10:00:00.000Z',
  begun: '2026-11-24T10:00:01.000Z',
  done: '2026-11-24T10:01:00.000Z',
  deleted: { videos: 3, prompts: 4 },
  kept: [{ what: '2 payments, under a pseudonym', ground: 'tax law', until: '2036-11-24T10:00:00.000Z' }],
  processors: [{ name: 'Stripe', answer: 'customer deleted' }],
  backupsUnreadableFrom: '2026-12-01T10:01:00.000Z',
  policy: '2025-12-21',
};

test('a receipt is one line that gives back exactly what was signed, also out of a file that holds it', () => {
  const line = signReceipt(keys, content);
  expect(line).toMatch(/^lpm-receipt-1\.[\w-]+\.[\w-]{86}$/);
  expect(checkReceipt(keys, line)).toEqual(content);
  expect(checkReceipt(keys, JSON.stringify({ content, receipt: line }, null, 2))).toEqual(content);
});

test('the same content is the same line, in whatever order it was written', () => {
  const { policy, ...rest } = content;
  expect(signReceipt(keys, { policy, ...rest })).toBe(signReceipt(keys, content));
});

test('no letter of it can be changed', () => {
  const line = signReceipt(keys, content);
  for (let at = 0; at < line.length; at++) {
    const other = line[at] === 'A' ? 'B' : 'A';
    expect(checkReceipt(keys, line.slice(0, at) + other + line.slice(at + 1))).toBeUndefined();
  }
});

test('is not genuine with the signature of another service, cut, or empty', () => {
  const stranger = generateKeyPairSync('ed25519');
  const foreign = signReceipt({ signReceipt: (bytes) => sign(null, bytes, stranger.privateKey) }, content);
  for (const text of [foreign, signReceipt(keys, content).slice(0, -1), 'lpm-receipt-1.e30.e30', '', 'a receipt']) {
    expect(checkReceipt(keys, text)).toBeUndefined();
  }
});
