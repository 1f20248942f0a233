import { randomUUID } from 'node:crypto';
import type { ClientSession, Connection } from 'mongoose';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { applyCredits, type CreditChange, OpKeyReused, type Outcome } from '../../../core/credits/account.ts';
import { emptyAccount } from '../../../core/credits/ledger.ts';
import type { Op } from '../../../core/credits/types.ts';
import { isDuplicateKey } from '../../../core/transaction.ts';
import { CREDIT_ACCOUNTS, type CreditAccountDocument, creditAccounts } from '../../../models/credit-account.ts';
import { ledgerEntries } from '../../../models/ledger-entry.ts';
import { commandsOf, openDatabase, stored } from './database.ts';

let connection: Connection;
/** Stands for the generations: what a caller writes alongside. */
const notes = () => connection.collection<{ _id: string }>('notes');

beforeAll(async () => {
  connection = await openDatabase('test_credits_account');
  await connection.createCollection('notes');
});
afterAll(() => connection.close());

const grant = (amount: number) =>
  ({ key: 'grant:promo:welcome', type: 'grant', lotId: 'welcome', kind: 'promo', amount, expiresAt: null }) satisfies Op;
const reserve = (holdId: string, amount = 1) =>
  ({ key: `reserve:${holdId}`, type: 'reserve', holdId, amount, until: 60_000 }) satisfies Op;
const capture = (holdId: string) => ({ key: `capture:${holdId}`, type: 'capture', holdId }) satisfies Op;
const release = (holdId: string) => ({ key: `release:${holdId}`, type: 'release', holdId }) satisfies Op;

const apply = (accountId: string, op: Op, more: Partial<CreditChange> = {}) =>
  applyCredits({ connection, accountId, op, at: 1_000, ...more });

async function buildCredits(amount: number): Promise<string> {
  const accountId = randomUUID();
  await apply(accountId, grant(amount));
  return accountId;
}

/** The caller's own write. */
const note = (_id: string) => async (session: ClientSession) => {
  await notes().insertOne({ _id }, { session });
};

const kinds = (outcomes: readonly Outcome[]) => outcomes.map((o) => (o.kind === 'rejected' ? o.reason : o.kind)).sort();

/** The same code as another process runs it: with turns of its own. */
async function anotherProcess(): Promise<typeof applyCredits> {
  vi.resetModules();
  return (await import('../../../core/credits/account.ts')).applyCredits;
}

describe('one operation', () => {
  test('leaves its entry and the account it made', async () => {
    const accountId = await buildCredits(5);
    const outcome = await apply(accountId, reserve('g1', 2));
    const { account, entries } = await stored(connection, accountId);
    expect(outcome).toMatchObject({ kind: 'applied', account: { available: 3, held: 2, rev: 2 }, entry: entries[1] });
    expect(account).toMatchObject({ available: 3, held: 2, rev: 2, seq: 2, nextHoldDueAt: new Date(60_000) });
    expect(entries.map(({ op }) => op)).toEqual(['grant:promo:welcome', 'reserve:g1']);
  });

  test('is stored as the schemas say', async () => {
    const accountId = await buildCredits(5);
    await apply(accountId, reserve('g1', 2));
    for (const document of await ledgerEntries(connection).find({ accountId })) await document.validate();
    await (await creditAccounts(connection).findById(accountId).orFail()).validate();
  });

  test('forgets when a hold is due once it is settled', async () => {
    const accountId = await buildCredits(5);
    await apply(accountId, reserve('g1'));
    const { account } = await stored(connection, accountId);
    await apply(accountId, capture('g1'), { snapshot: account });
    expect((await stored(connection, accountId)).account).not.toHaveProperty('nextHoldDueAt');
  });

  test('remembers the earliest expiry among lots that still hold something', async () => {
    const accountId = randomUUID();
    await apply(accountId, { ...grant(5), expiresAt: 9_000 });
    await apply(accountId, { ...grant(5), key: 'grant:2', lotId: 'second', expiresAt: 7_000 });
    expect((await stored(connection, accountId)).account).toMatchObject({ nextLotExpiryAt: new Date(7_000) });
    await apply(accountId, { key: 'expire:second:7000', type: 'expire' }, { at: 7_000 });
    expect((await stored(connection, accountId)).account).toMatchObject({ nextLotExpiryAt: new Date(9_000) });
  });

  test('writes nothing when it is rejected or changes nothing, and says what the account looks like', async () => {
    const accountId = await buildCredits(5);
    let alongside = 0;
    const count = async () => {
      alongside += 1;
    };
    expect(await apply(accountId, reserve('g1', 6), { alongside: count })).toMatchObject({
      kind: 'rejected',
      account: { available: 5 },
    });
    expect(await apply(accountId, { key: 'expire:1', type: 'expire' }, { alongside: count })).toMatchObject({
      kind: 'unchanged',
    });
    expect((await stored(connection, accountId)).entries).toHaveLength(1);
    expect(alongside).toBe(0);
  });
});

