import { InteractionResponseType, MessageFlags, type RawFile, REST, Routes } from 'discord.js';
import { z } from 'zod';
import type { DiscordPlace } from '../../core/chat.ts';
import { toFailure } from './failure.ts';
import type { MenuEntry } from './menu.ts';
import type { Message } from './reply.ts';

/** Where Discord's API is; without `api` the real one. As discord.js wants it: no version, no slash at the end. */
export interface DiscordAccess {
  token: string;
  api?: string | undefined;
}

const UPLOAD_MS = 120_000;
const PLAIN_MS = 15_000;
/** Two tries fit into the three seconds that Discord gives. */
const DEFER_MS = 1400;
/** A longer rate limit is left to whoever tries again later. */
const LONGEST_WAIT_MS = 30_000;

const Created = z.object({ id: z.string() });
const Original = z.object({ id: z.string(), flags: z.number().optional() });

export type DiscordCalls = ReturnType<typeof createDiscordCalls>;

/** The calls to Discord's REST API that the bot makes. Each fails with a DiscordFailure and is never repeated by itself. */
export function createDiscordCalls(access: DiscordAccess) {
  const { open, bot } = createRest(access);

  return {
    /** "Thinking": the first answer to an interaction. */
    defer(interaction: DiscordPlace['interaction'], ephemeral: boolean): Promise<void> {
      const data = ephemeral ? { flags: MessageFlags.Ephemeral } : {};
      const body = { type: InteractionResponseType.DeferredChannelMessageWithSource, data };
      const route = Routes.interactionCallback(interaction.id, interaction.token);
      return told(async () => void (await open.post(route, { body, auth: false, signal: AbortSignal.timeout(DEFER_MS) })));
    },

    /** Replaces all of the answer to an interaction; gives back the message's id. */
    edit({ application, interaction }: DiscordPlace, body: Message, files: RawFile[]): Promise<string> {
      const route = Routes.webhookMessage(application, interaction.token, '@original');
      return told(async () => Created.parse(await open.patch(route, { body, files, auth: false, ...patience(files) })).id);
    },

    /** The id of the answer to an interaction once something stands in it, undefined while it is still "thinking". */
    answered({ application, interaction }: DiscordPlace): Promise<string | undefined> {
      const route = Routes.webhookMessage(application, interaction.token, '@original');
      return told(async () => {
        const { id, flags } = Original.parse(await open.get(route, { auth: false, ...patience([]) }));
        return ((flags ?? 0) & MessageFlags.Loading) === 0 ? id : undefined;
      });
    },

    /** A new message by the bot itself. The same nonce within a few minutes gives the first message back. */
    post(channel: string, message: Message, files: RawFile[], nonce: string): Promise<string> {
      const body = { ...message, nonce, enforce_nonce: true };
      return told(
        async () => Created.parse(await bot.post(Routes.channelMessages(channel), { body, files, ...patience(files) })).id,
      );
    },

    /** Takes one of the messages that an interaction was answered with back, one that only the person sees too. */
    takeBack({ application, interaction }: DiscordPlace, message: string): Promise<void> {
      const route = Routes.webhookMessage(application, interaction.token, message);
      return told(async () => void (await open.delete(route, { auth: false, ...patience([]) })));
    },

    /** Deletes a message of the bot in a channel. */
    remove(channel: string, message: string): Promise<void> {
      return told(async () => void (await bot.delete(Routes.channelMessage(channel, message), patience([]))));
    },

    /** The channel of the direct chat with a person. */
    openDirect(user: string): Promise<string> {
      const request = { body: { recipient_id: user }, ...patience([]) };
      return told(async () => Created.parse(await bot.post(Routes.userChannels(), request)).id);
    },

    /** Replaces the application's whole global menu. */
    register(application: string, body: readonly MenuEntry[]): Promise<void> {
      return told(async () => void (await bot.put(Routes.applicationCommands(application), { body, ...patience([]) })));
    },
  };
}

/** REST without repeats: `bot` carries the token, `open` none. */
export function createRest({ token, api }: DiscordAccess): { open: REST; bot: REST } {
  const options = {
    ...(api !== undefined && { api }),
    timeout: UPLOAD_MS,
    retries: 0,
    handlerSweepInterval: 600_000,
    rejectOnRateLimit: ({ retryAfter }: { retryAfter: number }) => retryAfter > LONGEST_WAIT_MS,
  };
  // A 401 makes the library forget its token, so what proves itself by an interaction token goes through one without.
  return { open: new REST(options), bot: new REST(options).setToken(token) };
}

/** How long a call may take: plain ones less than uploads. */
export function patience(files: readonly RawFile[]): { signal?: AbortSignal } {
  return files.length === 0 ? { signal: AbortSignal.timeout(PLAIN_MS) } : {};
}

/** What the call gives, or a DiscordFailure. */
export async function told<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    throw toFailure(error);
  }
}
