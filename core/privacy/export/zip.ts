import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ZipFile } from 'yazl';

export interface Packed {
  path: string;
  bytes: number;
  sha256: string;
}

export type Content = AsyncIterable<Buffer | string> | Iterable<Buffer | string>;

export interface ZipOptions {
  isLarge?: boolean;
  /** Called for every piece that flows by. */
  onBytes?: (() => void) | undefined;
}

export type Zip = ReturnType<typeof createZip>;

/** Letters, digits, dots, hyphens and slashes between them: what every system unpacks as it is. */
const PATH = /^[A-Za-z0-9][A-Za-z0-9-]*(?:[./][A-Za-z0-9][A-Za-z0-9-]*)*$/;
const MODE = 0o100644;

/**
 * A ZIP that flows while it is made, nothing of it compressed: videos are already. The only file that knows yazl. `isLarge` writes
 * 64-bit sizes throughout; without it they are written where a file or the whole has outgrown 4 GiB.
 */
export function createZip({ isLarge = false, onBytes }: ZipOptions = {}) {
  const zip = new ZipFile();
  const stream = zip.outputStream;
  if (!(stream instanceof Readable)) throw new Error('the ZIP library gives no stream of this platform');
  const gone = new AbortController();
  stream.once('close', () => gone.abort());

  return {
    /** The ZIP's bytes. Destroying it ends the packing: the file under way rejects, and so does every further one. */
    stream,

    /** Aborted when the stream has ended or was destroyed: nobody waits for content any more. */
    gone: gone.signal,

    /** Packs one file; the next may follow when this has resolved. Rejects with what the content throws. */
    async add(path: string, at: Date, content: Content): Promise<Packed> {
      if (!PATH.test(path)) throw new Error('a name in a ZIP may hold letters, digits, dots and hyphens only');
      gone.signal.throwIfAborted();
      const hash = createHash('sha256');
      let bytes = 0;
      const source = Readable.from(measured(), { objectMode: false, signal: gone.signal });
      async function* measured() {
        for await (const chunk of content) {
          hash.update(chunk);
          bytes += Buffer.byteLength(chunk);
          onBytes?.();
          yield chunk;
        }
      }
      const options = { mtime: at, mode: MODE, compress: false, forceZip64Format: isLarge };
      zip.addReadStreamLazy(path, options, givenOnce(source));
      await finished(source, { writable: false });
      return { path, bytes, sha256: hash.digest('hex') };
    },

    /** Writes the directory of the ZIP and ends the stream. */
    end(): void {
      zip.end({ forceZip64Format: isLarge, comment: '' });
    },
  };
}

/** Gives a stream away and forgets it: the library keeps this function for each file until the ZIP's end, with everything that it can see. */
function givenOnce(source: Readable): (give: (error: null, stream: Readable) => void) => void {
  let held: Readable | undefined = source;
  return (give) => {
    if (held) give(null, held);
    held = undefined;
  };
}
