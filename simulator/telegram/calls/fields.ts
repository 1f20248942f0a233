import { badRequest } from './refusal.ts';

/** Arguments of a call, or an object inside them. Values are as the bot sent them: typed in JSON, words in other bodies. */
export type Fields = Readonly<Record<string, unknown>>;

export interface SentFile {
  name: string;
  mime: string;
  data: Buffer;
}

export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

export function text(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw badRequest(`field "${name}" must be of type String`);
}

export function integer(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  if (value === undefined || value === null || value === '') return undefined;
  const number = typeof value === 'string' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) throw badRequest(`field "${name}" must be of type Integer`);
  return number;
}

/** Seconds and pixels may come with a fraction, which Telegram drops. */
export function whole(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  const number = Number(value);
  if (!Number.isFinite(number)) throw badRequest(`field "${name}" must be of type Integer`);
  return Math.trunc(number);
}

export const flag = (fields: Fields, name: string): boolean => [true, 'true', 'True', '1', 1].some((yes) => fields[name] === yes);

export function object(fields: Fields, name: string): Fields | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (!isFields(value)) throw badRequest(`object expected as "${name}"`);
  return value;
}

export function list(fields: Fields, name: string): readonly unknown[] | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw badRequest(`field "${name}" must be of type Array`);
  return value;
}
