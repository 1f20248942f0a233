import mongoose from 'mongoose';
import { expect, test } from 'vitest';
import { LOG_FIELDS } from '../../../core/log.ts';
import { pathsOf } from '../../../core/privacy/registry/paths.ts';
import { REGISTRY } from '../../../core/privacy/registry.ts';
import { modelsOf } from '../../../models/index.ts';

const models = Object.entries(modelsOf(mongoose.createConnection()));
const rules = Object.entries(REGISTRY.collections);

test('names every collection and every path that is stored, and none that is not', () => {
  const stored = models.flatMap(([name, { schema }]) => pathsOf(schema).map((path) => `${name}.${path}`));
  const tagged = rules.flatMap(([name, { paths }]) => Object.keys(paths).map((path) => `${name}.${path}`));
  expect(stored.length).toBeGreaterThan(250);
  expect(tagged.toSorted()).toEqual(stored.toSorted());
});

test('sees a path that nobody has tagged, in the depth of a list too', () => {
  const part = new mongoose.Schema({ lot: String }, { _id: false });
  const schema = new mongoose.Schema({
    _id: String,
    hold: new mongoose.Schema({ parts: [part], notes: [String] }, { _id: false }),
  });
  expect(pathsOf(schema)).toEqual(['_id', 'hold.parts.lot', 'hold.notes']);
});

test('finds whose a document is by paths that exist and are indexed', () => {
  for (const [name, { schema }] of models) {
    const rule = rules.find(([each]) => each === name)?.[1];
    const [first] = rule?.owners ?? [];
    if (!first) continue;
    const indexed = ['_id', ...schema.indexes().map(([fields]) => Object.keys(fields)[0])];
    expect(indexed, name).toContain(first.path);
    expect(rule?.owners.every(({ path }) => path in rule.paths)).toBe(true);
  }
});

test('counts how long something is kept from a path that exists and is indexed', () => {
  const dated = rules.flatMap(([name, { retention }]) => {
    if ('days' in retention) return [[name, retention.from]];
    return 'until' in retention && retention.by === undefined ? [[name, retention.until]] : [];
  });
  expect(dated.length).toBeGreaterThan(4);
  for (const [name, path = ''] of dated) {
    const schema = models.find(([each]) => each === name)?.[1].schema;
    expect(
      schema?.indexes().map(([fields]) => Object.keys(fields)[0]),
      name,
    ).toContain(path);
  }
});

test('says of every path of a collection that stays under a pseudonym what becomes of it', () => {
  const kept = rules.filter(([, { erase }]) => erase.how === 'pseudonymise');
  expect(kept.map(([name]) => name)).toEqual(['payments']);
  for (const [name, { paths, owners }] of kept) {
    for (const [path, { whenKept, sealed }] of Object.entries(paths)) {
      expect(whenKept, `${name}.${path}`).toBeDefined();
      // What only a destroyed key opens is dead weight that might be mistaken for data.
      if (sealed) expect(whenKept, `${name}.${path}`).toBe('drop');
    }
    for (const { path } of owners) expect(paths[path]?.whenKept).toBe('pseudonym');
  }
});

test('never exports a key, a fingerprint, a place or what is sealed for the deployment', () => {
  for (const [name, { export: taken, paths }] of rules) {
    if (taken !== 'yes') continue;
    for (const [path, { exportNot, sealed }] of Object.entries(paths)) {
      const isSecret =
        /(^|\.)(keyIds?|place|\w*Hash|hash|url|uploadedAs)$/.test(path) && !/^(consents|privacyEvents)$/.test(name);
      if (isSecret || sealed === 'deployment') expect(exportNot, `${name}.${path}`).toBeDefined();
    }
  }
});

test('seals every path whose type is sealed text, and no other', () => {
  const sealed = rules.flatMap(([name, { paths }]) =>
    Object.entries(paths).flatMap(([path, rule]) => (rule.sealed ? [`${name}.${path} ${rule.sealed}`] : [])),
  );
  expect(sealed.toSorted()).toEqual([
    'accounts.home text',
    'accounts.mail text',
    'accounts.mailProof.address json',
    'accounts.name text',
    'archives.place json',
    'erasures.place deployment',
    'generations.message json',
    'generations.place json',
    'generations.prompt json',
    'generations.uploadedAs json',
    'payments.payer json',
    'payments.place json',
    'storedUpdates.body deployment',
  ]);
});

test('names every field of the log and no other', () => {
  expect(Object.keys(REGISTRY.logs).toSorted()).toEqual(LOG_FIELDS.toSorted());
});

test('holds no card, no device and no cookie', () => {
  const words = rules.flatMap(([, { paths }]) => Object.keys(paths)).join(' ');
  expect(words).not.toMatch(/card|cvc|iban|browser|userAgent|cookie|address\.city|ipAddress/i);
});
