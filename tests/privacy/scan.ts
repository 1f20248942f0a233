import { constants, createInflateRaw } from 'node:zlib';
import type { Needle } from './canaries.ts';

/** Some bytes and where they were found. */
export interface Place {
  where: string;
  bytes: Buffer;
}

const CONTEXT = 24;
/** Bytes of a compressed stream that are unpacked. */
const STREAM_LIMIT = 64 * 1024;
const GZIP = Buffer.from([0x1f, 0x8b, 0x08]);
const ZLIB = [0x01, 0x5e, 0x9c, 0xda].map((level) => Buffer.from([0x78, level]));

/** One line for each needle that is found in a place, or in something compressed inside it. */
export async function findings(places: readonly Place[], needles: readonly Needle[]): Promise<string[]> {
  const found: string[] = [];
  for (const { where, bytes } of places) {
    found.push(...search(where, bytes, needles));
    for (const inner of await unpacked(bytes)) found.push(...search(`${where}, compressed`, inner, needles));
  }
  return found;
}

function search(where: string, bytes: Buffer, needles: readonly Needle[]): string[] {
  const folded = lowerCase(bytes);
  return needles.flatMap((needle) => {
    const at = (needle.folded ? folded : bytes).indexOf(needle.bytes);
    if (at === -1) return [];
    const around = bytes.subarray(Math.max(0, at - CONTEXT), at + needle.bytes.length + CONTEXT);
    return [`${where}: ${needle.name} (${around.toString('latin1').replaceAll(/[^\x20-\x7e]/g, '.')})`];
  });
}

const lowerCase = (bytes: Buffer): Buffer =>
  Buffer.from(
    bytes.toString('latin1').replace(/[A-Z]+/g, (letters) => letters.toLowerCase()),
    'latin1',
  );

/** What gzip and zlib streams inside of the bytes hold, as far as they can be read. */
async function unpacked(bytes: Buffer): Promise<Buffer[]> {
  const starts = [
    ...positions(bytes, GZIP).map((at) => behindGzipHeader(bytes, at)),
    ...ZLIB.flatMap((zlib) => positions(bytes, zlib).map((at) => at + 2)),
  ];
  const found: Buffer[] = [];
  for (const start of starts) {
    const content = await inflated(bytes.subarray(start, start + STREAM_LIMIT));
    if (content.length > 0) found.push(content);
  }
  return found;
}

/** The header has ten bytes, and the name of a file where its fourth byte says so. */
function behindGzipHeader(bytes: Buffer, at: number): number {
  const isNamed = bytes[at + 3] === 8;
  return isNamed ? bytes.indexOf(0, at + 10) + 1 : at + 10;
}

async function inflated(packed: Buffer): Promise<Buffer> {
  // In small pieces, so that what came out before an error is not lost with it.
  const stream = createInflateRaw({ chunkSize: constants.Z_MIN_CHUNK, finishFlush: constants.Z_SYNC_FLUSH });
  stream.end(packed);
  const pieces: Buffer[] = [];
  try {
    for await (const piece of stream) pieces.push(piece as Buffer);
  } catch {
    return Buffer.concat(pieces);
  }
  return Buffer.concat(pieces);
}

function positions(bytes: Buffer, start: Buffer): number[] {
  const found: number[] = [];
  for (let at = bytes.indexOf(start); at !== -1; at = bytes.indexOf(start, at + 1)) found.push(at);
  return found;
}
