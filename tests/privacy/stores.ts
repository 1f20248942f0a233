import { execFileSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetObjectCommand, ListBucketsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { Redis } from 'ioredis';
import mongoose from 'mongoose';
import type { Embedded } from '../../embedded/index.ts';
import type { Place } from './scan.ts';

/** The database of the server's own log, to which it only adds. */
const OPLOG = 'local';

export type Addresses = Pick<Embedded, 'mongo' | 'redis' | 's3'>;

const { BSON } = mongoose.mongo;

/** Clients that read everything the three servers hold, whoever wrote it. */
export async function openStores({ mongo, redis: { url }, s3: { endpoint, region, ...credentials } }: Addresses) {
  const connection = await mongoose.createConnection(mongo.uri).asPromise();
  const redis = new Redis(url);
  const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  const readPassing = async (): Promise<Place[]> => [...(await documentsIn(connection, [OPLOG])), ...(await valuesIn(redis))];
  return {
    connection,
    redis,
    s3,
    /** Documents, and keys with their values: what may be gone a moment later. */
    readPassing,
    /** The same, what the servers write down of it, and objects with what is said of them. */
    read: async (): Promise<Place[]> => [...(await documentsIn(connection)), ...(await valuesIn(redis)), ...(await placesIn(s3))],
    /** What is stored in a bucket, by name. */
    async readObjects(wanted: string): Promise<Map<string, Buffer>> {
      const objects = new Map<string, Buffer>();
      for await (const { bucket, key, content } of objectsIn(s3)) if (bucket === wanted) objects.set(key, content);
      return objects;
    },
    async close() {
      redis.disconnect();
      s3.destroy();
      await connection.close();
    },
  };
}

/** Every document of every database, decompressed and as BSON, with the names of what it stands in. */
async function documentsIn(connection: mongoose.Connection, but: readonly string[] = []): Promise<Place[]> {
  const client = connection.getClient();
  const { databases } = await client.db().admin().listDatabases();
  const places: Place[] = [];
  for (const { name } of databases.filter((each) => !but.includes(each.name))) {
    for (const collection of await client.db(name).collections()) {
      const where = `MongoDB ${collection.namespace}`;
      places.push({ where, bytes: Buffer.from(JSON.stringify([where, await collection.indexes()])) });
      for await (const document of collection.find()) {
        places.push({ where: `${where} ${String(document._id)}`, bytes: Buffer.from(BSON.serialize(document)) });
      }
    }
  }
  return places;
}

const READ: Record<string, readonly [command: string, ...rest: string[]]> = {
  string: ['GET'],
  hash: ['HGETALL'],
  list: ['LRANGE', '0', '-1'],
  set: ['SMEMBERS'],
  zset: ['ZRANGE', '0', '-1', 'WITHSCORES'],
  stream: ['XRANGE', '-', '+'],
};

/** Every key with its value, as the server gives it and as it would store it. */
async function valuesIn(redis: Redis): Promise<Place[]> {
  const places: Place[] = [];
  for await (const page of redis.scanStream()) {
    for (const key of page as string[]) {
      const [command, ...rest] = READ[await redis.type(key)] ?? ['DUMP'];
      const value = await redis.callBuffer(command, key, ...rest);
      const dump = await redis.dumpBuffer(key);
      places.push({ where: `Redis ${key}`, bytes: Buffer.concat([Buffer.from(key), ...buffersIn(value), ...buffersIn(dump)]) });
    }
  }
  return places;
}

function buffersIn(value: unknown): Buffer[] {
  if (Buffer.isBuffer(value)) return [value];
  return Array.isArray(value) ? value.flatMap(buffersIn) : [];
}

interface StoredObject {
  bucket: string;
  key: string;
  content: Buffer;
  /** What the server says of it. */
  about: string;
}

async function* objectsIn(s3: S3Client): AsyncGenerator<StoredObject> {
  const { Buckets = [] } = await s3.send(new ListBucketsCommand());
  for (const { Name: Bucket = '' } of Buckets) {
    const { Contents = [], IsTruncated } = await s3.send(new ListObjectsV2Command({ Bucket }));
    if (IsTruncated) throw new Error('there are more objects than one page holds');
    for (const { Key = '' } of Contents) {
      const { Body, $metadata: _, ...about } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      const content = Buffer.from((await Body?.transformToByteArray()) ?? []);
      yield { bucket: Bucket, key: Key, content, about: JSON.stringify([Bucket, Key, about]) };
    }
  }
}

/** Every object as it is stored, with its name and its metadata. */
async function placesIn(s3: S3Client): Promise<Place[]> {
  const places: Place[] = [];
  for await (const { bucket, key, content, about } of objectsIn(s3))
    places.push({ where: `S3 ${bucket}/${key}`, bytes: Buffer.concat([Buffer.from(about), content]) });
  return places;
}

/** Every file below a folder, with its path. One that has gone meanwhile is left out. */
export function filesBelow(folder: string): Place[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path));
  return paths.flatMap((path) => {
    const file = lstatSync(path, { throwIfNoEntry: false });
    if (!file?.isFile()) return [];
    try {
      return [{ where: path, bytes: Buffer.concat([Buffer.from(path), readFileSync(path)]) }];
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    }
  });
}

/** What everybody on this machine can read of every process: its command line. */
export function commandLines(): string[] {
  const options = { encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 } as const;
  return execFileSync('ps', ['-A', '-ww', '-o', 'args='], options).split('\n');
}
