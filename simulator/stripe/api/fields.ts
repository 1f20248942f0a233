import type { Fields } from '../knobs.ts';
import { invalid, missingParameter } from './refusal.ts';

/** Reads `a[b][0]=x&c=y`, the encoding of bodies and queries of the v1 API. */
export function readFields(encoded: string): Fields {
  const root: Fields = Object.create(null);
  for (const [name, value] of new URLSearchParams(encoded)) {
    const path = name.split(/[[\]]+/).filter((part, place) => part !== '' || place === 0);
    const last = path.pop() ?? name;
    let group = root;
    for (const part of path) {
      const next = group[part];
      const inner: Fields = typeof next === 'object' ? next : Object.create(null);
      group[part] = inner;
      group = inner;
    }
    group[last === '' ? String(Object.keys(group).length) : last] = value;
  }
  return root;
}

/** Undefined where it is missing or empty: an empty value unsets. */
export function text(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  if (typeof value === 'object') throw invalid(`Invalid string: ${name}`, name);
  return value === '' ? undefined : value;
}

export function needed(fields: Fields, name: string): string {
  const value = text(fields, name);
  if (value === undefined) throw missingParameter(name);
  return value;
}

export function integer(fields: Fields, name: string): number | undefined {
  const value = text(fields, name);
  if (value === undefined) return undefined;
  if (!/^-?\d+$/.test(value)) throw invalid(`Invalid integer: ${value}`, name, 'parameter_invalid_integer');
  return Number(value);
}

export function flag(fields: Fields, name: string): boolean | undefined {
  const value = text(fields, name);
  if (value === undefined) return undefined;
  if (value !== 'true' && value !== 'false') throw invalid(`Invalid boolean: ${value}`, name);
  return value === 'true';
}

export function group(fields: Fields, name: string): Fields {
  const value = fields[name];
  return typeof value === 'object' ? value : {};
}

/** The groups of `name[0]`, `name[1]` … */
export const groups = (fields: Fields, name: string): Fields[] =>
  Object.values(group(fields, name)).flatMap((value) => (typeof value === 'object' ? [value] : []));

/** The words of `name[0]`, `name[1]` … */
export const words = (fields: Fields, name: string): string[] =>
  Object.values(group(fields, name)).flatMap((value) => (typeof value === 'string' ? [value] : []));

export function choice<Choice extends string>(fields: Fields, name: string, choices: readonly Choice[]): Choice | undefined {
  const value = text(fields, name);
  const found = choices.find((one) => one === value);
  if (value !== undefined && !found) throw invalid(`Invalid ${name}: must be one of ${choices.join(', ')}`, name);
  return found;
}

/** Only these may stand in the request (docs.stripe.com/error-codes: parameter_unknown). */
export function known(fields: Fields, names: readonly string[]): void {
  const stranger = Object.keys(fields).find((name) => name !== 'expand' && !names.includes(name));
  if (stranger !== undefined) throw invalid(`Received unknown parameter: ${stranger}`, stranger, 'parameter_unknown');
}

/** `held` with what the request sets; an empty value takes a key away. At most 50 keys of 40 characters, values of 500. */
export function metadata(fields: Fields, held: Record<string, string> = {}): Record<string, string> {
  const kept = { ...held };
  if (fields.metadata === '') return {};
  for (const [key, value] of Object.entries(group(fields, 'metadata'))) {
    if (typeof value !== 'string') throw invalid('Invalid metadata', 'metadata');
    if (key.length > 40 || value.length > 500)
      throw invalid('Metadata keys have up to 40 and values up to 500 characters.', `metadata[${key}]`);
    if (value === '') delete kept[key];
    else kept[key] = value;
  }
  if (Object.keys(kept).length > 50) throw invalid('Metadata can have up to 50 keys.', 'metadata');
  return kept;
}
