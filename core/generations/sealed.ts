import type { GenerationDocument } from '../../models/generation.ts';
import type { Place } from '../chat.ts';
import type { AccountKeys, Sealed } from '../keys.ts';

const COLLECTION = 'generations';

/** The sealed fields of a generation, each bound to its document: moved elsewhere it does not open. */
const field = <Value>(path: keyof GenerationDocument) => ({
  seal: (keys: AccountKeys, id: string, value: Value): Sealed =>
    keys.seal({ collection: COLLECTION, id, path }, JSON.stringify(value)),
  open: (keys: AccountKeys, id: string, sealed: string): Value =>
    JSON.parse(keys.unseal({ collection: COLLECTION, id, path }, sealed)) as Value,
});

export const prompt = field<string>('prompt');
export const place = field<Place>('place');
export const uploadedAs = field<string>('uploadedAs');
