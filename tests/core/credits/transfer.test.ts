import { randomUUID } from 'node:crypto';
import type { Connection } from 'mongoose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { applyCredits } from '../../../core/credits/account.ts';
import { checkBooks } from '../../../core/credits/invariants.ts';
import { transferCredits, whereLotIs } from '../../../core/credits/transfer.ts';
import type { Op } from '../../../core/credits/types.ts';
import { creditAccounts } from '../../../models/credit-account.ts';
import { ledgerEntries } from '../../../models/ledger-entry.ts';
import { openDatabase, stored } from './database.ts';

let connection: Connection;
beforeAll(async () => {
  connection = await openDatabase('test_credits_transfer');
});
afterAll(() => connection.close());

const apply = (accountId: string, op: Op) => applyCredits({ connection, accountId, op, at: 1_000 });
const pack = (lotId: string, amount: number) =>
  ({ key: `grant:${lotId}`, type: 'grant', lotId, kind: 'purchased', amount, paymentId: `pay:${lotId}` }) satisfies Op;
const gift = (amount: number) =>
  ({ key: 'grant:promo', type: 'grant', lotId: 'welcome', kind: 'promo', amount, expiresAt: 9_000 }) satisfies Op;
const reserve = (holdId: string, amount: number) =>
  ({ key: `reserve:${holdId}`, type: 'reserve', holdId, amount, until: 60_000 }) satisfies Op;
const transfer = (id: string, from: string, to: string) => transferCredits({ connection, id, from, to, at: 1_000 });
const clawback = (lotId: string, target: number) =>
  ({ key: `claw:${lotId}:${target}`, type: 'clawbackTo', lotId, target }) satisfies Op;

/** Two people with credits of their own. */
async function buildTwo() {
  const [from, to, lot] = [randomUUID(), randomUUID(), randomUUID()];
  await apply(from, pack(lot, 10));
  await apply(from, gift(3));
  await apply(to, gift(4));
  return { from, to, lot };
}

async function use(accountId: string, holdId: string, amount: number) {
  await apply(accountId, reserve(holdId, amount));
  await apply(accountId, { key: `capture:${holdId}`, type: 'capture', holdId });
}

test('moves all credits lot by lot, each as it was, and the books stay at nothing', async () => {
  const { from, to, lot } = await buildTwo();
  expect(await transfer('t1', from, to)).toMatchObject({ kind: 'transferred', amount: 13 });
  const [left, arrived] = [await stored(connection, from), await stored(connection, to)];
  expect(left.account).toMatchObject({ available: 0, lots: [] });
  expect(arrived.account.available).toBe(17);
  expect(
    arrived.account.lots.map(({ kind, remaining, expiresAt, paymentId }) => [kind, remaining, expiresAt, paymentId]),
  ).toEqual([
    ['promo', 4, 9_000, undefined],
    ['purchased', 10, null, `pay:${lot}`],
    ['promo', 3, 9_000, undefined],
  ]);
  expect(checkBooks([left.account, arrived.account], [...left.entries, ...arrived.entries])).toEqual([]);
});

test('is stored as the schemas say', async () => {
  const { from, to } = await buildTwo();
  await transfer('t1', from, to);
  for (const accountId of [from, to]) {
    for (const document of await ledgerEntries(connection).find({ accountId })) await document.validate();
    await (await creditAccounts(connection).findById(accountId).orFail()).validate();
  }
});

test('happens once, however often it is asked for and however many ask at once', async () => {
  const { from, to } = await buildTwo();
  await Promise.all([transfer('t1', from, to), transfer('t1', from, to), transfer('t1', from, to)]);
  await apply(from, pack(randomUUID(), 5));
  expect(await transfer('t1', from, to)).toMatchObject({ kind: 'transferred', amount: 13 });
  expect((await stored(connection, from)).account.available).toBe(5);
  expect((await stored(connection, to)).account.available).toBe(17);
});

test('arrives when it is asked for again after a crash in between', async () => {
  const { from, to } = await buildTwo();
  await apply(from, { key: 'xfer:t1:out', type: 'transferOut', to });
  expect((await stored(connection, to)).account.available).toBe(4);
  await transfer('t1', from, to);
  expect((await stored(connection, to)).account.available).toBe(17);
});

