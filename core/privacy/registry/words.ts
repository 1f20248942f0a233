import type { PathRule } from '../registry-types.ts';

/** Why something is left out of an export. */
export const INTERNAL = 'keeps the work in order and says nothing about you';
export const ROUTE = 'where to answer; holds keys of the chat platform';
export const FINGERPRINT = 'a fingerprint that only this service can make; nothing can be read from it';
export const KEY = 'names a key';

/** The service's own bookkeeping. */
export const inner = (about: string): PathRule => ({ about, exportNot: INTERNAL });

/** Why a collection that is about nobody stays. */
export const ABOUT_NOBODY = 'it is about nobody';
