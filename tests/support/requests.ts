import { randomInt } from 'node:crypto';
import { dispatch } from '../../commands/dispatch.ts';
import { commands } from '../../commands/index.ts';
import type { App } from '../../core/app.ts';
import type { Reply, Request, Span } from '../../core/chat.ts';

let count = 0;

/** A person's private Telegram chat with the bot. */
export function buildRequest(changes: Partial<Request> = {}, user = '77'): Request {
  count += 1;
  return {
    id: `tg-${randomInt(2 ** 40)}${count}`,
    place: { platform: 'telegram', chat: user, user, group: false },
    person: { name: 'Ann', language: 'en' },
    command: 'generate',
    at: Date.now(),
    ...changes,
  };
}

/** Asks as a person would and gives back what they read. */
export async function ask(app: App, changes: Partial<Request> = {}, user?: string): Promise<Reply & { words: string }> {
  const reply = await dispatch(app, commands, buildRequest(changes, user));
  return { ...reply, words: wordsOf(reply.text) };
}

export const wordsOf = (text: readonly Span[]): string =>
  text.map((span) => (typeof span === 'string' ? span : (Object.values(span)[0]?.toString() ?? ''))).join('');

/** The credit account of the only person of this app. */
export async function creditsOf(app: App): Promise<{ available: number; held: number }> {
  const account = await app.models.creditAccounts.findOne({}).lean();
  return { available: account?.available ?? 0, held: account?.held ?? 0 };
}
