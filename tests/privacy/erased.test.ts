import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { checkReceipt } from '../../core/privacy/receipt-of-erasure.ts';
import { opened } from './attacker.ts';
import { changedSince, idNeedles, restore, rowsOf } from './belongings.ts';
import { byteNeedles, type Canaries, createCanaries } from './canaries.ts';
import { answer, count, isVideo } from './chat.ts';
import { type Deployment, openDeployment } from './deployment.ts';
import { seed } from './leaver.ts';
import { openPlatforms, type Platforms } from './platforms.ts';
import { expectedCounts, idsLeft, leftoversOf, look, othersChanged, type Seen, sums } from './remains.ts';
import { leave } from './rights.ts';
import { findings } from './scan.ts';

let deployment: Deployment;
beforeAll(async () => {
  deployment = await openDeployment();
});
afterAll(() => deployment.close());

/** Two videos of the leaver's are being made, and will not be done. */
async function beginWork({ ann, direct }: Platforms, { word }: Canaries): Promise<void> {
  ann.say(`a whale ${word('LeaverRunning')} HOLD seconds=2`);
  direct.command('generate', { prompt: `a fox ${word('LeaverWaiting')} HOLD`, seconds: 2 });
  const running = { state: 'submitted' };
  const generations = deployment.database.collection('generations');
  await vi.waitUntil(async () => (await generations.countDocuments(running)) === 2, { timeout: 60_000, interval: 100 });
}

async function untilForgotten(): Promise<void> {
  const named = { accountIds: { $exists: true } };
  const erasures = deployment.database.collection('erasures');
  await vi.waitUntil(async () => (await erasures.countDocuments(named)) === 0, { timeout: 60_000, interval: 100 });
}

test('an erased account is nowhere, while work runs and after a restored backup, and others keep every byte', async () => {
  const canaries = createCanaries();
  const platforms = await openPlatforms(canaries);
  const { ann, direct, bob } = platforms;
  let product = await deployment.start(platforms);
  const seen: Seen[] = [];
  let receipt: Buffer = Buffer.alloc(0);
  const { found, lines } = await deployment.watching(canaries.needles(), async () => {
    await seed(platforms, canaries);
    await deployment.untilSettled();
    await beginWork(platforms, canaries);
    seen.push(await look(deployment, platforms));
    const leaving = leave(ann);
    for (const slot of ['BusyOne', 'BusyTwo']) bob.say(`a cloud ${canaries.word(slot)} seconds=2`);
    receipt = await leaving;
    await count(bob, isVideo, 3);
    await deployment.untilSettled();
    await deployment.passMinutes(product);
    await untilForgotten();
  });
  const [before] = seen;
  if (!before) throw new Error('nothing was seen');
  const { keys, owners } = before;
  expect(owners.leaver).toMatchObject({ accountIds: { length: 2 }, keyIds: { length: 2 } });

  // Nothing of the leaver is left, and the others are as they were.
  const after = await look(deployment, platforms);
  let places = await deployment.places(product.output(), lines);
  const needles = [...canaries.needles(), ...byteNeedles('master key', deployment.masterKey())];
  expect(found).toEqual([]);
  expect(await findings([...places, { where: 'receipt', bytes: receipt }], needles)).toEqual([]);
  expect(await idsLeft(platforms, before, places)).toEqual([]);
  expect(othersChanged(before, after)).toEqual([]);
  expect([...ann.messages(), ...direct.messages()].filter(isVideo)).toEqual([]);

  // What was copied before opens with nothing that is left, as it did with what was there.
  const leftovers = leftoversOf(before);
  const all = { texts: leftovers.texts.length, objects: leftovers.objects.size };
  expect(Math.min(all.texts, all.objects)).toBeGreaterThan(6);
  expect(await opened(keys, before.keyDocuments, leftovers)).toEqual(all);
  expect(await opened(keys, after.keyDocuments, leftovers)).toEqual({ texts: 0, objects: 0 });
  expect(after.keyDocuments.filter(({ state }) => state === 'destroyed').map(({ _id }) => _id)).toEqual(owners.leaver.keyIds);

  // The receipt counts what there was, and what was paid is what it was.
  const content = checkReceipt(keys, receipt.toString());
  expect(content?.deleted).toMatchObject(expectedCounts(before));
  expect(content?.deleted).not.toHaveProperty('messages_left');
  expect(sums(before.rows)).toEqual({ XTR: expect.any(Number) });
  expect(sums(after.rows)).toEqual(sums(before.rows));
  const kept = after.rows.filter(({ collection }) => collection === 'payments');
  expect(kept.map(({ document }) => document.accountId)).toEqual([expect.stringMatching(/^gone-/)]);

  // A backup from before that moment brings nobody back: who has written meanwhile is answered as somebody new.
  expect((await product.stop()).code).toBe(0);
  await restore(deployment.database, before.rows);
  expect(changedSince(before.rows, await rowsOf(deployment.database))).toEqual([]);
  const output = product.output();
  const answered = answer(ann, () => ann.command('balance'), 'You have 0 credits');
  product = await deployment.start(platforms);
  await answered;
  const restored = await look(deployment, platforms);
  expect(restored.owners).toMatchObject({ busy: owners.busy, quiet: owners.quiet, leaver: { accountIds: { length: 1 } } });
  expect(owners.leaver.accountIds).not.toContain(restored.owners.leaver.accountIds[0]);
  expect(restored.rows.filter(({ id }) => owners.leaver.accountIds.includes(id))).toEqual([]);
  expect(othersChanged(before, restored)).toEqual([]);
  await deployment.passMinutes(product);
  await untilForgotten();
  places = await deployment.places(`${output}\n${product.output()}`, lines);
  expect(await findings(places, needles)).toEqual([]);
  expect(await idsLeft(platforms, before, places, true)).toEqual([]);
  expect(await opened(keys, (await look(deployment, platforms)).keyDocuments, leftovers)).toEqual({ texts: 0, objects: 0 });
  expect((await product.stop()).code).toBe(0);
}, 240_000);

test('the scan finds a planted id in each kind of store, in names and in values', async () => {
  const id = randomUUID();
  const { connection, redis, s3, read } = deployment.stores;
  const planted = connection.useDb('planted');
  await planted.collection('values').insertOne({ inside: [{ subject: `${id}#7` }] });
  await planted.collection<{ _id: string }>('names').insertOne({ _id: id });
  await redis.xadd('planted:events', '*', 'jobId', id);
  await redis.set(`planted:announced:${id}`, '7');
  await s3.send(new CreateBucketCommand({ Bucket: 'planted' }));
  await s3.send(new PutObjectCommand({ Bucket: 'planted', Key: `videos/${id}.mp4`, Body: 'x' }));
  await s3.send(new PutObjectCommand({ Bucket: 'planted', Key: 'said', Body: 'x', Metadata: { owner: id } }));
  const found = await findings(await read(), idNeedles([{ what: 'account', id }]));
  const wheres = [
    'MongoDB planted.values',
    'MongoDB planted.names',
    'Redis planted:events',
    'Redis planted:announced',
    'S3 planted/videos',
    'S3 planted/said',
  ];
  expect(wheres.filter((where) => !found.some((line) => line.startsWith(where) && line.includes('account')))).toEqual([]);
});
