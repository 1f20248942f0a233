import type { Api } from 'grammy';
import type { Upload } from '../../core/chat.ts';
import { UserError } from '../../core/errors.ts';
import { TELEGRAM } from './api.ts';
import type { Picture } from './read.ts';
import { isFileTooBig, TelegramFailure, withoutSecrets } from './refusals.ts';

const TIMEOUT_MS = 30_000;

/** Fetches pictures that people sent; nothing is fetched before it is read. */
export function createPictures(api: Api, token: string, apiRoot: string = TELEGRAM): (picture: Picture) => Upload {
  const prefix = `${apiRoot.replace(/\/+$/, '')}/file/bot${token}/`;

  async function fetched(file: string, limit: number): Promise<Buffer> {
    const { file_path } = await api.getFile(file);
    const url = new URL(`${prefix}${file_path ?? ''}`);
    if (!file_path || !url.href.startsWith(new URL(prefix).href))
      throw new TelegramFailure('file_path', 'Telegram named no usable file');
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok || !response.body) throw new TelegramFailure(`telegram_${response.status}`, `file: ${response.status}`);
    return capped(response.body, limit);
  }

  return ({ file, size }) => ({
    size,
    async read(limit) {
      if (size !== undefined && size > limit) throw tooLarge(limit);
      try {
        return await fetched(file, limit);
      } catch (error) {
        if (error instanceof UserError) throw error;
        throw isFileTooBig(error) ? tooLarge(limit) : unnamed(error, token);
      }
    },
  });
}

async function capped(body: ReadableStream<Uint8Array>, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** An error of fetch may quote the URL in its message or its cause, and the URL holds the token. */
function unnamed(error: unknown, token: string): Error {
  if (error instanceof TypeError) return new TelegramFailure('network', 'the picture could not be fetched');
  return withoutSecrets(error, token);
}

/** Telegram itself hands bots no more than 20 MB: core.telegram.org/bots/api#getfile. */
function tooLarge(limit: number): UserError {
  const megabytes = Math.floor(Math.min(limit, 20_000_000) / 1_000_000);
  return new UserError('image_too_large', `That picture is too large: send one of at most ${megabytes} MB. Nothing was charged.`);
}
