import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dispatch } from '../../commands/dispatch.ts';
import { commands } from '../../commands/index.ts';
import { startEmbedded } from '../../embedded/index.ts';
import { openApp } from '../support/app.ts';
import { createScriptedProvider } from '../support/provider.ts';
import { ask, buildRequest } from '../support/requests.ts';
import { commandsOf } from '../support/wire.ts';

// Redis counts scripts for everybody it serves, so these tests have one of their own.
let own: Awaited<ReturnType<typeof startRedis>>;
const startRedis = () =>
  startEmbedded({
    dataDir: mkdtempSync(join(tmpdir(), 'lpm-redis-')),
    venvDir: '.data/venv',
    env: process.env,
    say: () => {},
    servers: ['redis'],
  });
beforeAll(async () => {
  own = await startRedis();
});
afterAll(() => own.close());

const open = async (settings = {}) =>
  openApp({ provider: await createScriptedProvider(), monitorCommands: true }, settings, { redis: own.redis });

test('an accepted request costs five database commands and one queue script', async () => {
  const app = await open();
  await ask(app, { command: 'balance' });
  const { database, scripts } = await commandsOf(app, () => ask(app, { words: 'a fox' }));
  expect(database).toEqual(['aggregate', 'insert', 'update', 'insert', 'commitTransaction']);
  expect(scripts).toBe(1);
});

test('a repeated request costs one database command and no script', async () => {
  const app = await open();
  const request = buildRequest({ words: 'a fox' });
  await dispatch(app, commands, request);
  const { database, scripts } = await commandsOf(app, () => dispatch(app, commands, request));
  expect(database).toEqual(['aggregate']);
  expect(scripts).toBe(0);
});

test('a request refused for credits costs two database commands and no script', async () => {
  const app = await open({ WELCOME_CREDITS: '3' });
  await ask(app, { command: 'balance' });
  const { database, scripts } = await commandsOf(app, () => ask(app, { words: 'a fox' }));
  expect(database).toEqual(['aggregate', 'insert']);
  expect(scripts).toBe(0);
});

test('a request that cannot be read costs one database command and no script', async () => {
  const app = await open();
  await ask(app, { command: 'balance' });
  const { database, scripts } = await commandsOf(app, () => ask(app, { words: 'a fox style=cubist' }));
  expect(database).toEqual(['aggregate']);
  expect(scripts).toBe(0);
});
