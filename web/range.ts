import type { Readable } from 'node:stream';
import type { Range } from '../core/storage.ts';
import type { Answer } from './answer.ts';

export interface AskedMedia {
  /** The Range header. */
  header: string | undefined;
  /** Bytes of the whole. */
  size: number;
  /** Media type. */
  type: string;
  /** Of a HEAD nothing is opened. */
  method?: string | undefined;
  headers?: Record<string, string>;
}

/** The whole (200), the one range that was asked for (206), or that there is no such range (416). What `open` throws is passed on. */
export async function rangeAnswer(asked: AskedMedia, open: (range?: Range) => Promise<Readable>): Promise<Answer> {
  const { header, size, type, method } = asked;
  const common = { 'accept-ranges': 'bytes', ...asked.headers };
  const range = rangeOf(header, size);
  if (range === 'unsatisfiable')
    return { status: 416, body: '', type, headers: { ...common, 'content-range': `bytes */${size}` } };
  const part = range === 'whole' ? undefined : range;
  const headers = {
    ...common,
    'content-length': String(part ? part.to - part.from + 1 : size),
    ...(part && { 'content-range': `bytes ${part.from}-${part.to}/${size}` }),
  };
  const answer = { status: part ? 206 : 200, type, headers };
  return method === 'HEAD' ? { ...answer, body: '' } : { ...answer, stream: await open(part) };
}

/**
 * What a Range header asks for of `size` bytes (RFC 9110, 14.2): one range, of which the end may be left out, or so many last bytes.
 * `whole`: there is none, or one that may be ignored (several ranges, another unit, not well formed). If-Range needs no look: what is
 * stored never changes.
 */
export function rangeOf(header: string | undefined, size: number): Range | 'whole' | 'unsatisfiable' {
  const [, first, last] = /^bytes=\s*(\d{0,15})-(\d{0,15})\s*$/.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return 'whole';
  if (first === '') {
    const count = Math.min(Number(last), size);
    return count === 0 ? 'unsatisfiable' : { from: size - count, to: size - 1 };
  }
  if (last !== '' && Number(last) < Number(first)) return 'whole';
  if (Number(first) >= size) return 'unsatisfiable';
  return { from: Number(first), to: last === '' ? size - 1 : Math.min(Number(last), size - 1) };
}
