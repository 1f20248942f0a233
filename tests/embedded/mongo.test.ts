import { randomUUID } from 'node:crypto';
import mongoose, { type Connection, type mongo } from 'mongoose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testServers } from '../support/servers.ts';

const SNAPSHOT = {
  readConcern: { level: 'snapshot' },
  writeConcern: { w: 'majority', journal: true },
  readPreference: 'primary',
} as const;

let connection: Connection;

beforeAll(async () => {
  connection = await mongoose.createConnection(testServers().mongo.uri, { dbName: `contract-${randomUUID()}` }).asPromise();
});

afterAll(async () => {
  await connection.dropDatabase();
  await connection.close();
});

interface Stored {
  _id: string;
  credits?: number;
  seq?: number;
  accountId?: string;
  op?: string;
  state?: string;
  hash?: string;
  payment?: string | null;
  dueAt?: Date;
  identities?: { hash: string }[];
}

const fresh = (): mongo.Collection<Stored> => {
  if (!connection.db) throw new Error('not connected');
  return connection.db.collection(`c${randomUUID()}`);
};

test('a transaction is written whole or not at all', async () => {
  const entries = fresh();
  await entries.insertOne({ _id: 'balance', credits: 5 });
  await connection.transaction(async (session) => {
    await entries.insertOne({ _id: 'first' }, { session });
    await entries.updateOne({ _id: 'balance' }, { $inc: { credits: -1 } }, { session });
  }, SNAPSHOT);
  const failing = connection.transaction(async (session) => {
    await entries.insertOne({ _id: 'second' }, { session });
    await entries.updateOne({ _id: 'balance' }, { $inc: { credits: -1 } }, { session });
    throw new Error('thought better of it');
  }, SNAPSHOT);
  await expect(failing).rejects.toThrow('thought better of it');
  expect(await entries.find().sort({ _id: 1 }).toArray()).toEqual([{ _id: 'balance', credits: 4 }, { _id: 'first' }]);
});

test('a transaction sees its snapshot and is told of a conflict with a label that allows another try', async () => {
  const accounts = fresh();
  await accounts.insertOne({ _id: 'a', credits: 0 });
  const session = await connection.startSession();
  session.startTransaction({ readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority', journal: true } });
  await accounts.findOne({ _id: 'a' }, { session });
  await accounts.updateOne({ _id: 'a' }, { $set: { credits: 5 } });
  expect(await accounts.findOne({ _id: 'a' }, { session })).toMatchObject({ credits: 0 });
  const conflict = await accounts.updateOne({ _id: 'a' }, { $inc: { credits: 1 } }, { session }).catch((error: unknown) => error);
  await session.abortTransaction();
  await session.endSession();
  expect(conflict).toBeInstanceOf(mongoose.mongo.MongoServerError);
  expect(conflict).toMatchObject({ code: 112, errorLabels: ['TransientTransactionError'] });
  expect(await accounts.findOne({ _id: 'a' })).toMatchObject({ credits: 5 });
});

test('what a transaction writes is seen by nobody else before it commits', async () => {
  const entries = fresh();
  await entries.insertOne({ _id: 'before' });
  const session = await connection.startSession();
  session.startTransaction({ readConcern: { level: 'snapshot' } });
  await entries.insertOne({ _id: 'inside' }, { session });
  expect(await entries.countDocuments({ _id: 'inside' })).toBe(0);
  await session.commitTransaction();
  await session.endSession();
  expect(await entries.countDocuments({ _id: 'inside' })).toBe(1);
});

test('parallel transactions on one document lose no write', async () => {
  const [accounts, entries] = [fresh(), fresh()];
  await entries.createIndex({ accountId: 1, seq: 1 }, { unique: true });
  await accounts.insertOne({ _id: 'a', seq: 0 });
  const write = () =>
    connection.transaction(async (session) => {
      const account = await accounts.findOne({ _id: 'a' }, { session });
      const seq = Number(account?.seq) + 1;
      await entries.insertOne({ _id: randomUUID(), accountId: 'a', seq }, { session });
      const { modifiedCount } = await accounts.updateOne({ _id: 'a', seq: seq - 1 }, { $set: { seq } }, { session });
      if (modifiedCount !== 1) throw new Error('the condition did not hold inside the snapshot');
    }, SNAPSHOT);
  const again = async () => {
    for (;;) {
      try {
        return await write();
      } catch (error) {
        if (!(error instanceof mongoose.mongo.MongoServerError) || error.code !== 11_000) throw error;
      }
    }
  };
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let round = 0; round < 10; round++) await again();
    }),
  );
  expect(await accounts.findOne({ _id: 'a' })).toMatchObject({ seq: 40 });
  expect(await entries.countDocuments()).toBe(40);
});

