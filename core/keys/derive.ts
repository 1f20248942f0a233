import { hkdfSync } from 'node:crypto';

/** HKDF-SHA-256: one key of 32 bytes for each purpose, none of which tells anything about another. */
export const derive = (key: Buffer, purpose: string): Buffer => Buffer.from(hkdfSync('sha256', key, '', purpose, 32));
