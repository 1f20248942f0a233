import type { IncomingMessage } from 'node:http';
import busboy from 'busboy';
import { type Fields, isFields, type SentFile } from './fields.ts';
import { Refusal } from './refusal.ts';

export interface Body {
  fields: Fields;
  files: Map<string, SentFile>;
}

/** Reads JSON, urlencoded and multipart bodies. Files above `limit` bytes, and JSON above it, are refused with 413. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Body> {
  const type = request.headers['content-type'] ?? '';
  if (type.startsWith('multipart/form-data')) return readMultipart(request, limit);
  const raw = await readAll(request, limit);
  if (raw.length === 0) return { fields: {}, files: new Map() };
  if (type.includes('json')) return { fields: readJson(raw.toString()), files: new Map() };
  return { fields: decodeWords(new URLSearchParams(raw.toString())), files: new Map() };
}

/** Query strings and forms carry words only: numbers, flags and objects are told by their look. */
export function decodeWords(words: Iterable<[string, string]>): Fields {
  return Object.fromEntries([...words].map(([name, value]) => [name, decode(name, value)]));
}

async function readAll(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
  }
  if (size > limit) throw new Refusal(413, 'Request Entity Too Large');
  return Buffer.concat(chunks);
}

function readJson(raw: string): Fields {
  try {
    const value: unknown = JSON.parse(raw);
    if (isFields(value)) return value;
  } catch {
    // Falls through to the refusal below.
  }
  throw new Refusal(400, "Bad Request: can't parse request body as JSON object");
}

/** Arguments whose value is text even when it looks like a number or an object. */
const WORDS = new Set(
  `text caption description short_description name language_code parse_mode callback_query_id file_id secret_token url
   photo video document animation thumbnail cover action inline_message_id business_connection_id message_effect_id
   title payload currency provider_token start_parameter pre_checkout_query_id error_message telegram_payment_charge_id`.split(
    /\s+/,
  ),
);

function decode(name: string, value: string): unknown {
  if (WORDS.has(name) || !/^([[{].*|true|false|-?\d{1,15})$/s.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** busboy, because Node's own parser refuses the unquoted file names and lower-case headers grammY writes. */
function readMultipart(request: IncomingMessage, limit: number): Promise<Body> {
  const words: [string, string][] = [];
  const files = new Map<string, SentFile>();
  let tooLarge = false;
  const parser = busboy({ headers: request.headers, limits: { fileSize: limit, fieldSize: 10 * 1024 * 1024 } });
  parser.on('field', (name, value) => words.push([name, value]));
  parser.on('file', (part, stream, { filename, mimeType }) => {
    const chunks: Buffer[] = [];
    stream.on('limit', () => {
      tooLarge = true;
      chunks.length = 0;
    });
    stream.on('data', (chunk: Buffer) => {
      if (!tooLarge) chunks.push(chunk);
    });
    stream.on('end', () => files.set(part, { name: filename ?? '', mime: mimeType, data: Buffer.concat(chunks) }));
  });
  return new Promise((resolve, reject) => {
    parser.on('close', () =>
      tooLarge ? reject(new Refusal(413, 'Request Entity Too Large')) : resolve({ fields: decodeWords(words), files }),
    );
    parser.on('error', () => reject(new Refusal(400, "Bad Request: can't parse multipart body")));
    request.on('error', reject);
    request.pipe(parser);
  });
}