test('a second document with a unique value is refused, naming the index', async () => {
  const entries = fresh();
  await entries.createIndex({ accountId: 1, op: 1 }, { unique: true });
  await entries.insertOne({ _id: '1', accountId: 'a', op: 'grant' });
  await expect(entries.insertOne({ _id: '2', accountId: 'a', op: 'grant' })).rejects.toMatchObject({
    code: 11_000,
    keyPattern: { accountId: 1, op: 1 },
    keyValue: { accountId: 'a', op: 'grant' },
  });
  await expect(entries.insertOne({ _id: '1', accountId: 'b' })).rejects.toMatchObject({ code: 11_000, keyPattern: { _id: 1 } });
});

test('a duplicate key inside a transaction undoes what came before it', async () => {
  const entries = fresh();
  await entries.createIndex({ op: 1 }, { unique: true });
  await entries.insertOne({ _id: '1', op: 'grant' });
  const doubled = connection.transaction(async (session) => {
    await entries.insertOne({ _id: '2', op: 'other' }, { session });
    await entries.insertOne({ _id: '3', op: 'grant' }, { session });
  }, SNAPSHOT);
  await expect(doubled).rejects.toMatchObject({ code: 11_000, keyPattern: { op: 1 } });
  expect(await entries.countDocuments()).toBe(1);
});

test('a unique index over an array holds for each of its elements', async () => {
  const accounts = fresh();
  await accounts.createIndex({ 'identities.hash': 1 }, { unique: true });
  await accounts.insertOne({ _id: 'a', identities: [{ hash: 'x' }, { hash: 'y' }] });
  await expect(accounts.insertOne({ _id: 'b', identities: [{ hash: 'z' }, { hash: 'y' }] })).rejects.toMatchObject({
    code: 11_000,
  });
  await accounts.updateOne({ _id: 'a' }, { $pull: { identities: { hash: 'y' } } });
  await expect(accounts.insertOne({ _id: 'b', identities: [{ hash: 'y' }] })).resolves.toMatchObject({ acknowledged: true });
});

test('a partial unique index holds only for the documents it covers', async () => {
  const entries = fresh();
  await entries.createIndex({ payment: 1 }, { unique: true, partialFilterExpression: { payment: { $type: 'string' } } });
  await entries.insertMany([{ _id: '1', payment: null }, { _id: '2', payment: null }, { _id: '3' }, { _id: '4', payment: 'p' }]);
  await expect(entries.insertOne({ _id: '5', payment: 'p' })).rejects.toMatchObject({ code: 11_000, keyPattern: { payment: 1 } });
  await expect(entries.updateOne({ _id: '1' }, { $set: { payment: 'p' } })).rejects.toMatchObject({ code: 11_000 });
});

