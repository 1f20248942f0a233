import { randomBytes, verify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createKeys, KeyDestroyed, MasterKeyMissing, newDeploymentKeys, Unreadable } from '../../core/keys.ts';
import type { KeyDocument } from '../../models/key.ts';

const kek = randomBytes(32);
const deployment = newDeploymentKeys();
const keys = createKeys({ kek, deployment });
const madeAt = new Date(1_000);
const place = { collection: 'generations', id: 'g1', path: 'prompt' };
const anna = keys.open(keys.newDataKey('anna', madeAt));
const boris = keys.open(keys.newDataKey('boris', madeAt));

describe('sealed text', () => {
  test('opens to what it was, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (plain) => {
        expect(anna.unseal(place, anna.seal(place, plain))).toBe(plain);
        expect(keys.unsealDeployment(place, keys.sealDeployment(place, plain))).toBe(plain);
      }),
    );
  });

  test('does not show the text and differs every time', () => {
    const sealed = Array.from({ length: 1_000 }, () => anna.seal(place, 'a lighthouse in the rain'));
    expect(new Set(sealed.map((text) => text.split('.')[2])).size).toBe(1_000);
    expect(sealed.join()).not.toContain('lighthouse');
    expect(sealed[0]).not.toContain(Buffer.from('lighthouse').toString('base64url'));
  });

  test('has the format 1.<key version>.<nonce>.<ciphertext>.<tag>', () => {
    expect(anna.seal(place, 'rain')).toMatch(/^1\.1\.[\w-]{16}\.[\w-]{6}\.[\w-]{22}$/);
    expect(anna.seal(place, '')).toMatch(/^1\.1\.[\w-]{16}\.\.[\w-]{22}$/);
  });

  test('does not open after any bit of it was changed', () => {
    for (const sealed of [anna.seal(place, 'rain'), anna.seal(place, '')]) {
      const written = Buffer.from(sealed);
      for (let bit = 0; bit < written.length * 8; bit++) {
        const changed = Buffer.from(written);
        changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        expect(() => anna.unseal(place, changed.toString('latin1')), `bit ${bit}`).toThrow(Unreadable);
      }
    }
  });

  test('does not open when it is cut or lengthened anywhere', () => {
    const sealed = anna.seal(place, 'rain');
    for (let end = 0; end < sealed.length; end++) {
      expect(() => anna.unseal(place, sealed.slice(0, end)), `cut to ${end}`).toThrow(Unreadable);
      expect(() => anna.unseal(place, `${sealed.slice(0, end)}A${sealed.slice(end)}`), `longer at ${end}`).toThrow(Unreadable);
    }
  });

  test.each([
    ['another document', { ...place, id: 'g2' }],
    ['another field', { ...place, path: 'place' }],
    ['another collection', { ...place, collection: 'accounts' }],
  ])('does not open in %s', (_, elsewhere) => {
    expect(() => anna.unseal(elsewhere, anna.seal(place, 'rain'))).toThrow(Unreadable);
    expect(() => keys.unsealDeployment(elsewhere, keys.sealDeployment(place, 'rain'))).toThrow(Unreadable);
  });

  test.each(['|', ',', '","', '\n', ''])('does not open in a place whose parts only join to the same text with %j', (between) => {
    const sealed = anna.seal({ collection: 'a', id: `b${between}c`, path: 'd' }, 'rain');
    expect(() => anna.unseal({ collection: `a${between}b`, id: 'c', path: 'd' }, sealed)).toThrow(Unreadable);
  });

  test('does not open for another account, for the deployment, or the other way round', () => {
    expect(() => boris.unseal(place, anna.seal(place, 'rain'))).toThrow(Unreadable);
    expect(() => keys.unsealDeployment(place, anna.seal(place, 'rain'))).toThrow(Unreadable);
    expect(() => anna.unseal(place, keys.sealDeployment(place, 'rain'))).toThrow(Unreadable);
  });

  test.each(['', 'rain', '1.1.a.b.c', '2.1.AAAAAAAAAAAAAAAA.AA.AAAAAAAAAAAAAAAAAAAAAA'])('is never %j', (plain) => {
    expect(() => anna.unseal(place, plain)).toThrow(Unreadable);
  });

  test('leaves nothing of itself in the error', () => {
    const sealed = anna.seal(place, 'rain');
    expect(() => boris.unseal(place, sealed)).toThrow(/^sealed data cannot be opened with this key at this place$/);
  });
});

