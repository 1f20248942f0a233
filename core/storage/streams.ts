import { Readable } from 'node:stream';

/** Bytes, both ends included, counted from 0. */
export interface Range {
  from: number;
  to: number;
}

/**
 * What `chunks` gives as a stream. Never asks for more than it was asked for itself, so that an error comes behind every byte before it.
 * Destroying it destroys `source`, which `chunks` reads from, at once.
 */
export function bytesOf(source: Readable, chunks: AsyncGenerator<Buffer>, range?: Range): Readable {
  const wanted = range ? cut(chunks, range) : chunks;
  return new Readable({
    highWaterMark: 1,
    read() {
      wanted.next().then(
        ({ done, value }) => this.push(done ? null : value),
        (error: Error) => this.destroy(error),
      );
    },
    destroy(error, callback) {
      source.destroy();
      wanted.return(undefined).catch(() => {}); // it ends with the source, in whatever way
      callback(error);
    },
  });
}

async function* cut(chunks: AsyncGenerator<Buffer>, { from, to }: Range): AsyncGenerator<Buffer> {
  let at = 0;
  for await (const chunk of chunks) {
    const part = chunk.subarray(Math.max(0, from - at), Math.max(0, to + 1 - at));
    at += chunk.length;
    if (part.length > 0) yield part;
    if (at > to) return;
  }
}

/** Everything that comes, and how much it was so far. */
export function counted(source: AsyncIterable<Buffer>): { chunks: AsyncGenerator<Buffer>; bytes(): number } {
  let bytes = 0;
  return { chunks: count(), bytes: () => bytes };

  async function* count() {
    for await (const chunk of source) {
      bytes += chunk.length;
      yield chunk;
    }
  }
}
