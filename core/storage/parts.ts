/** One upload in parts, as S3 knows it. */
export interface Multipart {
  /** Stores all of it at once, where one part is enough. */
  whole(bytes: Buffer): Promise<void>;
  /** Gives the id of the upload. */
  begin(): Promise<string>;
  /** Numbers begin with 1. Gives what the store calls the part. */
  part(upload: string, number: number, bytes: Buffer): Promise<string>;
  finish(upload: string, tags: readonly string[]): Promise<void>;
  abandon(upload: string): Promise<void>;
}

/**
 * Uploads what flows in parts of `size` bytes: one is on its way while the next is filled, and both buffers are used again and again, so
 * that a long upload leaves nothing for the collector, which lets much stand. On failure the upload is abandoned and the error is thrown.
 */
export async function uploadInParts(chunks: AsyncIterable<Buffer>, size: number, to: Multipart): Promise<void> {
  const tags: string[] = [];
  let upload: string | undefined;
  let sending: Promise<void> = Promise.resolve();
  try {
    for await (const { bytes, isLast } of inParts(chunks, size)) {
      if (isLast && upload === undefined) return await to.whole(bytes);
      upload ??= await to.begin();
      await sending;
      sending = send(to, upload, tags, bytes);
      sending.catch(() => {}); // awaited before the next part and at the end
    }
    await sending;
    if (upload !== undefined) await to.finish(upload, tags);
  } catch (error) {
    await sending.catch(() => {});
    // Whatever cannot be abandoned now is dropped with the unfinished uploads.
    if (upload !== undefined) await to.abandon(upload).catch(() => {});
    throw error;
  }
}

async function send(to: Multipart, upload: string, tags: string[], bytes: Buffer): Promise<void> {
  tags.push(await to.part(upload, tags.length + 1, bytes));
}

/** Two buffers take turns: what is given stays as it is until the part behind the next one is asked for. */
async function* inParts(chunks: AsyncIterable<Buffer>, size: number): AsyncGenerator<{ bytes: Buffer; isLast: boolean }> {
  let [filling, resting]: [Buffer | undefined, Buffer | undefined] = [undefined, undefined];
  let filled = 0;
  for await (const chunk of chunks) {
    for (let taken = 0; taken < chunk.length; ) {
      if (filling && filled === size) {
        yield { bytes: filling, isLast: false };
        [filling, resting, filled] = [resting, filling, 0];
      }
      filling ??= Buffer.allocUnsafeSlow(size);
      const copied = chunk.copy(filling, filled, taken);
      filled += copied;
      taken += copied;
    }
  }
  yield { bytes: (filling ?? Buffer.alloc(0)).subarray(0, filled), isLast: true };
}
