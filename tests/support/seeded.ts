import type { Schema } from 'mongoose';
import type { Account } from '../../core/accounts.ts';
import type { App } from '../../core/app.ts';
import { REGISTRY } from '../../core/privacy/registry.ts';
import type { CollectionRule, PathRule } from '../../core/privacy/registry-types.ts';
import type { Models } from '../../models/index.ts';

export type Name = keyof Models;

const names = Object.keys(REGISTRY.collections) as Name[];

/** Collections that a person takes along. */
export const exportedCollections: [Name, CollectionRule][] = names
  .map((name): [Name, CollectionRule] => [name, REGISTRY.collections[name]])
  .filter(([, rule]) => rule.export === 'yes');

/** Of a path that holds a plain text, what `seedEverything` writes there. */
export const canaryOf = (mark: string, name: string, path: string): string => `${mark}-${name}-${path.replaceAll('.', '-')}_`;

type Fill = (path: string, type: Schema['paths'][string], rule: PathRule | undefined) => unknown;

function filled(schema: Schema, paths: Record<string, PathRule>, fill: Fill, prefix = ''): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(schema.paths).map(([name, type]) => {
      const path = `${prefix}${name}`;
      if (type.schema) {
        const inner = filled(type.schema, paths, fill, `${path}.`);
        return [name, type.instance === 'Array' ? [inner] : inner];
      }
      const value = fill(path, type, paths[path]);
      return [name, type.instance === 'Array' ? [value] : value];
    }),
  );
}

/** One document of the account in every collection that is exported, with a value in every path; its own document is filled up. */
export async function seedEverything(app: App, account: Account, mark: string): Promise<void> {
  for (const [name, rule] of exportedCollections) {
    const { collection, schema } = app.models[name];
    const own = rule.owners.map(({ path, by }): [string, string] => [path, by === 'account' ? account.id : account.keyId]);
    const owned = new Map([...own, ['keyId', account.keyId], ['wallet', account.wallet]]);
    const id = owned.get('_id') ?? canaryOf(mark, name, '_id');
    const document = filled(schema, { ...rule.paths }, (path, type, at) => {
      const value = owned.get(path) ?? sampleOf(type, canaryOf(mark, name, path));
      if (at?.sealed !== 'text' && at?.sealed !== 'json') return value;
      const plain = at.sealed === 'json' ? JSON.stringify(value) : String(value);
      return account.keys.seal({ collection: collection.name, id, path }, plain);
    });
    document._id = id;
    if (name === 'accounts') await fillAccount(app, account, document);
    else await collection.replaceOne({ _id: document._id as never }, document, { upsert: true });
  }
}

async function fillAccount(app: App, account: Account, document: Record<string, unknown>): Promise<void> {
  const { _id, identities, keyId, status, leaving, partner, joining, ...rest } = document;
  await app.models.accounts.collection.updateOne({ _id: account.id as never }, { $set: { ...rest } });
}

function sampleOf(
  { instance, options, embeddedSchemaType }: Schema['paths'][string] & { embeddedSchemaType?: unknown },
  text: string,
): unknown {
  const choices: unknown = options?.enum;
  if (Array.isArray(choices) && choices.length > 0) return choices[0];
  if (embeddedSchemaType !== undefined || instance === 'String') return text;
  if (instance === 'Number') return 7;
  if (instance === 'Boolean') return true;
  if (instance === 'Date') return new Date('2026-01-02T03:04:05.678Z');
  throw new Error(`nobody knows how to fill a ${instance}`);
}
