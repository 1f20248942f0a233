import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readConfig, SETTING_NAMES } from '../../core/config.ts';

test('needs no setting at all', () => {
  expect(readConfig({})).toMatchObject({
    NAME: 'lpm-ai',
    ROLES: ['discord', 'telegram', 'web', 'worker'],
    WELCOME_CREDITS: 50,
    PORT: 0,
  });
});

test('names every bad setting at once and says what is wrong', () => {
  const read = () => readConfig({ MONGODB_URI: 'mysql://x', PORT: 'high', ROLES: 'discord,cook', LOG_LEVEL: 'loud' });
  for (const name of ['MONGODB_URI', 'PORT', 'ROLES', 'LOG_LEVEL']) expect(read).toThrow(name);
});

test('an empty value counts as not set', () => {
  expect(readConfig({ DISCORD_TOKEN: '  ', PORT: '' })).toEqual(readConfig({}));
});

test.each([
  ['MONGODB_URI', 'mongodb://db.example.com/?replicaSet=rs0'],
  ['REDIS_URL', 'redis://:secret@cache.example.com:6379'],
  ['TELEGRAM_API', 'http://203.0.113.7:8081'],
])('refuses %s without encryption beyond the private network', (name, value) => {
  expect(() => readConfig({ [name]: value })).toThrow(`${name}: must be encrypted`);
});

test.each([
  ['MONGODB_URI', 'mongodb://mongo:27017/?replicaSet=rs0'],
  ['MONGODB_URI', 'mongodb+srv://user:secret@db.example.com'],
  ['MONGODB_URI', 'mongodb://a.example.com,b.example.com/?tls=true'],
  ['REDIS_URL', 'rediss://cache.example.com'],
  ['REDIS_URL', 'redis://:secret@127.0.0.1:6379'],
])('accepts %s %s', (name, value) => {
  expect(readConfig({ [name]: value })).toMatchObject({ [name]: value });
});

test('a webhook needs its secret and an S3 server its keys', () => {
  expect(() => readConfig({ TELEGRAM_WEBHOOK_URL: 'https://bot.example.com' })).toThrow('TELEGRAM_WEBHOOK_SECRET');
  expect(() => readConfig({ S3_ENDPOINT: 'https://s3.example.com' })).toThrow('S3_ACCESS_KEY_ID');
});

test('.env.example documents every setting in one line each, with the value that holds when it is not set', () => {
  const lines = readFileSync('.env.example', 'utf8').split('\n');
  const documented = lines.flatMap((line, index) =>
    /^[A-Z_0-9]+=/.test(line) && lines[index - 1]?.startsWith('# ') ? [line] : [],
  );
  expect(documented.map((line) => line.split('=')[0]).sort()).toEqual([...SETTING_NAMES].sort());
  const example = Object.fromEntries(
    documented.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  expect(readConfig(example)).toEqual(readConfig({}));
});
