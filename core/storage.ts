import {
  BucketLocationConstraint,
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { decryptObject, encryptObject, type ObjectContext } from './storage/envelope.ts';

export interface StorageSettings {
  endpoint: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  bucket: string;
  /** The bucket stands in the path instead of the host name, as most servers other than AWS need it. */
  forcePathStyle: boolean;
}

/** There is no object of this name (any more). */
export class ObjectMissing extends Error {
  constructor() {
    super('the stored object is missing');
    this.name = 'ObjectMissing';
  }
}

/** S3 takes and gives at most so many names at once. */
const PAGE = 1_000;

export type Storage = ReturnType<typeof createStorage>;

/** Stored objects, encrypted before they leave this process. The only file that knows S3. Object names are random and made by the caller. */
export function createStorage({ endpoint, region, accessKeyId, secretAccessKey, bucket, forcePathStyle }: StorageSettings) {
  const s3 = new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: 3_000, requestTimeout: 60_000, throwOnRequestTimeout: true },
  });
  // Its own name belongs to what an object is: one that was moved over another does not open.
  const named = (context: ObjectContext, key: string): ObjectContext => ({ ...context, object: key });

  return {
    /** Makes the bucket where it is missing. Safe to call from several processes at once. */
    async ensureBucket(): Promise<void> {
      if (await unlessMissing(s3.send(new HeadBucketCommand({ Bucket: bucket })))) return;
      const LocationConstraint = Object.values(BucketLocationConstraint).find((known) => known === region);
      const place = LocationConstraint && { CreateBucketConfiguration: { LocationConstraint } };
      try {
        await s3.send(new CreateBucketCommand({ Bucket: bucket, ...place }));
      } catch (error) {
        if (nameOf(error) !== 'BucketAlreadyOwnedByYou' && nameOf(error) !== 'BucketAlreadyExists') throw error;
        await s3.send(new HeadBucketCommand({ Bucket: bucket }));
      }
    },

    /** Stores `plain` under `key` for the account that `objectsKey` belongs to. `context` must be given again to read it. */
    async put(key: string, plain: Buffer, objectsKey: Buffer, context: ObjectContext): Promise<void> {
      const body = await encryptObject(plain, objectsKey, named(context, key));
      const type = 'application/octet-stream';
      await s3.send(
        new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentLength: body.length, ContentType: type }),
      );
    },

    /** Throws ObjectMissing, or Unreadable when it is not what was put under this key, name and context. */
    async get(key: string, objectsKey: Buffer, context: ObjectContext): Promise<Buffer> {
      const found = await unlessMissing(s3.send(new GetObjectCommand({ Bucket: bucket, Key: key })));
      if (!found?.Body) throw new ObjectMissing();
      const stored = Buffer.from(await found.Body.transformToByteArray());
      return decryptObject(stored, objectsKey, named(context, key));
    },

    /** Objects that are gone already are no error; one that could not be removed is. */
    async remove(keys: readonly string[]): Promise<void> {
      for (let from = 0; from < keys.length; from += PAGE) {
        const Objects = keys.slice(from, from + PAGE).map((Key) => ({ Key }));
        const { Errors = [] } = await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }));
        const left = Errors.filter(({ Code }) => Code !== 'NoSuchKey');
        if (left.length > 0) throw new Error(`${left.length} objects could not be removed: ${left[0]?.Code}`);
      }
    },

    /** One page of at most `limit` (up to 1,000) names in alphabetical order. `next`, where there is more, is the `after` of the following page. */
    async list(prefix: string, after?: string, limit = PAGE): Promise<{ keys: string[]; next?: string }> {
      const { Contents = [], IsTruncated } = await s3.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, StartAfter: after, MaxKeys: limit }),
      );
      const keys = Contents.flatMap(({ Key }) => (Key === undefined ? [] : [Key]));
      const last = keys.at(-1);
      return { keys, ...(IsTruncated && last !== undefined && { next: last }) };
    },

    close(): void {
      s3.destroy();
    },
  };
}

async function unlessMissing<Answer>(request: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await request;
  } catch (error) {
    if (['NoSuchKey', 'NotFound'].includes(nameOf(error))) return undefined;
    throw error;
  }
}

const nameOf = (error: unknown) => (error instanceof Error ? error.name : '');
