import type { IncomingMessage } from 'node:http';
import { REQUEST_BYTES } from '../limits.ts';
import type { Upload } from '../messages/messages.ts';
import { refusal } from './refusals.ts';

/** The whole body, read to its end; undefined when it is larger than a request may be. */
export async function readBytes(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= REQUEST_BYTES) chunks.push(chunk);
  }
  return size <= REQUEST_BYTES ? Buffer.concat(chunks) : undefined;
}

/** JSON as it is; multipart as payload_json and files[n]. */
export async function parseBody(contentType: string, bytes: Buffer): Promise<{ json: unknown; uploads: Upload[] }> {
  if (!contentType.startsWith('multipart/form-data'))
    return { json: bytes.length ? parse(bytes.toString()) : undefined, uploads: [] };
  const form = await new Response(bytes, { headers: { 'content-type': contentType } }).formData().catch(() => {
    throw refusal(50109);
  });
  const uploads: Upload[] = [];
  let json: unknown = {};
  for (const [field, part] of form) {
    if (field === 'payload_json') json = parse(typeof part === 'string' ? part : await part.text());
    const id = /^files\[(\d+)\]$/.exec(field)?.[1];
    if (id === undefined || typeof part === 'string') continue;
    uploads.push({ id, name: part.name, type: part.type, data: Buffer.from(await part.arrayBuffer()) });
  }
  return { json, uploads };
}

function parse(words: string): unknown {
  try {
    return JSON.parse(words);
  } catch {
    throw refusal(50109);
  }
}
