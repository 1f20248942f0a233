import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { REGISTRY } from '../../../core/privacy/registry.ts';
import { onDiscord, onTelegram } from '../../flows/platforms.ts';
import { makePicture } from '../../privacy/pictures.ts';
import { openOwnProduct, type TestProduct } from '../../support/product.ts';

const isNamed = (name: string, rules: object) => Object.keys(rules).some((begin) => name.startsWith(begin));

async function keysOf({ app }: TestProduct): Promise<string[]> {
  const redis = new Redis(app.config.redis.url);
  const keys = await redis.keys(`${app.config.NAME}*`);
  redis.disconnect();
  return keys.map((key) => key.slice(app.config.NAME.length));
}

async function objectsOf({ app }: TestProduct): Promise<string[]> {
  const names: string[] = [];
  for (let after: string | undefined; ; ) {
    const { keys, next } = await app.storage.list('', after);
    names.push(...keys);
    if (next === undefined) return names;
    after = next;
  }
}

test('names every key, object and file that is there while people use everything there is', async () => {
  const product = await openOwnProduct();
  const ann = onDiscord(product);
  const ben = onTelegram(product);
  ann.animate({ name: 'a.png', data: await makePicture('png', { width: 64, height: 64, words: 'x' }) }, 'it swims');
  ben.wish('a fox');
  await Promise.all([ann.watches(), ben.watches()]);
  const seen = { keys: new Set(await keysOf(product)), objects: new Set(await objectsOf(product)) };
  ann.command('privacy export', { content: 'data' });
  await ann.reads(/Packing|archive|packed/i);
  for (const key of await keysOf(product)) seen.keys.add(key);
  await expect.poll(async () => (await product.app.models.archives.findOne().lean())?.state, { timeout: 15_000 }).toBe('ready');
  for (const key of await keysOf(product)) seen.keys.add(key);
  for (const name of await objectsOf(product)) seen.objects.add(name);
  expect([...seen.keys].filter((key) => !isNamed(key, REGISTRY.redis))).toEqual([]);
  expect([...seen.objects].filter((name) => !isNamed(name, REGISTRY.objects))).toEqual([]);
  const files = readdirSync(product.app.config.DATA_DIR, { withFileTypes: true });
  const names = files.map((file) => (file.isDirectory() ? `${file.name}/` : file.name));
  expect(names.filter((name) => !isNamed(name, REGISTRY.files))).toEqual([]);
  expect(seen.keys.size).toBeGreaterThan(8);
  expect(new Set([...seen.objects].map((name) => name.split('/')[0]))).toEqual(
    new Set(['images', 'videos', 'posters', 'archives']),
  );
  expect(names).toContain('master.key');
}, 60_000);

/** Addresses that a person opens, and that this product never does. */
const SHOWN = ['t.me', 'www.lpmai.art', 'checkout.stripe.com'];
/** Names of vocabularies, which look like addresses and are never fetched. */
const VOCABULARIES = /(^|\.)(iptc\.org|w3\.org|ns\.adobe\.com|purl\.org|json-schema\.org)$/;

test('contacts no host that is not in the registry', () => {
  const sources = ['main.ts', ...['core', 'bots', 'web', 'workers', 'commands', 'operate'].flatMap(filesBelow)];
  const code = sources.map((file) => readFileSync(file, 'utf8').replace(/^\s*(\/\/|\/?\*).*$/gm, ''));
  const hosts = new Set(
    code.flatMap((text) => [...text.matchAll(/\bhttps?:\/\/([a-z0-9-]+(?:\.[a-z0-9-]+)+)/g)].map(([, host]) => host)),
  );
  const known = [...SHOWN, ...REGISTRY.processors.flatMap((processor) => processor.hosts), '127.0.0.1'];
  expect([...hosts].filter((host) => !known.includes(host ?? '') && !VOCABULARIES.test(host ?? ''))).toEqual([]);
  expect(hosts).toContain('api.telegram.org');
  expect(sources.length).toBeGreaterThan(100);
});

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
