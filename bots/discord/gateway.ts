import { setTimeout as wait } from 'node:timers/promises';
import { Client, Events, GatewayDispatchEvents, Options } from 'discord.js';
import { describe, type Log } from '../../core/log.ts';
import type { BotParts } from '../parts.ts';
import { createDiscordCalls, type DiscordAccess, type DiscordCalls } from './calls.ts';
import { createInteractionListener } from './interaction.ts';
import { fingerprint, toMenu } from './menu.ts';
import { createPremiumListener, PREMIUM_EVENTS } from './premium-event.ts';
import { createLadder } from './send.ts';

const LONGEST_GOODBYE_MS = 5_000;

/** A bot that listens. `close` stops listening, waits for answers under way (5 s at most) and disconnects. */
export interface DiscordBot {
  applicationId: string;
  close(): Promise<void>;
}

export interface DiscordOptions {
  now?: () => number;
  /** Discord has closed the connection for good (a token taken back, for one): only a new start helps. */
  lost?: () => void;
}

/**
 * Connects to the gateway without intents (interactions and the shop's events belong to none), answers interactions by REST
 * and hands on what happens in the shop. May run any number of times side by side. Fails when Discord refuses the token or
 * the connection.
 */
export async function startDiscord(parts: DiscordAccess & BotParts & DiscordOptions): Promise<DiscordBot> {
  const { token, log, now = Date.now } = parts;
  const calls = createDiscordCalls(parts);
  const listen = createInteractionListener({ ...parts, calls, send: createLadder(calls, log, now), now });
  const underWay = new Set<Promise<void>>();
  const listenToPremium = createPremiumListener(parts);
  let closing = false;

  function track(work: Promise<void>): void {
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
  }

  async function settled(): Promise<void> {
    while (underWay.size > 0) await Promise.all(underWay);
  }

  const client = createClient(parts.api);
  client.on(Events.Error, (error) => log.error('discord error', { platform: 'discord', ...describe(error) }));
  client.on(Events.ShardError, (error) => log.warn('discord connection error', { platform: 'discord', ...describe(error) }));
  client.on(Events.ShardDisconnect, ({ code }) => {
    log.error('discord connection closed for good', { platform: 'discord', code: String(code) });
    if (!closing) parts.lost?.();
  });
  takeEvents(client, (event, raw) => {
    if (event === GatewayDispatchEvents.InteractionCreate && !closing) track(listen(raw));
    // Nobody tells it again to the next process, so a hint is taken even while closing.
    const [, kind] = PREMIUM_EVENTS.find(([name]) => name === event) ?? [];
    if (kind) track(listenToPremium(kind, raw));
  });

  const applicationId = await connect(client, token, log);
  await registerMenu(applicationId, parts, calls);

  return {
    applicationId,
    async close() {
      closing = true;
      const patience = () => wait(LONGEST_GOODBYE_MS, undefined, { ref: false });
      await Promise.race([settled(), patience()]);
      // In the middle of a reconnect discord.js waits for an answer that may never come.
      await Promise.race([client.destroy(), patience()]);
    },
  };
}

/** A client that keeps nothing: raw interactions carry all we need. */
function createClient(api: string | undefined): Client {
  const people = { UserManager: 0, GuildMemberManager: 0, EntitlementManager: 0, SubscriptionManager: 0 };
  const nothing = { ...people, MessageManager: 0, DMMessageManager: 0, GuildMessageManager: 0 };
  return new Client({
    intents: [],
    shards: 'auto',
    makeCache: Options.cacheWithLimits(nothing),
    ...(api !== undefined && { rest: { api } }),
  });
}

/** What discord.js itself needs to know of a connection. */
const OF_THE_CONNECTION: readonly string[] = [GatewayDispatchEvents.Ready, GatewayDispatchEvents.Resumed];

/**
 * Hands each raw event to `take` and keeps it from discord.js, which would make objects of it that nobody reads, and would end the
 * process by an error out of reach where a payload lacks a field (a pressed button without its message, for one).
 */
function takeEvents(client: Client, take: (event: string, raw: unknown) => void): void {
  client.on(Events.Raw, (packet: { t: string; d: unknown }) => {
    if (OF_THE_CONNECTION.includes(packet.t)) return;
    take(packet.t, packet.d);
    packet.t = 'TAKEN';
  });
}

/** Resolves with the application's id once every shard is ready; a connection that Discord closes for good fails. */
async function connect(client: Client, token: string, log: Log): Promise<string> {
  const ready = new Promise<string>((resolve, reject) => {
    client.once(Events.ClientReady, ({ application }) => resolve(application.id));
    client.on(Events.ShardDisconnect, ({ code }) => {
      log.error('discord closed the connection for good', { platform: 'discord', code: String(code) });
      reject(new Error(`Discord closed the gateway connection for good: ${code}`));
    });
  });
  try {
    const [applicationId] = await Promise.all([ready, client.login(token)]);
    return applicationId;
  } catch (error) {
    await client.destroy();
    throw error;
  }
}

/** Discord allows few registrations a day, so an unchanged menu is not sent again. With a stale menu the bot still works. */
async function registerMenu(applicationId: string, { commands, menus, log }: BotParts, calls: DiscordCalls): Promise<void> {
  const menu = toMenu(commands);
  const name = `discord:${applicationId}`;
  const wanted = fingerprint(menu);
  try {
    if ((await menus.registered(name)) === wanted) return;
    await calls.register(applicationId, menu);
    await menus.register(name, wanted);
    log.info('menu registered', { platform: 'discord', count: menu.length });
  } catch (error) {
    log.error('menu not registered', { platform: 'discord', ...describe(error) });
  }
}
