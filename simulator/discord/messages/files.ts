import type { ServerResponse } from 'node:http';
import type { APIAttachment } from 'discord-api-types/v10';
import { MIB } from '../limits.ts';
import { pictureSize, typeOfName } from './pictures.ts';

export interface StoredFile {
  id: string;
  channel: string;
  name: string;
  size: number;
  description?: string;
  title?: string;
  /** Attached to something only one person sees. */
  ephemeral: boolean;
  width?: number;
  height?: number;
}

export interface NewFile {
  id: string;
  channel: string;
  name: string;
  data: Buffer;
  description?: string | null | undefined;
  title?: string | null | undefined;
  ephemeral: boolean;
}

const SIGNED_FOR_SECONDS = 24 * 3600;
/** The oldest bytes are dropped beyond this, so that long runs do not fill the memory. */
const KEPT_BYTES = 256 * MIB;

/** Discord's file host: addresses are signed and expire, and parts can be asked for. */
export function createFiles(base: () => string, now: () => number, secret: (about: string) => string) {
  const bytes = new Map<string, Buffer>();
  let kept = 0;

  const pathOf = (file: StoredFile) =>
    `/cdn/${file.ephemeral ? 'ephemeral-attachments' : 'attachments'}/${file.channel}/${file.id}/${encodeURIComponent(file.name)}`;

  function sign(path: string): string {
    const issued = Math.floor(now() / 1000);
    const times = `ex=${(issued + SIGNED_FOR_SECONDS).toString(16)}&is=${issued.toString(16)}`;
    return `${path}?${times}&hm=${secret(`${path}?${times}`)}&`;
  }

  function isSigned(address: URL): boolean {
    const [expires, issued] = [address.searchParams.get('ex') ?? '', address.searchParams.get('is') ?? ''];
    const signature = secret(`${address.pathname}?ex=${expires}&is=${issued}`);
    return address.searchParams.get('hm') === signature && Number.parseInt(expires, 16) * 1000 > now();
  }

  return {
    add({ data, description, title, ...rest }: NewFile): StoredFile {
      const name = rest.name.replaceAll(/[^\p{L}\p{N}._-]/gu, '_');
      const size = typeOfName(name)?.startsWith('image/') ? pictureSize(data) : undefined;
      const file = { ...rest, name, size: data.length, ...(description && { description }), ...(title && { title }), ...size };
      bytes.set(pathOf(file), data);
      kept += data.length;
      for (const [path, oldest] of bytes) {
        if (kept <= KEPT_BYTES || oldest === data) break;
        bytes.delete(path);
        kept -= oldest.length;
      }
      return file;
    },

    /** The attachment as Discord shows it, with a freshly signed address. */
    attachment(file: StoredFile): APIAttachment {
      const url = base() + sign(pathOf(file));
      const { id, name, size, description, title, width, height } = file;
      const type = typeOfName(name);
      return {
        id,
        filename: name,
        size,
        url,
        proxy_url: url,
        ...(type && { content_type: type }),
        ...(description && { description }),
        ...(title && { title }),
        ...(width && height && { width, height }),
        ...(file.ephemeral && { ephemeral: true }),
      };
    },

    serve(address: URL, range: string | undefined, response: ServerResponse): void {
      const data = isSigned(address) ? bytes.get(address.pathname) : undefined;
      if (!data) {
        response.writeHead(404, { 'content-type': 'text/plain' }).end('This content is no longer available.');
        return;
      }
      const type = typeOfName(decodeURIComponent(address.pathname)) ?? 'application/octet-stream';
      const headers = { 'content-type': type, 'accept-ranges': 'bytes', 'access-control-allow-origin': '*' };
      const part = range === undefined ? undefined : partOf(range, data.length);
      if (!part) {
        response.writeHead(200, { ...headers, 'content-length': data.length }).end(data);
      } else if (part.first > part.last) {
        response.writeHead(416, { 'content-range': `bytes */${data.length}` }).end();
      } else {
        const bounds = `bytes ${part.first}-${part.last}/${data.length}`;
        const length = part.last - part.first + 1;
        response
          .writeHead(206, { ...headers, 'content-range': bounds, 'content-length': length })
          .end(data.subarray(part.first, part.last + 1));
      }
    },
  };
}

export type Files = ReturnType<typeof createFiles>;

/** One range of a Range header; undefined where it is not understood, which means the whole. */
function partOf(range: string, length: number): { first: number; last: number } | undefined {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? [];
  if (from === '' && to === '') return undefined;
  if (from === '') return { first: Math.max(0, length - Number(to)), last: length - 1 };
  return { first: Number(from), last: Math.min(to === '' ? length - 1 : Number(to), length - 1) };
}
