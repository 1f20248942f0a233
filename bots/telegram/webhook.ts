import { createHash, timingSafeEqual } from 'node:crypto';
import type { Api } from 'grammy';
import { z } from 'zod';
import { describe, type Log } from '../../core/log.ts';
import { ALLOWED_UPDATES } from './update.ts';

/** Deliveries that Telegram may make at once. */
const CONNECTIONS = 40;

export interface Webhook {
  url: string;
  /** 1-256 of A-Za-z0-9_-. */
  secret: string;
}

/** Takes what Telegram posted: its header X-Telegram-Bot-Api-Secret-Token and the body. Resolves with the HTTP status to answer. */
export type Receive = (secret: string | undefined, body: Buffer) => Promise<number>;

const identified = z.looseObject({ update_id: z.number().int().nonnegative() });

/** 200 promises that the update is stored; after 503 Telegram delivers it again. */
export function createReceive(secret: string, take: (updates: readonly unknown[]) => Promise<void>, log: Log): Receive {
  const expected = digest(secret);
  return async (given, body) => {
    if (given === undefined || !timingSafeEqual(digest(given), expected)) return 404;
    const update = identified.safeParse(parsed(body));
    if (!update.success) return 400;
    try {
      await take([update.data]);
      return 200;
    } catch (error) {
      log.warn('telegram.not_stored', describe(error));
      return 503;
    }
  };
}

/** Has Telegram deliver to our address, with our secret. */
export async function register(api: Api, { url, secret }: Webhook): Promise<void> {
  await api.setWebhook(url, { secret_token: secret, allowed_updates: ALLOWED_UPDATES, max_connections: CONNECTIONS });
}

/** Digests have one length, so comparing them tells nothing about the secret's. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
