import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { type Limit, readLimits, tooLong } from './telegram-limits.ts';

/** As much of JSON Schema as is read here. */
export interface Schema {
  $ref?: string;
  description?: string;
  properties?: Record<string, Schema>;
  anyOf?: Schema[];
  definitions?: Record<string, Schema>;
}

interface Schemas {
  /** Knows every field: an unknown one is an error. Fit for requests. */
  strict: Schema;
  /** Lets unknown fields pass: `(Message & Edited) | true` would refuse every edited message otherwise. */
  open: Schema;
}

const schemas = await readSchemas();
const request = checker(schemas.strict);
const result = checker(schemas.open);

/** Length limits by `method.field` or `Type.field`, as the documentation in the types states them. */
export const limits: Record<string, Limit> = readLimits(schemas.strict);

/** Complaints about the arguments of a call, of form and of length; empty when they are right. */
export const checkRequest = (method: string, fields: unknown): string[] => [
  ...request(`Requests/properties/${method}`, fields),
  ...tooLong(method, fields, limits),
];

/** Complaints about what a call gave back; empty when it is right. */
export const checkResult = (method: string, value: unknown): string[] => result(`Results/properties/${method}`, value);

/** Complaints about an update; empty when it is right. */
export const checkUpdate = (update: unknown): string[] => result('AnyUpdate', update);

/** Structural, so that this file needs nothing of the simulator. */
type Traffic =
  | { kind: 'call'; call: { method: string; fields: unknown; result?: unknown } }
  | { kind: 'update'; update: unknown }
  | { kind: 'delivery' };

/** Checks all traffic of a simulator from now on; the array fills with complaints. */
export function watchTelegram(simulator: { watch(listener: (exchange: Traffic) => void): unknown }): string[] {
  const complaints: string[] = [];
  simulator.watch((exchange) => {
    if (exchange.kind === 'update') complaints.push(...checkUpdate(exchange.update).map((what) => `update ${what}`));
    if (exchange.kind !== 'call') return;
    const { method, fields, result: value } = exchange.call;
    complaints.push(...checkRequest(method, fields).map((what) => `request ${method} ${what}`));
    if (value !== undefined) complaints.push(...checkResult(method, value).map((what) => `result ${method} ${what}`));
  });
  return complaints;
}

function checker(schema: Schema): (pointer: string, value: unknown) => string[] {
  // Without the checks and the tuning that only pay off for schemas used far more often: a quarter of the time.
  const thrifty = { validateSchema: false, inlineRefs: false, code: { optimize: false } };
  const ajv = new Ajv({ strict: false, allErrors: true, allowUnionTypes: true, ...thrifty });
  ajv.addSchema({ ...schema, $id: 'telegram' });
  const known = new Map<string, ReturnType<typeof ajv.compile>>();
  return (pointer, value) => {
    const [group = '', , method] = pointer.split('/');
    if (method !== undefined && !schema.definitions?.[group]?.properties?.[method]) return [`unknown method ${method}`];
    const validate = known.get(pointer) ?? ajv.compile({ $ref: `telegram#/definitions/${pointer}` });
    known.set(pointer, validate);
    // As it stands on the wire: without the fields that are undefined.
    if (validate(JSON.parse(JSON.stringify(value)))) return [];
    const errors = (validate.errors ?? []).slice(0, 5);
    return errors.map(({ instancePath, message, params }) => `${instancePath || '/'} ${message} ${JSON.stringify(params)}`);
  };
}

/** Making the schemas takes seconds, so they are kept until a package they come from changes. */
async function readSchemas(): Promise<Schemas> {
  const folder = fileURLToPath(new URL('../../node_modules/.cache/telegram-schema/', import.meta.url));
  const file = `${folder}${versionOf('@grammyjs/types')}-${versionOf('typescript-json-schema')}.json`;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Schemas;
  } catch {
    const made = await makeSchemas();
    mkdirSync(folder, { recursive: true });
    const unfinished = `${file}.${process.pid}`;
    writeFileSync(unfinished, JSON.stringify(made));
    renameSync(unfinished, file);
    return made;
  }
}

/** Loads the maker only when it is needed: it brings a TypeScript of its own. */
async function makeSchemas(): Promise<Schemas> {
  const { generateSchema, programFromConfig } = await import('typescript-json-schema');
  const program = programFromConfig(fileURLToPath(new URL('telegram-schema.tsconfig.json', import.meta.url)));
  const make = (noExtraProps: boolean): Schema => {
    const made = generateSchema(program, '*', { required: true, noExtraProps });
    return JSON.parse(JSON.stringify(made)) as Schema;
  };
  return { strict: make(true), open: make(false) };
}

function versionOf(name: string): string {
  const description = readFileSync(new URL(`../../node_modules/${name}/package.json`, import.meta.url), 'utf8');
  return String((JSON.parse(description) as { version: unknown }).version);
}
