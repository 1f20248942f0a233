import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { registryPage } from '../../core/privacy/registry/page.ts';
import { REGISTRY } from '../../core/privacy/registry.ts';
import { DATA_CLASSES } from '../../core/privacy/registry-types.ts';

const page = readFileSync('docs/privacy.md', 'utf8');

test('is the page that the registry makes: run `npm run privacy:page` after a change', () => {
  expect(page).toBe(registryPage(REGISTRY));
});

test('names every collection, key, object, file, log field, processor and class', () => {
  const { collections, redis, objects, files, logs, processors } = REGISTRY;
  for (const name of [collections, redis, objects, files, logs].flatMap(Object.keys)) expect(page).toContain(name);
  for (const { name } of processors) expect(page).toContain(`| ${name} |`);
  for (const title of Object.values(DATA_CLASSES)) expect(page).toContain(title);
});

test('leaves no cell of a table empty that says what, why, how long or what becomes of it', () => {
  const [, glance = ''] = /## At a glance\n\n([\s\S]*?)\n\n/.exec(page) ?? [];
  const cells = glance.split('\n').flatMap((row) => row.split(' | '));
  expect(cells.length).toBeGreaterThan(150);
  expect(cells.filter((cell) => cell.trim() === '')).toEqual([]);
});
