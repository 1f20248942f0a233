import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SeenFile, SeenMessage } from '../person.ts';
import { Declined } from './guard.ts';

/** Bytes of one partial answer. A paused video keeps its connection until its answer is read, and a browser has six for one host. */
const piece = 1024 * 1024;

interface Range {
  start: number;
  end: number;
}

/** The first range of a Range header, cut to one piece; undefined where the whole file is wanted. */
export function readRange(header: string | undefined): Range | undefined {
  const found = /^bytes=(\d{1,15})-(\d{0,15})/.exec(header ?? '');
  if (!found) return undefined;
  const start = Number(found[1]);
  return { start, end: Math.min(found[2] ? Number(found[2]) : Number.POSITIVE_INFINITY, start + piece - 1) };
}

async function fetchPart(url: string, range: Range | undefined): Promise<{ body: Buffer; total: number; type: string }> {
  const answer = await fetch(url, {
    redirect: 'error',
    ...(range && { headers: { range: `bytes=${range.start}-${range.end}` } }),
  });
  if (answer.status === 416) return { body: Buffer.alloc(0), total: 0, type: '' };
  if (!answer.ok) throw new Declined(502, 'The simulator did not give the file.');
  const type = answer.headers.get('content-type') ?? '';
  const bytes = Buffer.from(await answer.arrayBuffer());
  const total = Number(/\/(\d+)$/.exec(answer.headers.get('content-range') ?? '')?.[1]);
  if (answer.status === 206 && Number.isSafeInteger(total)) return { body: bytes, total, type };
  return { body: range ? bytes.subarray(range.start, range.end + 1) : bytes, total: bytes.length, type };
}

/** What is no picture and no film is never shown by the browser, only saved. */
function typeOf(kind: SeenFile['kind'], given: string): string {
  if (kind === 'file') return 'application/octet-stream';
  const plain = given.split(';')[0]?.trim().toLowerCase() ?? '';
  if (plain.startsWith(`${kind}/`)) return plain;
  return kind === 'video' ? 'video/mp4' : 'image/png';
}

/** The files that messages have shown, under addresses of this page: nothing else can be fetched through it. */
export function createFiles() {
  const known = new Map<string, SeenFile>();

  return {
    /** The same message, with addresses on this page in the place of the simulators'. */
    publish(message: SeenMessage): SeenMessage {
      const files = message.files.map((file) => {
        const { origin, hostname, pathname } = new URL(file.url);
        if (!['127.0.0.1', 'localhost', '[::1]'].includes(hostname)) return { ...file, url: '' };
        const id = createHash('sha256').update(`${message.id} ${origin}${pathname} ${file.size}`).digest('hex').slice(0, 24);
        known.set(id, file);
        return { ...file, url: `/file?id=${id}` };
      });
      return { ...message, files };
    },

    /** Answers GET /file?id=...: whole or by range, with &save=1 as a download. */
    async serve(request: IncomingMessage, response: ServerResponse, asked: URLSearchParams): Promise<void> {
      const file = known.get(asked.get('id') ?? '');
      if (!file) throw new Declined(404, 'No message has shown this file.');
      const range = readRange(request.headers.range);
      const { body, total, type } = await fetchPart(file.url, range);
      response.setHeader('accept-ranges', 'bytes');
      if (range && body.length === 0) {
        response.writeHead(416, { 'content-range': `bytes */${total || file.size}` }).end();
        return;
      }
      if (asked.has('save') || file.kind === 'file')
        response.setHeader('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`);
      if (range) response.setHeader('content-range', `bytes ${range.start}-${range.start + body.length - 1}/${total}`);
      response.setHeader('content-security-policy', "default-src 'none'; sandbox");
      response.writeHead(range ? 206 : 200, { 'content-type': typeOf(file.kind, type), 'content-length': body.length }).end(body);
    },
  };
}

export type Files = ReturnType<typeof createFiles>;
