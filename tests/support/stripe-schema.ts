import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv, type ValidateFunction } from 'ajv';

/** As much of JSON Schema as is read here. */
interface Schema {
  $ref?: string;
  type?: string;
  not?: Schema;
  enum?: string[];
  properties?: Record<string, Schema>;
  definitions?: Record<string, Schema>;
}

/** Objects that only stand within others. */
const WITHIN = ['plan', 'balance_transaction'];

const compiled = new Map<string, ValidateFunction>();
const schema = await readSchema();
const definitions = schema.definitions ?? {};
for (const [name, definition] of Object.entries(definitions)) {
  // The declarations promise a class that the client makes of what is a string on the wire.
  if (name.endsWith('.Decimal')) definitions[name] = { type: 'string' };
  // Nothing here answers with other objects, and compiling them all takes most of the time.
  const [kind] = definition.properties?.object?.enum ?? [];
  if (kind !== undefined && !(kind in (schema.properties ?? {})) && !WITHIN.includes(kind)) definitions[name] = { not: {} };
}
const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false, inlineRefs: false, code: { optimize: false } });
ajv.addSchema({ ...schema, $id: 'stripe' });

/**
 * Complaints about an answer or an event of the API, by the declarations of the `stripe` package: fields that are missing, unknown or
 * of another type, values outside the documented enumerations. Lists are judged entry by entry, expanded objects where they stand.
 */
export function checkStripe(answer: unknown): string[] {
  if (!isObject(answer)) return ['the answer is no object'];
  if (answer.object === 'list') return Array.isArray(answer.data) ? answer.data.flatMap(checkStripe) : ['the list has no data'];
  const name = String(answer.object);
  if (name !== 'event' || !isObject(answer.data)) return judge(name, answer);
  // Of an event's object the declaration of all events knows nothing.
  return [...judge(name, { ...answer, data: { object: {} } }), ...checkStripe(answer.data.object)];
}

function judge(name: string, value: unknown): string[] {
  if (!schema.properties?.[name]) return [`unknown object ${name}`];
  const validate = compiled.get(name) ?? ajv.compile({ $ref: `stripe#/properties/${name}` });
  compiled.set(name, validate);
  if (validate(value)) return [];
  // Of a choice between types all refusals are given: the deepest is the one that tells.
  const errors = [...(validate.errors ?? [])].sort((a, b) => b.instancePath.length - a.instancePath.length).slice(0, 5);
  return errors.map(({ instancePath, message, params }) => `${name}${instancePath} ${message} ${JSON.stringify(params)}`);
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Making the schema takes seconds, so it is kept until a package it comes from changes. */
async function readSchema(): Promise<Schema> {
  const folder = fileURLToPath(new URL('../../node_modules/.cache/stripe-schema/', import.meta.url));
  const file = `${folder}${versionOf('stripe')}-${versionOf('typescript-json-schema')}.json`;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Schema;
  } catch {
    const made = await makeSchema();
    mkdirSync(folder, { recursive: true });
    const unfinished = `${file}.${process.pid}`;
    writeFileSync(unfinished, JSON.stringify(made));
    renameSync(unfinished, file);
    return made;
  }
}

/** Loads the maker only when it is needed: it brings a TypeScript of its own. */
async function makeSchema(): Promise<Schema> {
  const { generateSchema, programFromConfig } = await import('typescript-json-schema');
  const program = programFromConfig(fileURLToPath(new URL('stripe-schema.tsconfig.json', import.meta.url)));
  const made = generateSchema(program, 'Objects', { required: true, noExtraProps: true, ignoreErrors: true });
  return JSON.parse(JSON.stringify(made)) as Schema;
}

function versionOf(name: string): string {
  const description = readFileSync(new URL(`../../node_modules/${name}/package.json`, import.meta.url), 'utf8');
  return String((JSON.parse(description) as { version: unknown }).version);
}
