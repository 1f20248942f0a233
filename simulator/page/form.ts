import type { IncomingMessage } from 'node:http';
import { Declined } from './guard.ts';

/** Bytes of one request: a picture of 25 MB and the words around it. */
const limit = 25 * 1024 * 1024 + 64 * 1024;

/** Reads a multipart form. Throws Declined: 413 past the limit, 415 or 400 where it is no form. */
export async function readForm(request: IncomingMessage): Promise<FormData> {
  const type = request.headers['content-type'] ?? '';
  if (!type.startsWith('multipart/form-data')) throw new Declined(415, 'Send a form (multipart/form-data).');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
  }
  if (size > limit) throw new Declined(413, 'Pictures may have up to 25 MB.');
  try {
    return await new Response(Buffer.concat(chunks), { headers: { 'content-type': type } }).formData();
  } catch {
    throw new Declined(400, 'The form could not be read.');
  }
}

/** Forms carry line ends as CRLF; people typed LF. */
export const typed = (value: string): string => value.replaceAll('\r\n', '\n');

/** A field that must be there, as text. */
export function word(form: FormData, name: string): string {
  const value = form.get(name);
  if (typeof value !== 'string') throw new Declined(400, `The field ${name} is missing.`);
  return typed(value);
}
