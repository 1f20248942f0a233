import { performance } from 'node:perf_hooks';
import { Readable } from 'node:stream';
import { DeleteObjectCommand, GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { ZipFile } from 'yazl';
import { report } from './measured.ts';
import { s3Of, VIDEOS_PREFIX } from './stores.ts';

/** The least that anybody could do: each stored object as it is into a ZIP, and that into an upload. No database, no key, no checksum. */
const { bucket: Bucket, ...access } = s3Of(process.env);
const s3 = new S3Client({
  ...access,
  credentials: access,
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
});
const Key = 'bare.zip';
const begin = performance.now();
const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: VIDEOS_PREFIX }));
const zip = new ZipFile();
for (const { Key: name = '' } of Contents) {
  zip.addReadStreamLazy(name, { compress: false, forceZip64Format: true }, (give) => {
    s3.send(new GetObjectCommand({ Bucket, Key: name })).then(
      ({ Body }) => (Body instanceof Readable ? give(null, Body) : give(new Error('the object has no body'), Readable.from([]))),
      (error: unknown) => give(error, Readable.from([])),
    );
  });
}
zip.end({ forceZip64Format: true, comment: '' });
const Body = Readable.from(zip.outputStream, { objectMode: false });
await new Upload({ client: s3, partSize: 8 * 2 ** 20, queueSize: 2, params: { Bucket, Key, Body } }).done();
const milliseconds = performance.now() - begin;
const { ContentLength: bytes = 0 } = await s3.send(new HeadObjectCommand({ Bucket, Key }));
report({ milliseconds, bytes });
await s3.send(new DeleteObjectCommand({ Bucket, Key }));
s3.destroy();
