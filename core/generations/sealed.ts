import { z } from 'zod';
import type { GenerationDocument } from '../../models/generation.ts';
import type { Place } from '../chat.ts';
import type { AccountKeys, Sealed } from '../keys.ts';

const COLLECTION = 'generations';

/** The sealed fields of a generation, each bound to its document: moved elsewhere it does not open. */
const field = <Value>(path: keyof GenerationDocument, schema: z.ZodType<Value>) => ({
  seal: (keys: AccountKeys, id: string, value: Value): Sealed =>
    keys.seal({ collection: COLLECTION, id, path }, JSON.stringify(value)),
  open: (keys: AccountKeys, id: string, sealed: string): Value =>
    schema.parse(JSON.parse(keys.unseal({ collection: COLLECTION, id, path }, sealed))),
});

const id = z.string();
/** Where a person is told something, as it is stored. */
export const placeSchema: z.ZodType<Place> = z.discriminatedUnion('platform', [
  z.object({
    platform: z.literal('discord'),
    chat: id,
    user: id,
    application: id,
    interaction: z.object({ id, token: z.string(), at: z.number() }),
    canPost: z.boolean(),
    fileLimit: z.number(),
  }),
  z.object({
    platform: z.literal('telegram'),
    chat: id,
    user: id,
    group: z.boolean(),
    topic: z.number().optional(),
    replyTo: z.number().optional(),
  }),
]);

export const prompt = field('prompt', z.string());
export const place = field('place', placeSchema);
export const uploadedAs = field('uploadedAs', z.string());
export const message = field('message', z.string());
