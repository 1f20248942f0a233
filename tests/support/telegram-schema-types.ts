// The three types that JSON Schema is made from: the whole Bot API, as the authors of grammY describe it.
import type { ApiMethods, Opts } from '@grammyjs/types/methods.js';
import type { Update } from '@grammyjs/types/update.js';

/** The arguments of every method; an uploaded file is a string, attach://part. */
export type Requests = { [Method in keyof ApiMethods<string>]: Opts<string>[Method] };
/** The result of every method. */
export type Results = { [Method in keyof ApiMethods<string>]: ReturnType<ApiMethods<string>[Method]> };
export type AnyUpdate = Update;
