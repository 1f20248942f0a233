import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openLog } from '../../embedded/logs.ts';

const LARGE = 'x'.repeat(5_000_001);

function directory(): string {
  const made = mkdtempSync(join(tmpdir(), 'logs-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

test('a log that has grown large is put aside when it is opened', () => {
  const at = directory();
  writeFileSync(join(at, 'mongo.log'), LARGE);
  const log = openLog(at, 'mongo');
  onTestFinished(() => log.close());
  expect(statSync(join(at, 'mongo.log')).size).toBe(0);
  expect(statSync(join(at, 'mongo.log.1')).size).toBe(LARGE.length);
});

test('a log that grows large while it is written is put aside and goes on', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const at = directory();
  const log = openLog(at, 'mongo');
  onTestFinished(() => log.close());
  writeSync(log.descriptor, LARGE);
  vi.advanceTimersByTime(60_000);
  writeSync(log.descriptor, 'after');
  expect(readFileSync(join(at, 'mongo.log'), 'utf8')).toBe('after');
  expect(statSync(join(at, 'mongo.log.1')).size).toBe(LARGE.length);
});

test('the end of a log holds only what this run wrote', () => {
  const at = directory();
  writeFileSync(join(at, 'mongo.log'), 'earlier\n');
  const log = openLog(at, 'mongo');
  onTestFinished(() => log.close());
  writeSync(log.descriptor, 'one\ntwo\nthree\nfour\nfive\nsix\n');
  expect(log.tail()).toBe('two\nthree\nfour\nfive\nsix');
});
