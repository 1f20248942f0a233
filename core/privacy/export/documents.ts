import type { Models } from '../../../models/index.ts';
import { Unreadable } from '../../keys.ts';
import type { CollectionRule, Owner } from '../registry-types.ts';
import { type Person, personOf } from './people.ts';
import type { Fields, Leaf, Shape } from './shape.ts';

export type CollectionName = keyof Models;

export interface Reading {
  models: Models;
  people: readonly Person[];
  name: CollectionName;
  rule: CollectionRule;
  shape: Fields;
  /** A sealed field that does not open: it is left out, and the rest of the document is not. */
  onUnreadable(id: string, path: string): void;
}

type Stored = Record<string, unknown>;

/** At once from the database. */
const BATCH = 200;

/** Everything of these people in one collection, oldest first where its index knows, each document once. */
export async function* documentsOf(reading: Reading): AsyncGenerator<Stored> {
  const { models, people, name, rule } = reading;
  for (const [index, owner] of rule.owners.entries()) {
    const idsOf = ({ by }: Owner) => people.map((person) => (by === 'account' ? person.id : person.keyId));
    const before = rule.owners.slice(0, index).map((earlier) => [earlier.path, { $nin: idsOf(earlier) }]);
    const filter = { ...Object.fromEntries(before), [owner.path]: { $in: idsOf(owner) } };
    const found = models[name].collection.find<Stored>(filter, { sort: orderOf(models, name, owner), batchSize: BATCH });
    for await (const document of found) yield exported(reading, document, document[owner.path]);
  }
}

/** As the index of the owner goes on, so that the database sorts nothing. */
function orderOf(models: Models, name: CollectionName, { path }: Owner): Record<string, 1> {
  const fields = models[name].schema.indexes().map(([index]) => Object.keys(index));
  const rest = fields.find((index) => index[0] === path && index.length > 1)?.slice(1) ?? [];
  return Object.fromEntries(rest.map((field) => [field, 1]));
}

function exported({ models, people, name, shape, onUnreadable }: Reading, document: Stored, owner: unknown): Stored {
  const person = personOf(people, document.keyId, owner);
  const id = String(document._id);
  const open = ({ path, sealed }: Leaf, text: string): unknown => {
    try {
      const plain = person?.keys.unseal({ collection: models[name].collection.name, id, path }, text);
      return sealed === 'json' && plain !== undefined ? JSON.parse(plain) : plain;
    } catch (error) {
      if (!(error instanceof Unreadable) && !(error instanceof SyntaxError)) throw error;
      onUnreadable(id, path);
      return undefined;
    }
  };
  return fieldsOf(shape, document, open);
}

type Open = (leaf: Leaf, sealed: string) => unknown;

function fieldsOf({ fields }: Fields, stored: Stored, open: Open): Stored {
  return Object.fromEntries(
    fields.flatMap(({ name, shape }) => {
      const value = shownValue(shape, stored[name], open);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function shownValue(shape: Shape, stored: unknown, open: Open): unknown {
  if (stored === undefined) return undefined;
  if (stored === null) return shape.kind === 'leaf' && shape.isNullable ? null : undefined;
  switch (shape.kind) {
    case 'list':
      return Array.isArray(stored) ? stored.map((one) => shownValue(shape.of, one, open)) : undefined;
    case 'fields':
      return isStored(stored) ? fieldsOf(shape, stored, open) : undefined;
    case 'leaf':
      if (shape.sealed) return open(shape, String(stored));
      return stored instanceof Date ? stored.toISOString() : stored;
  }
}

const isStored = (value: unknown): value is Stored => typeof value === 'object' && value !== null;
