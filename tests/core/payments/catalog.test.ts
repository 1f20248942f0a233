import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Catalog, itemOf, itemOfSku, priceWarnings, readCatalog } from '../../../core/payments/catalog.ts';

const SETTINGS = { STRIPE_PRICES: {}, DISCORD_SKUS: {} };
const ITEM = { id: 'pack-s', kind: 'pack', name: 'Small', credits: 100, stripe: { amountMinor: 499, currency: 'usd' } };

function fromFile(catalog: unknown): Catalog {
  const file = join(mkdtempSync(join(tmpdir(), 'lpm-catalog-')), 'catalog.json');
  writeFileSync(file, JSON.stringify(catalog));
  return readCatalog({ ...SETTINGS, CATALOG_FILE: file });
}

test('sells packs and plans on every rail that has a price and an id', () => {
  const catalog = readCatalog({ STRIPE_PRICES: { 'pack-s': 'price_1' }, DISCORD_SKUS: { 'plan-pro': '123' } });
  expect(catalog.items.map(({ id, kind }) => [id, kind])).toEqual([
    ['pack-s', 'pack'],
    ['pack-m', 'pack'],
    ['pack-l', 'pack'],
    ['plan-plus', 'plan'],
    ['plan-pro', 'plan'],
  ]);
  expect(itemOf(catalog, 'pack-s')?.stripe?.priceId).toBe('price_1');
  expect(itemOf(catalog, 'pack-s')?.discord).toBeUndefined();
  expect(itemOfSku(catalog, '123')?.id).toBe('plan-pro');
});

test('warns of nothing once every item has its Discord price', () => {
  const ids = readCatalog(SETTINGS).items.map(({ id }) => id);
  const full = readCatalog({ ...SETTINGS, DISCORD_SKUS: Object.fromEntries(ids.map((id, i) => [id, String(i + 1)])) });
  expect(priceWarnings(full)).toEqual([]);
  expect(priceWarnings(readCatalog(SETTINGS)).map(({ code }) => code)).toEqual(ids.map(() => 'discord_price_missing'));
});

test('warns where Discord is dearer than Stripe and where Telegram has no Stars price', () => {
  const [item] = readCatalog(SETTINGS).items;
  if (!item) throw new Error('the catalogue is empty');
  const { stars: _, ...withoutStars } = item;
  const dear = { ...withoutStars, discord: { sku: '1', amountMinor: 500 } };
  expect(priceWarnings({ version: '1', items: [dear] })).toEqual([
    { code: 'stars_price_missing', item: 'pack-s' },
    { code: 'discord_price_higher', item: 'pack-s' },
  ]);
});

test.each([
  ['two items with one id', { version: '1', items: [ITEM, ITEM] }, 'same id'],
  ['half a credit', { version: '1', items: [{ ...ITEM, credits: 0.5 }] }, 'items.0.credits'],
  ['a price of nothing', { version: '1', items: [{ ...ITEM, stripe: { amountMinor: 0, currency: 'usd' } }] }, 'amountMinor'],
  ['an item without any price', { version: '1', items: [{ ...ITEM, stripe: undefined }] }, 'nothing says what it costs'],
  ['a plan that is called a pack', { version: '1', items: [{ ...ITEM, kind: 'plan' }] }, 'begin with the kind'],
  [
    'a plan of more Stars than Telegram takes',
    { version: '1', items: [{ ...ITEM, id: 'plan-x', kind: 'plan', stars: 10_001 }] },
    'Stars',
  ],
  ['a misspelt field', { version: '1', items: [{ ...ITEM, credit: 5 }] }, 'credit'],
  ['no version', { items: [ITEM] }, 'version'],
])('does not start with %s', (_, catalog, complaint) => {
  expect(() => fromFile(catalog)).toThrow(complaint);
});

test('does not start with a price for an item that is not sold', () => {
  expect(() => readCatalog({ ...SETTINGS, DISCORD_SKUS: { 'pack-xl': '1' } })).toThrow('pack-xl');
});
