import type { Upload } from '../../core/chat.ts';
import { UserError } from '../../core/errors.ts';

const DISCORD_FILES = ['https://cdn.discordapp.com', 'https://media.discordapp.net'];
const FETCH_MS = 30_000;

/** Where attached files may be fetched from: Discord's two file servers, and the server behind `api` where one is given. */
export function fileOrigins(api?: string): string[] {
  return api === undefined ? DISCORD_FILES : [...DISCORD_FILES, new URL(api).origin];
}

/**
 * A picture attached to a command, fetched by `read` from one of `origins` and nowhere else (no redirects).
 * Fails with UserError `image_too_large` as soon as it is known to be larger than the limit, and `image_unavailable`.
 */
export function toUpload(file: { url: string; size: number }, origins: readonly string[]): Upload {
  return {
    size: file.size,
    async read(limit) {
      if (file.size > limit) throw tooLarge(limit);
      if (!mayFetch(file.url, origins)) throw unavailable();
      const response = await fetch(file.url, { redirect: 'error', signal: AbortSignal.timeout(FETCH_MS) }).catch(() => undefined);
      if (!response?.ok || !response.body) throw unavailable();
      return readWithin(response.body, limit);
    },
  };
}

function mayFetch(address: string, origins: readonly string[]): boolean {
  if (!URL.canParse(address)) return false;
  const { origin, username, password } = new URL(address);
  return origins.includes(origin) && username === '' && password === '';
}

async function readWithin(body: ReadableStream<Uint8Array>, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = body.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      size += next.value.byteLength;
      if (size > limit) throw tooLarge(limit);
      chunks.push(next.value);
    }
  } catch (error) {
    throw error instanceof UserError ? error : unavailable();
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  return Buffer.concat(chunks);
}

function tooLarge(limit: number): UserError {
  const megabytes = Math.max(0.1, Math.floor((limit / 1024 / 1024) * 10) / 10);
  const advice = 'Please attach a smaller one; nothing was charged.';
  return new UserError('image_too_large', `That picture is larger than ${megabytes} MB. ${advice}`);
}

function unavailable(): UserError {
  return new UserError(
    'image_unavailable',
    'Discord did not hand over that picture. Please attach it again; nothing was charged.',
  );
}