describe('the same operation again', () => {
  test('changes nothing and shows the first one, even when the rules would refuse it by now', async () => {
    const accountId = await buildCredits(3);
    await apply(accountId, reserve('g1', 3));
    expect(await apply(accountId, reserve('g1', 3))).toMatchObject({ kind: 'replayed', entry: { op: 'reserve:g1', seq: 2 } });
    await apply(accountId, capture('g1'));
    expect(await apply(accountId, capture('g1'))).toMatchObject({ kind: 'replayed', entry: { result: { captured: 3 } } });
    expect(await apply(accountId, reserve('g1', 3))).toMatchObject({ kind: 'replayed' });
    expect(await apply(accountId, { ...reserve('g1', 3), until: 99_000 })).toMatchObject({ kind: 'replayed' });
    expect(await apply(accountId, grant(3))).toMatchObject({ kind: 'replayed' });
    expect((await stored(connection, accountId)).account).toMatchObject({ available: 0, held: 0, seq: 3 });
  });

  test('changes nothing even when there are credits to do it once more', async () => {
    const accountId = await buildCredits(9);
    await apply(accountId, reserve('g1', 2));
    await apply(accountId, capture('g1'));
    expect(await apply(accountId, reserve('g1', 2))).toMatchObject({ kind: 'replayed', entry: { seq: 2 } });
    expect((await stored(connection, accountId)).account).toMatchObject({ available: 7, held: 0, seq: 3 });
  });

  test('is found in the log when the account was read before it took effect', async () => {
    const accountId = await buildCredits(3);
    const { account: snapshot } = await stored(connection, accountId);
    await apply(accountId, reserve('g1'));
    let alongside = 0;
    const outcome = await apply(accountId, reserve('g1'), {
      snapshot,
      alongside: async () => {
        alongside += 1;
      },
    });
    expect(outcome).toMatchObject({ kind: 'replayed', entry: { seq: 2 } });
    expect(alongside).toBe(0);
  });

  test('with other inputs is refused as a mistake', async () => {
    const accountId = await buildCredits(5);
    await apply(accountId, reserve('g1', 2));
    await expect(apply(accountId, reserve('g1', 3))).rejects.toThrow(OpKeyReused);
    await expect(apply(accountId, grant(6))).rejects.toThrow(OpKeyReused);
    expect((await stored(connection, accountId)).account).toMatchObject({ available: 3, held: 2 });
  });

  test('makes one entry when it comes three times at once, and from two processes', async () => {
    const accountId = await buildCredits(5);
    const elsewhere = await anotherProcess();
    const change = { connection, accountId, op: reserve('g1', 2), at: 1_000 };
    const outcomes = await Promise.all([applyCredits(change), applyCredits(change), elsewhere(change)]);
    expect(kinds(outcomes)).toEqual(['applied', 'replayed', 'replayed']);
    expect((await stored(connection, accountId)).account).toMatchObject({ available: 3, held: 2, seq: 2 });
  });

  test('makes one credit account when it is the first of all', async () => {
    const accountId = randomUUID();
    const elsewhere = await anotherProcess();
    const change = { connection, accountId, op: grant(5), at: 1_000, snapshot: emptyAccount(accountId) };
    expect(kinds(await Promise.all([applyCredits(change), elsewhere(change)]))).toEqual(['applied', 'replayed']);
    expect((await stored(connection, accountId)).account.available).toBe(5);
  });
});

