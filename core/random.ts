import { createHash } from 'node:crypto';

/** A whole number from 0 to 2^31 - 1 that is always the same for the same text. */
export const seedOf = (text: string): number => createHash('sha256').update(text).digest().readUInt32BE(0) >>> 1;
