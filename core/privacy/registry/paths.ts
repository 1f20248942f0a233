import type { Schema, SchemaType } from 'mongoose';

/** What a schema stores, leaf by leaf: nested paths with dots, elements of a list as the list itself. */
export function pathsOf(schema: Pick<Schema, 'paths'>, parent = ''): string[] {
  return Object.entries(schema.paths).flatMap(([name, type]: [string, SchemaType & { schema?: Schema }]) => {
    const path = `${parent}${name}`;
    return type.schema ? pathsOf(type.schema, `${path}.`) : [path];
  });
}
