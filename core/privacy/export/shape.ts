import type { Schema } from 'mongoose';
import type { PathRule } from '../registry-types.ts';

/** What of a document a person takes along, as its schema and the registry say. */
export type Shape = Fields | List | Leaf;

export interface Fields {
  kind: 'fields';
  fields: readonly { name: string; isRequired: boolean; shape: Shape }[];
}

export interface List {
  kind: 'list';
  of: Fields | Leaf;
}

export interface Leaf {
  kind: 'leaf';
  path: string;
  about: string;
  type: 'string' | 'integer' | 'number' | 'boolean' | 'date' | 'any';
  isNullable: boolean;
  sealed?: 'text' | 'json';
  choices?: readonly string[];
}

type Paths = Readonly<Record<string, PathRule>>;
type SchemaType = Schema['paths'][string];

/** Only what the registry names and does not keep back is in it: a path that nobody has tagged stays out. */
export function shapeOf(schema: Schema, paths: Paths, prefix = ''): Fields {
  const fields = Object.entries(schema.paths).flatMap(([name, type]) => {
    const shape = shapeOfPath(type, paths, `${prefix}${name}`);
    return shape ? [{ name, isRequired: isAlwaysThere(type, shape), shape }] : [];
  });
  // The number comes first, wherever the schema has put it.
  return { kind: 'fields', fields: fields.sort((one, other) => Number(other.name === '_id') - Number(one.name === '_id')) };
}

function shapeOfPath(type: SchemaType, paths: Paths, path: string): Shape | undefined {
  const rule = paths[path];
  if (rule?.exportNot !== undefined) return undefined;
  if (type.schema) {
    const inner = shapeOf(type.schema, paths, `${path}.`);
    if (inner.fields.length === 0) return undefined;
    return type.instance === 'Array' ? { kind: 'list', of: inner } : inner;
  }
  if (!rule || rule.sealed === 'deployment') return undefined;
  const element = elementOf(type);
  return element ? { kind: 'list', of: leafOf(element, path, rule) } : leafOf(type, path, rule);
}

/** What a list of plain values holds. */
const elementOf = (type: SchemaType): SchemaType | undefined =>
  'embeddedSchemaType' in type ? (type.embeddedSchemaType as SchemaType) : undefined;

function leafOf(type: SchemaType, path: string, { about, sealed }: PathRule): Leaf {
  const leaf = { kind: 'leaf', path, about, isNullable: type.options?.default === null } as const;
  if (sealed === 'text' || sealed === 'json') return { ...leaf, sealed, type: sealed === 'text' ? 'string' : 'any' };
  const choices: unknown = type.options?.enum;
  return {
    ...leaf,
    type: typeOf(type),
    ...(Array.isArray(choices) && choices.length > 0 && { choices: choices.map(String) }),
  };
}

function typeOf({ instance, validators = [] }: SchemaType): Leaf['type'] {
  switch (instance) {
    case 'String':
      return 'string';
    case 'Boolean':
      return 'boolean';
    case 'Date':
      return 'date';
    case 'Number':
      return validators.some(({ validator }) => validator === Number.isSafeInteger) ? 'integer' : 'number';
    default:
      return 'any';
  }
}

/** What is sealed may have become unreadable, and is then named in the manifest instead. */
const isAlwaysThere = (type: SchemaType, shape: Shape): boolean =>
  type.isRequired === true && shape.kind === 'leaf' && shape.sealed === undefined;
