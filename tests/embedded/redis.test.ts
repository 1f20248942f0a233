import { randomUUID } from 'node:crypto';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test, vi } from 'vitest';
import { testServers } from '../support/servers.ts';

async function open() {
  const prefix = `contract-${randomUUID()}`;
  const redis = new Redis(testServers().redis.url, { maxRetriesPerRequest: null });
  const queue = new Queue('work', { connection: redis, prefix });
  onTestFinished(async () => {
    await queue.obliterate({ force: true });
    await queue.close();
    redis.disconnect();
  });
  await queue.waitUntilReady();
  return { redis, queue, prefix };
}

test('keeps every key: nothing is evicted, and what is acknowledged is appended to a file', async () => {
  const { redis } = await open();
  expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
  expect(await redis.config('GET', 'appendonly')).toEqual(['appendonly', 'yes']);
});

test('lets in nobody without the password', async () => {
  const { host, port, password } = new URL(testServers().redis.url);
  expect(password).not.toBe('');
  const stranger = new Redis(Number(port), host.split(':')[0] ?? '', { lazyConnect: true, retryStrategy: () => null });
  stranger.on('error', () => {});
  onTestFinished(() => stranger.disconnect());
  await expect(stranger.ping()).rejects.toThrow('NOAUTH');
});

test('a job is added once for its id and worked once', async () => {
  const { queue, prefix } = await open();
  for (const id of ['one', 'two', 'one', 'two', 'one']) await queue.add('work', {}, { jobId: id, removeOnComplete: true });
  expect(await queue.getJobCountByTypes('waiting')).toBe(2);
  const worked: (string | undefined)[] = [];
  const connection = new Redis(testServers().redis.url, { maxRetriesPerRequest: null });
  const worker = new Worker(
    'work',
    async (job) => {
      worked.push(job.id);
    },
    { connection, prefix, removeOnComplete: { count: 0 } },
  );
  onTestFinished(async () => {
    await worker.close();
    connection.disconnect();
  });
  await vi.waitUntil(async () => worked.length >= 2 && (await queue.getJobCountByTypes('waiting', 'active')) === 0);
  expect(worked.toSorted()).toEqual(['one', 'two']);
  expect(await queue.getJob('one')).toBeUndefined();
});

test('a delayed job and one of higher priority keep their place', async () => {
  const { queue } = await open();
  await queue.add('work', {}, { jobId: 'later', delay: 60_000 });
  await queue.add('work', {}, { jobId: 'low', priority: 5 });
  await queue.add('work', {}, { jobId: 'high', priority: 1 });
  expect((await queue.getDelayed()).map(({ id }) => id)).toEqual(['later']);
  expect((await queue.getPrioritized()).map(({ id }) => id)).toEqual(['high', 'low']);
});
