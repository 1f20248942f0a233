import { describe, expect, test } from 'vitest';
import { MUTANTS, SOUND } from '../../../prove/mutants.ts';
import { run } from '../../../prove/run.ts';
import { testServers } from '../../support/servers.ts';

const uri = () => testServers().mongo.uri;

test('no history of crashes, races, repeats, expiry, refunds and moves breaks a rule', { timeout: 60_000 }, async () => {
  const report = await run({ uri: uri(), mutant: SOUND, from: 100_000, histories: 60, length: 12 });
  expect([...report.violations, ...report.failures]).toEqual([]);
  expect(report.histories).toBe(60);
  expect(report.outcomes.applied).toBeGreaterThan(200);
  const hit = [...report.faults.keys()].map((name) => name.split(', ')[0]);
  const calls = ['creditaccounts findOne', 'ledgerentries insertOne', 'creditaccounts replaceOne', 'ledgerentries findOne'];
  for (const call of [...calls, 'commit']) expect(hit).toContain(call);
});

describe('without one of the guards the checkers go red', () => {
  test.each(MUTANTS)('$name', { timeout: 60_000 }, async (mutant) => {
    const { violations } = await run({ uri: uri(), mutant, from: 100_000, histories: 200, length: 12, isShort: true });
    expect(violations.length).toBeGreaterThan(0);
  });
});