test('is refused while credits are held, while there is debt and under a restriction, and moves nothing then', async () => {
  const { from, to, lot } = await buildTwo();
  await apply(from, reserve(randomUUID(), 1));
  expect(await transfer('t1', from, to)).toEqual({ kind: 'rejected', reason: 'holds_open' });
  const indebted = randomUUID();
  await apply(indebted, pack(`${lot}:2`, 5));
  await use(indebted, randomUUID(), 5);
  await apply(indebted, clawback(`${lot}:2`, 5));
  expect(await transfer('t1', indebted, to)).toEqual({ kind: 'rejected', reason: 'in_debt' });
  await apply(from, { key: 'restrict:d:1', type: 'restrict', reason: 'd', on: true });
  expect(await transfer('t2', from, to)).toEqual({ kind: 'rejected', reason: 'account_restricted' });
  expect((await stored(connection, to)).account.available).toBe(4);
});

test('repays what the receiving account owes', async () => {
  const { from, to, lot } = await buildTwo();
  await apply(to, pack(`${lot}:2`, 5));
  await use(to, randomUUID(), 9);
  await apply(to, clawback(`${lot}:2`, 5));
  expect((await stored(connection, to)).account.debt).toBe(5);
  await transfer('t1', from, to);
  expect((await stored(connection, to)).account).toMatchObject({ available: 8, debt: 0 });
});

test('of an empty account is done too, together with what is written alongside', async () => {
  const [from, to] = [randomUUID(), randomUUID()];
  let written = 0;
  const alongside = async () => {
    written += 1;
  };
  expect(await transferCredits({ connection, id: 't1', from, to, at: 1_000, alongside })).toMatchObject({ amount: 0 });
  expect(written).toBe(1);
});

test('taken back by what is written alongside moves nothing', async () => {
  const { from, to } = await buildTwo();
  const alongside = async () => false;
  expect(await transferCredits({ connection, id: 't1', from, to, at: 1_000, alongside })).toEqual({ kind: 'taken_back' });
  expect((await stored(connection, from)).account.available).toBe(13);
});

test('takes a refund along to where the credits are now, also of what was used before they moved', async () => {
  const { from, to, lot } = await buildTwo();
  await use(from, randomUUID(), 7);
  await transfer('t1', from, to);
  expect(await whereLotIs(connection, from, lot)).toBe(to);
  expect(await apply(from, clawback(lot, 10))).toMatchObject({ kind: 'rejected', reason: 'no_lot' });
  await apply(to, clawback(lot, 10));
  // Ten were bought; six remain, and four were used: the receiving account's own gift pays for those.
  expect((await stored(connection, to)).account).toMatchObject({ available: 0, debt: 0 });
});

test('takes a lot of a payment along that is used up, so that its refund is owed by the wallet in use', async () => {
  const { from, to, lot } = await buildTwo();
  await use(from, randomUUID(), 13);
  await transfer('t1', from, to);
  await apply(to, clawback(lot, 10));
  expect((await stored(connection, to)).account).toMatchObject({ available: 0, debt: 6 });
  expect((await stored(connection, from)).account).toMatchObject({ available: 0, debt: 0 });
});

test('remembers what was reversed before the credits moved', async () => {
  const { from, to, lot } = await buildTwo();
  await apply(from, clawback(lot, 4));
  await transfer('t1', from, to);
  expect(await apply(to, clawback(lot, 4))).toMatchObject({ kind: 'applied', entry: { result: { reversed: 0 } } });
  expect(await apply(to, clawback(lot, 0))).toMatchObject({ kind: 'applied', entry: { result: { reversed: -4 } } });
  expect((await stored(connection, to)).account.available).toBe(17);
});

test('is followed from account to account, back and forth', async () => {
  const { from, to, lot } = await buildTwo();
  const third = randomUUID();
  await transfer('t1', from, to);
  await transfer('t2', to, from);
  expect(await whereLotIs(connection, from, lot)).toBe(from);
  await transfer('t3', from, third);
  expect(await whereLotIs(connection, from, lot)).toBe(third);
  expect(await whereLotIs(connection, to, lot)).toBe(third);
  expect(await whereLotIs(connection, to, 'no such lot')).toBeUndefined();
});
