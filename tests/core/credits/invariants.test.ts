import { describe, expect, test } from 'vitest';
import { checkBooks, checkInvariants, checkReplay } from '../../../core/credits/invariants.ts';
import { emptyAccount } from '../../../core/credits/ledger.ts';
import type { CreditAccount, Entry } from '../../../core/credits/types.ts';
import { history, inDebt, play } from './histories.ts';

const sound = () =>
  play(
    history(
      { key: 'grant:1', type: 'grant', lotId: 'pack', kind: 'purchased', amount: 10 },
      { key: 'reserve:g1', type: 'reserve', holdId: 'g1', amount: 4, until: 60_000 },
      { key: 'reserve:g2', type: 'reserve', holdId: 'g2', amount: 3, until: 60_000 },
      { key: 'capture:g1', type: 'capture', holdId: 'g1' },
    ),
  );

const first = <Item>(items: readonly Item[]): Item => {
  const [item] = items;
  if (item === undefined) throw new Error('there is none');
  return item;
};

test('are kept by a sound account', () => {
  const { account, entries } = sound();
  expect(() => checkInvariants(account, entries)).not.toThrow();
});

type Damage = (account: CreditAccount, entries: Entry[]) => void;

test.each<[string, string, Damage]>([
  [
    'credits out of nowhere in an entry',
    'I1',
    (_, entries) => entries.push({ ...first(entries), postings: [{ account: 'available', amount: 1 }] }),
  ],
  ['more available than the lots hold', 'I2', (account) => (account.available += 1)],
  [
    'a hold of which the total knows nothing',
    'I2',
    (account) => account.holds.push({ id: 'g9', amount: 1, parts: [], until: 0 }),
  ],
  ['a negative balance', 'I2', (account) => (account.held = -1)],
  ['debt beside credits that could repay it', 'I2', (account) => (account.debt = 1)],
  [
    'a total that its entries do not explain',
    'I3',
    (_, entries) => first(entries).postings.push({ account: 'available', amount: 1 }, { account: 'sys:usage', amount: -1 }),
  ],
  ['an entry that is missing in the middle', 'I3', (_, entries) => entries.splice(1, 1)],
  ['two entries of one number', 'I4', (_, entries) => (first(entries).seq = 2)],
  ['an account that counts further than its entries', 'I4', (account) => (account.seq += 1)],
  ['one operation that is applied twice', 'I4', (_, entries) => (first(entries.slice(1)).op = 'grant:1')],
  ['a hold that is settled twice', 'I5', (_, entries) => (first(entries.slice(3)).holdId = 'g9')],
  [
    'a settlement that differs from the hold',
    'I5',
    (_, entries) => (first(entries.slice(3)).result = { captured: 5, returned: 0 }),
  ],
  ['a lot with more parts than were granted', 'I6', (account) => (first(account.lots).spent += 1)],
  [
    'a lot of which more is taken than is reversed',
    'I6',
    (account) => Object.assign(first(account.lots), { spent: 3, clawed: 1 }),
  ],
  ['a lot with a negative part', 'I6', (account) => Object.assign(first(account.lots), { expired: -1, clawed: 1 })],
])('notice %s', (_, rule, damage) => {
  const { account, entries } = sound();
  damage(account, entries);
  expect(() => checkInvariants(account, entries)).toThrow(`breaks ${rule}`);
});

test('notice a debt that no entry explains', () => {
  const { account, entries } = inDebt(4);
  expect(() => checkInvariants({ ...account, debt: 5 }, entries)).toThrow('breaks I3');
});

describe('a repeat', () => {
  const repeated = () => {
    const { account, entries } = sound();
    return { account, entry: first(entries) };
  };

  test('is sound when it shows the first entry and leaves the account as it was', () => {
    const { account, entry } = repeated();
    expect(() => checkReplay(entry, { kind: 'replayed', entry }, account, account)).not.toThrow();
  });

  test('is noticed when it applies, shows another entry or changes the account', () => {
    const { account, entry } = repeated();
    expect(() => checkReplay(entry, { kind: 'applied', entry, account }, account, account)).toThrow('breaks I7');
    const other = { ...entry, result: { captured: 1 } };
    expect(() => checkReplay(entry, { kind: 'replayed', entry: other }, account, account)).toThrow('breaks I7');
    expect(() => checkReplay(entry, { kind: 'replayed', entry }, account, { ...account, rev: 9 })).toThrow('breaks I7');
  });
});

describe('the books of everybody', () => {
  const moved = () => {
    const left = play(
      history(
        { key: 'grant:1', type: 'grant', lotId: 'pack', kind: 'purchased', amount: 10, paymentId: 'p1' },
        { key: 'xfer:1:out', type: 'transferOut', to: 'b1' },
      ),
    );
    const lots = first(left.entries.slice(1)).result.moved ?? [];
    const arrived = play(history({ key: 'xfer:1:in', type: 'transferIn', from: 'a1', lots }), { account: emptyAccount('b1') });
    return { left, arrived };
  };

  test('sum to nothing before, while and after credits move, and say what is on its way', () => {
    const { left, arrived } = moved();
    expect(checkBooks([left.account], left.entries)).toEqual(['xfer:1:out']);
    expect(checkBooks([left.account, arrived.account], [...left.entries, ...arrived.entries])).toEqual([]);
  });

  test('show credits that arrive from nowhere, arrive as something else, or are still in both places', () => {
    const { left, arrived } = moved();
    expect(() => checkBooks([arrived.account], arrived.entries)).toThrow('break I9');
    const [entry] = structuredClone(arrived.entries);
    if (entry?.result.moved?.[0]) entry.result.moved[0].priority = 1;
    expect(() => checkBooks([left.account, arrived.account], [...left.entries, ...(entry ? [entry] : [])])).toThrow('break I9');
    const before = play(
      history({ key: 'grant:1', type: 'grant', lotId: 'pack', kind: 'purchased', amount: 10, paymentId: 'p1' }),
    ).account;
    expect(() => checkBooks([before, arrived.account], [...left.entries, ...arrived.entries])).toThrow('break I9');
  });

  test('show credits that nobody granted', () => {
    const { account, entries } = sound();
    expect(() => checkBooks([{ ...account, available: account.available + 1 }], entries)).toThrow('break I9');
  });
});