describe('many at once', () => {
  test('reserve exactly the three credits there are, out of twenty', async () => {
    const accountId = await buildCredits(3);
    const { account: snapshot } = await stored(connection, accountId);
    const asked = Array.from({ length: 20 }, (_, i) => apply(accountId, reserve(`g${i}`), { snapshot }));
    const outcomes = kinds(await Promise.all(asked));
    expect(outcomes.filter((kind) => kind === 'applied')).toHaveLength(3);
    expect(outcomes.filter((kind) => kind === 'busy_with_other_jobs')).toHaveLength(17);
    expect((await stored(connection, accountId)).account).toMatchObject({ available: 0, held: 3, seq: 4 });
  });

  test('from three processes spend every credit once', async () => {
    const accountId = await buildCredits(6);
    const processes = [applyCredits, await anotherProcess(), await anotherProcess()];
    const asked = processes.flatMap((run, p) =>
      Array.from({ length: 4 }, (_, i) => run({ connection, accountId, op: reserve(`g${p}-${i}`), at: 1_000 })),
    );
    expect(kinds(await Promise.all(asked)).filter((kind) => kind === 'applied')).toHaveLength(6);
    expect((await stored(connection, accountId)).account).toMatchObject({ available: 0, held: 6 });
  });

  test('settle a hold once, as captured or as released', async () => {
    const accountId = await buildCredits(3);
    await apply(accountId, reserve('g1', 2));
    const elsewhere = await anotherProcess();
    const outcomes = await Promise.all([
      apply(accountId, capture('g1')),
      elsewhere({ connection, accountId, op: release('g1'), at: 1_000 }),
    ]);
    expect(kinds(outcomes)).toEqual(['applied', 'no_open_hold']);
    const { account, entries } = await stored(connection, accountId);
    expect(entries).toHaveLength(3);
    expect(account.held).toBe(0);
  });

  test('do not overwrite a change that left no entry', async () => {
    const accountId = await buildCredits(3);
    const { account: snapshot } = await stored(connection, accountId);
    await creditAccounts(connection).updateOne({ _id: accountId }, { $set: { restrictions: ['dispute'] }, $inc: { rev: 1 } });
    expect(await apply(accountId, reserve('g1'), { snapshot })).toMatchObject({ kind: 'rejected', reason: 'account_restricted' });
    expect((await stored(connection, accountId)).entries).toHaveLength(1);
  });

  test('give up with an error when the account never holds still', async () => {
    const accountId = await buildCredits(3);
    const { account: old } = await stored(connection, accountId);
    await apply(accountId, reserve('g1'));
    // The log has moved on and the account has not: no attempt can succeed.
    await connection.collection<CreditAccountDocument>(CREDIT_ACCOUNTS).replaceOne({ _id: accountId }, old);
    let pauses = 0;
    const pause = async () => {
      pauses += 1;
    };
    await expect(apply(accountId, reserve('g2'), { pause })).rejects.toThrow('too contended');
    expect(pauses).toBe(100);
  });
});

