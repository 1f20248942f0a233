import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv, type ValidateFunction } from 'ajv';

/** JSON Schema of gateway payloads, made from discord-api-types by a TypeScript of its own; kept until the package changes. */
export const GATEWAY_TYPES = [
  'Ready',
  'Identify',
  'Resume',
  'Command',
  'Component',
  'Autocomplete',
  'Modal',
  'Entitlement',
  'Subscription',
  'Sku',
] as const;
export type GatewayType = (typeof GATEWAY_TYPES)[number];

const here = dirname(fileURLToPath(import.meta.url));
const TYPES = join(here, 'discord-gateway-types.ts');
/** A sum of bits is in no enum. */
const BITS = /flags$/i;

async function generate(): Promise<string> {
  const { buildGenerator, programFromConfig } = await import('typescript-json-schema');
  const generator = buildGenerator(programFromConfig(join(here, 'discord-gateway.tsconfig.json')), { required: true });
  if (!generator) throw new Error('the gateway types do not compile');
  const schema = generator.getSchemaForSymbols([...GATEWAY_TYPES]);
  return JSON.stringify(schema, (key, value) => {
    if (key === 'enum') return [...new Set(value)];
    return BITS.test(key) && typeof value === 'object' ? { type: 'integer' } : value;
  });
}

/** The file is written aside and renamed, so that two test processes cannot read half of it. */
async function schemaText(): Promise<string> {
  const packaged = readFileSync(join(here, '../../node_modules/discord-api-types/package.json'));
  const print = createHash('sha256')
    .update(packaged)
    .update(readFileSync(TYPES))
    .update(readFileSync(import.meta.filename))
    .digest('hex');
  const folder = join(here, '../../node_modules/.cache');
  const path = join(folder, `discord-gateway-${print.slice(0, 16)}.json`);
  try {
    return readFileSync(path, 'utf8');
  } catch {
    const text = await generate();
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${path}.${process.pid}`, text);
    renameSync(`${path}.${process.pid}`, path);
    return text;
  }
}

const ajv = new Ajv({ strict: false, allErrors: true, allowUnionTypes: true, inlineRefs: false });
ajv.addSchema({ ...JSON.parse(await schemaText()), $id: 'gateway' });
const validators = new Map<GatewayType, ValidateFunction>(
  GATEWAY_TYPES.map((type) => [type, ajv.compile({ $ref: `gateway#/definitions/${type}` })]),
);

/** What is wrong with the payload, nothing when it is valid. Of a union's many complaints the missing fields come first. */
export function checkGatewayType(type: GatewayType, payload: unknown): string[] {
  const validate = validators.get(type);
  if (validate?.(JSON.parse(JSON.stringify(payload ?? null)))) return [];
  const errors = validate?.errors ?? [];
  const missing = errors.filter((error) => error.keyword === 'required');
  return (missing.length > 0 ? missing : errors).slice(0, 6).map((error) => `${type}${error.instancePath} ${error.message}`);
}