describe('an account key', () => {
  test('is stored wrapped, under an id that does not show the account', () => {
    const document = keys.newDataKey('anna', madeAt);
    expect(document).toMatchObject({ state: 'active', version: 1, createdAt: madeAt });
    expect(document._id).toBe(keys.newDataKey('anna', madeAt)._id);
    expect(JSON.stringify(document)).not.toContain('anna');
    expect(document.wrapped).not.toBe(keys.newDataKey('anna', madeAt).wrapped);
  });

  test('opens to the same key each time, and to another key for another account', () => {
    const document = keys.newDataKey('anna', madeAt);
    expect(createKeys({ kek, deployment }).open(document).objectsKey).toEqual(keys.open(document).objectsKey);
    expect(keys.open(document).objectsKey).toHaveLength(32);
    expect(anna.objectsKey).not.toEqual(boris.objectsKey);
  });

  test('is never made anew once it is destroyed, and missing is the same as destroyed', () => {
    const { wrapped: _, ...rest } = keys.newDataKey('anna', madeAt);
    const destroyed: KeyDocument = { ...rest, state: 'destroyed', destroyedAt: new Date(2_000) };
    expect(() => keys.open(destroyed)).toThrow(KeyDestroyed);
    expect(() => keys.open({ ...keys.newDataKey('anna', madeAt), state: 'destroyed' })).toThrow(KeyDestroyed);
    expect(() => keys.open({ ...destroyed, state: 'active' })).toThrow(KeyDestroyed);
    expect(() => keys.open(undefined)).toThrow(KeyDestroyed);
    expect(() => keys.open(null)).toThrow(KeyDestroyed);
  });

  test('does not open in the place of another account, nor when its document was changed', () => {
    const document = keys.newDataKey('anna', madeAt);
    expect(() => keys.open({ ...document, _id: keys.newDataKey('boris', madeAt)._id })).toThrow(Unreadable);
    expect(() => keys.open({ ...document, version: 2 })).toThrow(Unreadable);
  });

  test('does not open without the master key that wraps it, and the sentence says which one is missing and what to do', () => {
    const stranger = createKeys({ kek: randomBytes(32), oldKeks: [randomBytes(32)], deployment });
    const document = keys.newDataKey('anna', madeAt);
    const given = stranger.newDataKey('anna', madeAt).kekId;
    expect(() => stranger.open(document)).toThrow(MasterKeyMissing);
    expect(() => stranger.open(document)).toThrow(new RegExp(`master key ${document.kekId}, .*given ${given}, .*MASTER_KEY_OLD`));
    expect(() => stranger.open({ ...document, kekId: given })).toThrow(Unreadable);
  });

  test('opens with an earlier master key, and new ones are wrapped by the present one', () => {
    const next = createKeys({ kek: randomBytes(32), oldKeks: [randomBytes(32), kek], deployment });
    const document = keys.newDataKey('anna', madeAt);
    expect(next.open(document).objectsKey).toEqual(keys.open(document).objectsKey);
    const made = next.newDataKey('boris', madeAt);
    expect(made.kekId).not.toBe(document.kekId);
    expect(() => keys.open(made)).toThrow(MasterKeyMissing);
  });

  test('does not open when it says that another of the given master keys wraps it', () => {
    const other = randomBytes(32);
    const both = createKeys({ kek, oldKeks: [other], deployment });
    const { kekId } = createKeys({ kek: other, deployment }).newDataKey('anna', madeAt);
    expect(() => both.open({ ...keys.newDataKey('anna', madeAt), kekId })).toThrow(Unreadable);
  });
});

describe('a receipt', () => {
  const receipt = Buffer.from('erased: 3 videos');

  test('is signed so that the public key alone proves it, also after the master key has changed', () => {
    const signature = keys.signReceipt(receipt);
    const later = createKeys({ kek: randomBytes(32), deployment });
    expect(signature).toHaveLength(64);
    expect(keys.receiptsPublicKey.asymmetricKeyType).toBe('ed25519');
    expect(verify(null, receipt, later.receiptsPublicKey, signature)).toBe(true);
    expect(later.signReceipt(receipt)).toEqual(signature);
  });

  test('does not hold after a bit of it or of its signature was changed, nor as one of another deployment', () => {
    const signature = keys.signReceipt(receipt);
    const flipped = (bytes: Buffer, at: number) => Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ 1 : byte)));
    for (let at = 0; at < receipt.length; at++)
      expect(verify(null, flipped(receipt, at), keys.receiptsPublicKey, signature)).toBe(false);
    for (let at = 0; at < 64; at++) expect(verify(null, receipt, keys.receiptsPublicKey, flipped(signature, at))).toBe(false);
    const { receiptsPublicKey } = createKeys({ kek, deployment: newDeploymentKeys() });
    expect(verify(null, receipt, receiptsPublicKey, signature)).toBe(false);
  });

  test('shows only the public half of its key', () => {
    expect(keys.receiptsPublicKey.type).toBe('public');
    const shown = keys.receiptsPublicKey.export({ format: 'der', type: 'spki' });
    expect(shown.includes(deployment.receipts)).toBe(false);
  });
});

describe('a blind index', () => {
  test('is the same for the same parts, whatever the master key, and differs for any others', () => {
    const found = keys.blindIndex('identity', 'telegram', '12');
    expect(createKeys({ kek: randomBytes(32), deployment }).blindIndex('identity', 'telegram', '12')).toBe(found);
    const others = [
      keys.blindIndex('identity', 'telegram1', '2'),
      keys.blindIndex('identity', 'discord', '12'),
      keys.blindIndex('chat', 'telegram', '12'),
      keys.blindIndex('identity', 'telegram","12'),
      createKeys({ kek, deployment: newDeploymentKeys() }).blindIndex('identity', 'telegram', '12'),
    ];
    expect(new Set([found, ...others]).size).toBe(6);
    expect(found).toMatch(/^[\w-]{43}$/);
  });
});
