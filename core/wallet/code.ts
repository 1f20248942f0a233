import { randomInt } from 'node:crypto';

/** No letter or digit that looks like another one. */
const SIGNS = '23456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 8;

/** Eight signs by chance: more than 6 × 10^11 codes. */
export const newCode = (): string => Array.from({ length: LENGTH }, () => SIGNS[randomInt(SIGNS.length)]).join('');

/** A code as a person types it: small letters, spaces and dashes do not matter. */
export const readCode = (typed: string): string => typed.toUpperCase().replace(/[\s-]+/g, '');