describe('what is written alongside', () => {
  test('is there together with the entry and the account', async () => {
    const accountId = await buildCredits(3);
    const _id = randomUUID();
    const outcome = await apply(accountId, reserve('g1'), { alongside: note(_id) });
    expect(outcome.kind).toBe('applied');
    expect(await notes().findOne({ _id })).not.toBeNull();
  });

  test('takes everything back when it throws, and the error comes out as it was', async () => {
    const accountId = await buildCredits(3);
    const _id = randomUUID();
    const failing = apply(accountId, reserve('g1'), {
      alongside: async (session) => {
        await notes().insertOne({ _id }, { session });
        throw new RangeError('as it was');
      },
    });
    await expect(failing).rejects.toThrow(new RangeError('as it was'));
    expect(await notes().findOne({ _id })).toBeNull();
    expect((await stored(connection, accountId)).account).toMatchObject({ available: 3, held: 0, seq: 1 });
    expect(await apply(accountId, reserve('g1'))).toMatchObject({ kind: 'applied' });
  });

  test('takes everything back when it returns false', async () => {
    const accountId = await buildCredits(3);
    const _id = randomUUID();
    const outcome = await apply(accountId, reserve('g1'), {
      alongside: async (session) => {
        await notes().insertOne({ _id }, { session });
        return false;
      },
    });
    expect(outcome).toEqual({ kind: 'taken_back' });
    expect(await notes().findOne({ _id })).toBeNull();
    expect((await stored(connection, accountId)).entries).toHaveLength(1);
  });

  test('gets its own duplicate key back, once, and nothing is reserved', async () => {
    const accountId = await buildCredits(3);
    const _id = randomUUID();
    await notes().insertOne({ _id });
    let tries = 0;
    const failing = apply(accountId, reserve('g1'), {
      alongside: async (session) => {
        tries += 1;
        await notes().insertOne({ _id }, { session });
      },
    });
    await expect(failing).rejects.toSatisfy(isDuplicateKey);
    expect(tries).toBe(1);
    expect((await stored(connection, accountId)).account).toMatchObject({ available: 3, held: 0 });
  });

  test('is decided anew when somebody else was faster', async () => {
    const accountId = await buildCredits(3);
    const { account: snapshot } = await stored(connection, accountId);
    await apply(accountId, reserve('g1'));
    const ids: string[] = [];
    const outcome = await apply(accountId, reserve('g2'), {
      snapshot,
      alongside: async (session) => {
        ids.push(randomUUID());
        await notes().insertOne({ _id: ids.at(-1) ?? '' }, { session });
      },
    });
    expect(outcome).toMatchObject({ kind: 'applied', account: { available: 1, held: 2 } });
    expect(await notes().countDocuments({ _id: { $in: ids } })).toBe(1);
  });
});

describe('on the wire', () => {
  test('an operation with a snapshot and one write alongside costs four commands', async () => {
    const accountId = await buildCredits(3);
    const { account: snapshot } = await stored(connection, accountId);
    const commands = await commandsOf(connection, () =>
      apply(accountId, reserve('g1'), { snapshot, alongside: note(randomUUID()) }),
    );
    expect(commands).toEqual(['insert', 'update', 'insert', 'commitTransaction']);
  });

  test('an operation without a snapshot reads the account first', async () => {
    const accountId = await buildCredits(3);
    expect(await commandsOf(connection, () => apply(accountId, reserve('g1')))).toEqual([
      'find',
      'insert',
      'update',
      'commitTransaction',
    ]);
  });

  test('a refusal rests on a fresh account and on the log, never on what the caller has read', async () => {
    const accountId = await buildCredits(1);
    const { account: snapshot } = await stored(connection, accountId);
    await apply(accountId, { ...grant(1), key: 'grant:2', lotId: 'second' });
    expect(await apply(accountId, reserve('g1', 2), { snapshot })).toMatchObject({ kind: 'applied' });
    const late = (await stored(connection, accountId)).account;
    const refused = () => apply(accountId, reserve('g2', 2), { snapshot: late });
    expect(await commandsOf(connection, refused)).toEqual(['find', 'find']);
  });
});
