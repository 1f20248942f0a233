import { DelayedError, type Job, Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { describe, type Log } from './log.ts';

const NAMES = ['generate', 'deliver', 'payments', 'notify', 'export', 'erase', 'broadcast', 'gallery'] as const;
export type QueueName = (typeof NAMES)[number];

/** What a step says when it is not the last one: look again after so many milliseconds. */
export interface Again {
  afterMs: number;
}

/** Nobody reads BullMQ's own stream of events, in which the numbers of what was deleted would stay. */
const KEEP_EVENTS = 0;
const HINT_SECONDS = 3_600;

export type Doorbell = Awaited<ReturnType<typeof createQueue>>;

/** The only door to BullMQ. A job carries one id; Redis may be emptied at any moment, the documents know what is due. */
export async function createQueue({ url, prefix, log }: { url: string; prefix: string; log: Log }) {
  const redis = new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 1, lazyConnect: true });
  redis.on('error', (error) => log.warn('redis is away', describe(error)));
  await redis.connect();
  const policy = String((await redis.config('GET', 'maxmemory-policy').catch(() => ['', 'noeviction']))[1] ?? '');
  if (policy !== 'noeviction') {
    redis.disconnect();
    throw new Error(`Redis evicts keys (maxmemory-policy ${policy}): it must be noeviction`);
  }
  const queues = Object.fromEntries(
    NAMES.map((name) => [
      name,
      new Queue(name, {
        connection: redis,
        prefix,
        skipVersionCheck: true,
        streams: { events: { maxLen: KEEP_EVENTS } },
        defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
      }),
    ]),
  );
  for (const queue of Object.values(queues)) {
    queue.on('error', (error) => log.warn('queue error', describe(error)));
    await queue.waitUntilReady();
  }
  const workers: Worker[] = [];
  const connections: Redis[] = [];

  return {
    /** Says that something is due. While a job for this id waits or runs nothing is added; a lost ring is made good by tidy. */
    async ring(name: QueueName, id: string): Promise<void> {
      try {
        await queues[name]?.add(name, {}, { jobId: id });
      } catch (error) {
        log.warn('ring was lost', { where: name, generation: id, ...describe(error) });
      }
    },

    /** Runs `step` for each id, again after the time it asks for, and again after a pause when it throws. */
    work(name: QueueName, concurrency: number, step: (id: string) => Promise<Again | undefined>): void {
      const connection = new Redis(url, { maxRetriesPerRequest: null });
      connection.on('error', (error) => log.warn('redis is away', describe(error)));
      connections.push(connection);
      const worker = new Worker(name, (job: Job, token?: string) => run(job, token, step, log), {
        connection,
        prefix,
        concurrency,
        // No skipVersionCheck: BullMQ would take the server for an old one and wait in whole seconds before every repeated step.
        lockDuration: 5_000,
        stalledInterval: 5_000,
        maxStalledCount: 1_000,
        removeOnComplete: { count: 0 },
        removeOnFail: { count: 0 },
      });
      worker.on('error', (error) => log.warn('worker error', { where: name, ...describe(error) }));
      workers.push(worker);
    },

    /** A hint worth nothing when lost: which message announced the generation. Kept for an hour. */
    async remember(generation: string, message: string): Promise<void> {
      await redis.set(`${prefix}:announced:${generation}`, message, 'EX', HINT_SECONDS).catch(() => undefined);
    },

    async recall(generation: string): Promise<string | undefined> {
      return (await redis.get(`${prefix}:announced:${generation}`).catch(() => null)) ?? undefined;
    },

    /** What was remembered of it is worth nothing any more. */
    async forget(generation: string): Promise<void> {
      await redis.del(`${prefix}:announced:${generation}`).catch(() => undefined);
    },

    /** Empties those streams: the last word of a finished job stays in them until the next one of its queue. */
    async forgetEvents(): Promise<void> {
      await redis.del(NAMES.map((name) => `${prefix}:${name}:events`));
    },

    /** Takes no more steps, and resolves when those that are running have ended. */
    async rest(): Promise<void> {
      await Promise.all(workers.map((worker) => worker.close()));
    },

    async close(): Promise<void> {
      await this.rest();
      await Promise.all(Object.values(queues).map((queue) => queue.close()));
      for (const connection of [...connections, redis]) connection.disconnect();
    },
  };
}

/** A step that threw is repeated after this pause; how often is the document's decision. */
const PAUSE_MS = 3_000;

async function run(
  job: Job,
  token: string | undefined,
  step: (id: string) => Promise<Again | undefined>,
  log: Log,
): Promise<void> {
  const id = String(job.id);
  let again: Again | undefined;
  try {
    again = await step(id);
  } catch (error) {
    again = { afterMs: PAUSE_MS };
    log.warn('step failed and will be repeated', {
      where: job.queueName,
      generation: id,
      attempt: job.attemptsStarted,
      ...describe(error),
    });
  }
  if (!again) return;
  await job.moveToDelayed(Date.now() + again.afterMs, token);
  throw new DelayedError();
}
