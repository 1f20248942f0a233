import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Redis } from 'ioredis';
import mongoose from 'mongoose';
import type { Embedded } from '../../embedded/index.ts';

export type Addresses = Pick<Embedded, 'mongo' | 'redis' | 's3'>;

const Bucket = 'kept';

/** Clients of all three servers, which put a value under a name in each and say which names are there. */
export async function openStored({ mongo, redis, s3: { endpoint, region, ...credentials } }: Addresses) {
  const connection = await mongoose.createConnection(mongo.uri, { dbName: 'kept' }).asPromise();
  const cache = new Redis(redis.url, { maxRetriesPerRequest: null });
  cache.on('error', () => {});
  connection.on('error', () => {});
  const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 });
  await s3.send(new CreateBucketCommand({ Bucket })).catch((error: Error) => {
    if (error.name !== 'BucketAlreadyOwnedByYou') throw error;
  });
  const names = () => connection.collection<{ _id: string }>('names');
  return {
    mongo: {
      put: (name: string) =>
        connection.transaction(async (session) => {
          await names().insertOne({ _id: name }, { session });
        }),
      has: async (name: string) => (await names().findOne({ _id: name })) !== null,
    },
    redis: {
      put: (name: string) => cache.set(name, 'x'),
      has: async (name: string) => (await cache.exists(name)) === 1,
    },
    s3: {
      put: (name: string) => s3.send(new PutObjectCommand({ Bucket, Key: name, Body: 'x' })),
      has: (name: string) =>
        s3.send(new GetObjectCommand({ Bucket, Key: name })).then(
          () => true,
          () => false,
        ),
    },
    async close(): Promise<void> {
      cache.disconnect();
      s3.destroy();
      await connection.close(true);
    },
  };
}
