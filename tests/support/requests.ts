import { randomInt } from 'node:crypto';
import { dispatch } from '../../commands/dispatch.ts';
import { commands } from '../../commands/index.ts';
import type { App } from '../../core/app.ts';
import type { CommandButton, DiscordPlace, LinkButton, Reply, Request, Span } from '../../core/chat.ts';

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

/** The buttons that carry a command line, in order. */
export const pressable = ({ buttons = [] }: Reply): CommandButton[] =>
  buttons.flat().flatMap((button) => ('command' in button ? [button] : []));

/** The buttons that open an address, in order. */
export const links = ({ buttons = [] }: Reply): LinkButton[] =>
  buttons.flat().flatMap((button) => ('url' in button ? [button] : []));

/** A Discord channel in which somebody has just used a command. */
export const discordPlace = (user = '88', at = Date.now()): DiscordPlace => ({
  platform: 'discord',
  chat: '500',
  user,
  application: '700',
  interaction: { id: '600', token: 'token', at },
  canPost: true,
  fileLimit: 10_000_000,
});
