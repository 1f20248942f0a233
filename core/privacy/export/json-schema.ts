import type { CollectionRule } from '../registry-types.ts';
import type { Fields, Leaf, Shape } from './shape.ts';

const DRAFT = 'https://json-schema.org/draft/2020-12/schema';

/** The JSON Schema (2020-12) of a collection's file: a list of documents. Its comment says what of them is left out. */
export const schemaOfCollection = (
  { title, purpose }: Pick<CollectionRule, 'title' | 'purpose'>,
  shape: Fields,
  leftOut: readonly { what: string; why: string }[],
): object => ({
  $schema: DRAFT,
  $comment: `Left out: ${leftOut.map(({ what, why }) => `${what} (${why})`).join('; ') || 'nothing'}.`,
  title,
  description: `Kept ${purpose}.`,
  type: 'array',
  items: schemaOf(shape),
});

function schemaOf(shape: Shape): object {
  switch (shape.kind) {
    case 'list':
      return { type: 'array', items: schemaOf(shape.of) };
    case 'leaf':
      return schemaOfLeaf(shape);
    case 'fields':
      return {
        type: 'object',
        properties: Object.fromEntries(shape.fields.map((field) => [field.name, schemaOf(field.shape)])),
        required: shape.fields.filter(({ isRequired }) => isRequired).map(({ name }) => name),
        additionalProperties: false,
      };
  }
}

function schemaOfLeaf({ type, about, choices, isNullable }: Leaf): object {
  const description = about;
  if (type === 'any') return { description };
  const named = type === 'date' ? 'string' : type;
  return {
    description,
    type: isNullable ? [named, 'null'] : named,
    ...(type === 'date' && { format: 'date-time' }),
    ...(choices && { enum: isNullable ? [...choices, null] : choices }),
  };
}

const text = { type: 'string' };
const whole = { type: 'integer', minimum: 0 };
const closed = { additionalProperties: false };

/** The JSON Schema (2020-12) of `manifest.json`. */
export const MANIFEST_SCHEMA: object = {
  $schema: DRAFT,
  title: 'What is in this archive',
  type: 'object',
  properties: {
    format: { const: 'lpm-ai-export' },
    version: { const: 1 },
    created: { ...text, format: 'date-time' },
    content: { enum: ['all', 'data'] },
    accounts: {
      type: 'array',
      items: {
        type: 'object',
        properties: { id: text, platforms: { type: 'array', items: text } },
        required: ['id', 'platforms'],
        ...closed,
      },
    },
    counts: {
      type: 'object',
      additionalProperties: {
        type: 'object',
        properties: { title: text, files: whole, rows: whole, bytes: whole },
        required: ['title', 'files', 'rows', 'bytes'],
        ...closed,
      },
    },
    files: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          path: text,
          class: text,
          about: text,
          bytes: whole,
          sha256: { ...text, pattern: '^[0-9a-f]{64}$' },
          rows: whole,
          schema: text,
          generation: text,
        },
        required: ['path', 'bytes', 'sha256'],
        ...closed,
      },
    },
    missing: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          path: text,
          reason: { enum: ['missing', 'unreadable', 'damaged'] },
          generation: text,
          row: text,
          field: text,
        },
        required: ['path', 'reason'],
        ...closed,
      },
    },
    leftOut: {
      type: 'array',
      items: { type: 'object', properties: { what: text, why: text }, required: ['what', 'why'], ...closed },
    },
  },
  required: ['format', 'version', 'created', 'content', 'accounts', 'counts', 'files', 'missing', 'leftOut'],
  ...closed,
};