// SecantusDB does not choose an index whose partialFilterExpression is { $type } or { $exists }: it then reads the collection.
test('an index that covers a part of the documents serves a find that stays in it', async () => {
  const generations = fresh();
  const epoch = new Date(0);
  await generations.createIndex({ dueAt: 1 }, { partialFilterExpression: { dueAt: { $gt: epoch } } });
  await generations.insertMany(
    Array.from({ length: 50 }, (_, n) => ({ _id: String(n), ...(n < 5 && { dueAt: new Date(n + 1) }) })),
  );
  const due = generations.find({ dueAt: { $gt: epoch, $lte: new Date(3) } }).sort({ dueAt: 1 });
  expect((await due.clone().toArray()).map(({ _id }) => _id)).toEqual(['0', '1', '2']);
  expect(JSON.stringify(await due.explain('queryPlanner'))).toContain('IXSCAN');
});

// SecantusDB does not know $count inside a $lookup, so a $group counts.
test('a lookup joins by field, by pipeline, and counts', async () => {
  const [accounts, generations] = [fresh(), fresh()];
  await accounts.insertOne({ _id: 'a' });
  await generations.insertMany([
    { _id: '1', accountId: 'a', state: 'queued' },
    { _id: '2', accountId: 'a', state: 'done' },
    { _id: '3', accountId: 'a', state: 'queued' },
    { _id: '4', accountId: 'b', state: 'queued' },
  ]);
  const from = generations.collectionName;
  const open = [{ $match: { state: 'queued' } }, { $group: { _id: null, count: { $sum: 1 } } }];
  const total = await generations.aggregate([{ $match: { state: 'queued' } }, { $count: 'count' }]).toArray();
  expect(total).toEqual([{ count: 3 }]);
  const [found] = await accounts
    .aggregate([
      { $match: { _id: 'a' } },
      { $lookup: { from, localField: '_id', foreignField: 'accountId', as: 'all' } },
      { $lookup: { from, pipeline: [{ $match: { _id: '2' } }], as: 'earlier' } },
      { $lookup: { from, localField: '_id', foreignField: 'accountId', pipeline: open, as: 'open' } },
    ])
    .toArray();
  expect(found).toMatchObject({
    all: [{ _id: '1' }, { _id: '2' }, { _id: '3' }],
    earlier: [{ state: 'done' }],
    open: [{ count: 2 }],
  });
});

test('of many that claim the same document each gets another one', async () => {
  const generations = fresh();
  await generations.insertMany(Array.from({ length: 20 }, (_, n) => ({ _id: String(n), state: 'queued' })));
  const claimed: string[] = [];
  const claim = async (): Promise<void> => {
    const mine = await generations.findOneAndUpdate(
      { state: 'queued' },
      { $set: { state: 'running' } },
      { returnDocument: 'after' },
    );
    if (!mine) return;
    claimed.push(mine._id);
    await claim();
  };
  await Promise.all(Array.from({ length: 6 }, claim));
  expect(claimed).toHaveLength(20);
  expect(new Set(claimed).size).toBe(20);
});

test('a conditional update under many writers never goes below its limit', async () => {
  const accounts = fresh();
  await accounts.insertOne({ _id: 'a', credits: 10 });
  const spent = await Promise.all(
    Array.from({ length: 25 }, () => accounts.updateOne({ _id: 'a', credits: { $gte: 1 } }, { $inc: { credits: -1 } })),
  );
  expect(spent.filter(({ modifiedCount }) => modifiedCount === 1)).toHaveLength(10);
  expect(await accounts.findOne({ _id: 'a' })).toMatchObject({ credits: 0 });
});

test('an upsert by many at once makes one document', async () => {
  const accounts = fresh();
  await accounts.createIndex({ hash: 1 }, { unique: true });
  const tries = await Promise.allSettled(
    Array.from({ length: 12 }, (_, by) =>
      accounts.updateOne({ hash: 'x' }, { $setOnInsert: { _id: String(by) } }, { upsert: true }),
    ),
  );
  const refused = tries.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
  expect(refused.filter((error) => error.code !== 11_000)).toEqual([]);
  expect(await accounts.countDocuments()).toBe(1);
});
