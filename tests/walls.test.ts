import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';

/** Which of these files the linter refuses by this rule, when they stand where they say. */
function refused(rule: string, files: Record<string, string>): string[] {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'lpm-walls-')));
  copyFileSync('biome.json', join(root, 'biome.json'));
  for (const [path, code] of Object.entries(files)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), code);
  }
  const { stdout } = spawnSync(resolve('node_modules/.bin/biome'), ['lint', '--reporter=github', '--max-diagnostics=none', '.'], {
    cwd: root,
    encoding: 'utf8',
  });
  const lines = stdout.split('\n').filter((line) => line.includes(rule));
  return Object.keys(files).filter((path) => lines.some((line) => line.includes(`file=${join(root, path)},`)));
}

const imports = (files: readonly (readonly [string, string])[]) =>
  Object.fromEntries(files.map(([path, target]) => [path, `import { x } from '${target}';\nexport const y = x;\n`]));

const FORBIDDEN = [
  ['models/a.ts', '../core/app.ts'],
  ['core/a.ts', '../commands/index.ts'],
  ['core/generations/a.ts', '../../bots/parts.ts'],
  ['core/b.ts', 'discord.js'],
  ['core/c.ts', 'bullmq'],
  ['core/d.ts', '@aws-sdk/client-s3'],
  ['core/e.ts', 'stripe'],
  ['core/f.ts', '@aws-sdk/client-kms'],
  ['core/g.ts', 'nodemailer'],
  ['core/queue.ts', 'grammy'],
  ['commands/a.ts', '../models/account.ts'],
  ['commands/b.ts', '../bots/parts.ts'],
  ['commands/c.ts', 'grammy'],
  ['workers/a.ts', '../bots/parts.ts'],
  ['workers/b.ts', '../models/account.ts'],
  ['workers/c.ts', 'bullmq'],
  ['web/a.ts', 'mongoose'],
  ['web/b.ts', 'nodemailer'],
  ['bots/discord/a.ts', '../telegram/index.ts'],
  ['bots/discord/b.ts', 'grammy'],
  ['bots/telegram/a.ts', '../discord/index.ts'],
  ['bots/telegram/b.ts', 'discord.js'],
  ['bots/telegram/c.ts', '../../models/account.ts'],
  ['embedded/a.ts', '../core/app.ts'],
  ['simulator/telegram/a.ts', '../../bots/telegram/index.ts'],
  ['simulator/a.ts', 'discord.js'],
] as const;

const ALLOWED = [
  ['core/queue.ts', 'bullmq'],
  ['core/storage.ts', '@aws-sdk/client-s3'],
  ['core/keys/kms.ts', '@aws-sdk/client-kms'],
  ['core/mail.ts', 'nodemailer'],
  ['core/payments/stripe.ts', 'stripe'],
  ['bots/discord/a.ts', 'discord.js'],
  ['bots/telegram/a.ts', 'grammy'],
  ['core/a.ts', '../models/account.ts'],
  ['workers/a.ts', '../core/app.ts'],
  ['main.ts', './bots/discord/index.ts'],
] as const;

test('a broken wall between two rooms fails the check', () => {
  expect(refused('noRestrictedImports', imports(FORBIDDEN))).toEqual(FORBIDDEN.map(([path]) => path));
});

test('the doors in the walls are open', () => {
  expect(refused('noRestrictedImports', imports(ALLOWED))).toEqual([]);
});

test('the environment is read in main.ts only', () => {
  const code = 'export const home = process.env.HOME;\n';
  expect(refused('noProcessEnv', { 'core/a.ts': code, 'bots/telegram/a.ts': code, 'main.ts': code })).toEqual([
    'core/a.ts',
    'bots/telegram/a.ts',
  ]);
});

const sources = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));

test('the rules of money and of generations take time and chance as arguments', () => {
  const rules = [...sources('core/credits'), ...sources('core/generations')];
  const clocks = rules.filter((path) =>
    /Date\.now|new Date\(\)|Math\.random|setTimeout|randomUUID|randomBytes/.test(readFileSync(path, 'utf8')),
  );
  expect(rules.length).toBeGreaterThan(10);
  expect(clocks).toEqual([]);
});

test('only core/transaction.ts opens a transaction', () => {
  const rooms = ['core', 'commands', 'workers', 'bots', 'web', 'models'].flatMap(sources);
  const opens = rooms.filter((path) => /startSession|withTransaction|\.transaction\(/.test(readFileSync(path, 'utf8')));
  expect(opens).toEqual(['core/transaction.ts']);
});
