import type { Schema } from './telegram-schema.ts';

export interface Limit {
  min: number;
  max: number;
  unit: 'characters' | 'bytes';
}

/** Reads "1-64 bytes" and the like out of the documentation comments that the schema carries along. */
export function readLimits({ definitions = {} }: Schema): Record<string, Limit> {
  const found: Record<string, Limit> = {};
  const read = (name: string, { properties = {} }: Schema) => {
    for (const [field, { description = '' }] of Object.entries(properties)) {
      const [, min, max, unit] = /(\d+)-(\d+)\s+(characters|bytes)/.exec(description) ?? [];
      if (unit === 'characters' || unit === 'bytes') found[`${name}.${field}`] = { min: Number(min), max: Number(max), unit };
    }
  };
  const target = (schema: Schema): Schema =>
    schema.$ref === undefined ? schema : (definitions[decodeURIComponent(schema.$ref.split('/').at(-1) ?? '')] ?? {});
  for (const [method, schema] of Object.entries(definitions.Requests?.properties ?? {})) read(method, target(schema));
  for (const [type, schema] of Object.entries(definitions)) {
    for (const variant of [schema, ...(schema.anyOf ?? [])]) read(type, variant);
  }
  return found;
}

/** Complaints about words in a call that are longer or shorter than the documentation allows. */
export function tooLong(method: string, fields: unknown, limits: Record<string, Limit>): string[] {
  const complaints: string[] = [];
  const visit = (value: unknown, owner: string, isHtml: boolean): void => {
    if (Array.isArray(value)) {
      for (const item of value) visit(item, owner, isHtml);
      return;
    }
    if (typeof value !== 'object' || value === null) return;
    const parsed = isHtml || ('parse_mode' in value && value.parse_mode === 'HTML');
    for (const [name, inside] of Object.entries(value)) {
      const limit = limits[`${owner}.${name}`];
      if (typeof inside === 'string' && limit) complaints.push(...complaint(`${owner}.${name}`, inside, limit, parsed));
      else if (typeof inside === 'object') visit(inside, ownerOf(name, inside) ?? owner, parsed);
    }
  };
  visit(fields, method, false);
  return complaints;
}

function complaint(name: string, words: string, { min, max, unit }: Limit, isHtml: boolean): string[] {
  const length = unit === 'bytes' ? Buffer.byteLength(words) : (isHtml ? afterParsing(words) : words).length;
  return length < min || length > max ? [`${name} has ${length} ${unit}, not ${min}-${max}`] : [];
}

/** Limits hold "after entities parsing". */
const afterParsing = (html: string): string => html.replace(/<[^>]*>/g, '').replace(/&(#\w+|lt|gt|amp|quot);/g, '.');

/** The documented type of what stands under a name inside a call. */
const OWNERS: Record<string, string> = {
  reply_markup: 'InlineKeyboardButton.CallbackButton',
  commands: 'BotCommand',
  reply_parameters: 'ReplyParameters',
};

function ownerOf(name: string, value: unknown): string | undefined {
  if (name !== 'media' || typeof value !== 'object' || value === null || !('type' in value)) return OWNERS[name];
  const type = String(value.type);
  return `InputMedia${type.charAt(0).toUpperCase()}${type.slice(1)}<string>`;
}
