import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  BucketLocationConstraint,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { decryptFrames, decryptObject, encryptFrames, encryptObject, type ObjectContext } from './storage/envelope.ts';
import { type Multipart, uploadInParts } from './storage/parts.ts';
import { bytesOf, counted, type Range } from './storage/streams.ts';

export type { Range } from './storage/streams.ts';

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

const TYPE = 'application/octet-stream';
/** S3 takes and gives at most so many names at once. */
const PAGE = 1_000;
/** Bytes of one part of a large object; S3 takes 10,000 of them. */
const PART = 5 * 2 ** 20;
/** A video that somebody watches holds a connection for as long. */
const CONNECTIONS = 500;

export type Storage = ReturnType<typeof createStorage>;

/** Stored objects, encrypted before they leave this process. The only file that knows S3. Object names are random and made by the caller. */
export function createStorage({ endpoint, region, accessKeyId, secretAccessKey, bucket, forcePathStyle }: StorageSettings) {
  const agents = { httpAgent: { maxSockets: CONNECTIONS }, httpsAgent: { maxSockets: CONNECTIONS } };
  const s3 = new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: 3_000, requestTimeout: 60_000, throwOnRequestTimeout: true, ...agents },
  });
  // Its own name belongs to what an object is: one that was moved over another does not open.
  const named = (context: ObjectContext, key: string): ObjectContext => ({ ...context, object: key });

  const put = async (Key: string, Body: Buffer): Promise<void> => {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body, ContentLength: Body.length, ContentType: TYPE }));
  };

  const multipart = (Key: string): Multipart => {
    const object = { Bucket: bucket, Key };
    return {
      whole: (bytes) => put(Key, bytes),
      async begin() {
        const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ ...object, ContentType: TYPE }));
        if (UploadId === undefined) throw new Error('the object store began an upload without a name');
        return UploadId;
      },
      async part(UploadId, PartNumber, Body) {
        const { ETag } = await s3.send(
          new UploadPartCommand({ ...object, UploadId, PartNumber, Body, ContentLength: Body.length }),
        );
        if (ETag === undefined) throw new Error('the object store took a part without a name');
        return ETag;
      },
      async finish(UploadId, tags) {
        const Parts = tags.map((ETag, index) => ({ ETag, PartNumber: index + 1 }));
        await s3.send(new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload: { Parts } }));
      },
      async abandon(UploadId) {
        await s3.send(new AbortMultipartUploadCommand({ ...object, UploadId }));
      },
    };
  };

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
      await put(key, await encryptObject(plain, objectsKey, named(context, key)));
    },

    /** Throws ObjectMissing, or Unreadable when it is not what was put under this key, name and context. */
    async get(key: string, objectsKey: Buffer, context: ObjectContext): Promise<Buffer> {
      const found = await unlessMissing(s3.send(new GetObjectCommand({ Bucket: bucket, Key: key })));
      if (!found?.Body) throw new ObjectMissing();
      const stored = Buffer.from(await found.Body.transformToByteArray());
      return decryptObject(stored, objectsKey, named(context, key));
    },

    /**
     * As `put`, of any length in constant memory; gives the bytes that were read from `plain`. On failure nothing of it stays, and
     * `plain` is destroyed.
     */
    async write(key: string, plain: Readable, objectsKey: Buffer, context: ObjectContext): Promise<number> {
      const { chunks, bytes } = counted(plain);
      const body = bytesOf(plain, encryptFrames(chunks, objectsKey, named(context, key)));
      try {
        await uploadInParts(body, PART, multipart(key));
      } finally {
        body.destroy();
      }
      return bytes();
    },

    /**
     * As `get`, while it flows: no byte leaves before the frame that it is in was verified. Rejects with ObjectMissing; the stream fails
     * with Unreadable where the object is no longer what was stored, behind everything that came before. `range` counts plain bytes.
     */
    async read(key: string, objectsKey: Buffer, context: ObjectContext, range?: Range): Promise<Readable> {
      const found = await unlessMissing(s3.send(new GetObjectCommand({ Bucket: bucket, Key: key })));
      if (!found) throw new ObjectMissing();
      if (!(found.Body instanceof Readable)) throw new Error('the S3 client gives no stream of this platform');
      return bytesOf(found.Body, decryptFrames(found.Body, objectsKey, named(context, key)), range);
    },

    /** Drops what was begun with `write` before that time and never ended, because its process has died. Gives how many. */
    async abortUnfinished(before: Date): Promise<number> {
      let aborted = 0;
      let marker: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } | undefined = {};
      while (marker) {
        const page: ListMultipartUploadsCommandOutput = await s3.send(
          new ListMultipartUploadsCommand({ Bucket: bucket, ...marker }),
        );
        for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
          if (!Initiated || Initiated >= before) continue;
          await unlessMissing(s3.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId })));
          aborted += 1;
        }
        marker = page.IsTruncated ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker } : undefined;
      }
      return aborted;
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
    if (['NoSuchKey', 'NotFound', 'NoSuchUpload'].includes(nameOf(error))) return undefined;
    throw error;
  }
}

const nameOf = (error: unknown) => (error instanceof Error ? error.name : '');
