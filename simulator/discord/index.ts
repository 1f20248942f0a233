import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIApplicationCommand } from 'discord-api-types/v10';
import { createGateway } from './gateway/gateway.ts';
import { createKnobs, type Knobs, type LoggedRequest } from './knobs.ts';
import { createFiles } from './messages/files.ts';
import { createPerson, type DiscordPerson, type PersonOptions } from './people/person.ts';
import { cancel, end, gift, refund, renew, resume } from './premium/shop.ts';
import { createSkus, type SkuOptions } from './premium/skus.ts';
import { createRateLimits } from './rest/rate-limits.ts';
import { createRest } from './rest/rest.ts';
import { createSecrets, createSnowflakes } from './snowflakes.ts';
import { newUser, type World } from './world.ts';

export type { AskedRequest, FileSummary, Forced, LoggedRequest } from './knobs.ts';
export type { DiscordPerson, PersonOptions } from './people/person.ts';
export type { Bought } from './premium/shop.ts';
export type { SkuOptions } from './premium/skus.ts';

/** A REST request with its answer, or a payload of the gateway. */
export type Exchange =
  | ({ kind: 'rest' } & LoggedRequest)
  | { kind: 'gateway'; from: 'bot' | 'discord'; op: number; t: string | null; d: unknown; at: number };

export interface DiscordSimulatorOptions {
  port?: number;
  token?: string;
  /** Milliseconds since the epoch. */
  now?: () => number;
  seed?: number;
  /** What the application sells. */
  skus?: readonly SkuOptions[];
  onTraffic?: (exchange: Exchange) => void;
}

export interface DiscordSimulator extends Knobs {
  /** What discord.js wants as `rest.api`. */
  readonly api: string;
  readonly token: string;
  readonly applicationId: string;
  /** The latest requests, oldest first. */
  readonly requests: LoggedRequest[];
  /** Requests of the last ten minutes that got 401, 403 or 429. */
  invalidRequests(): number;
  /** What is registered. */
  commands(): APIApplicationCommand[];
  person(options?: PersonOptions): DiscordPerson;
  readonly premium: Premium;
  /** Gateway sessions with a connection. */
  connections(): number;
  /** Op 7. */
  askToReconnect(): void;
  /** Op 9. */
  invalidateSessions(resumable: boolean): void;
  /** Closes every gateway connection with the code, or breaks it without one. */
  dropConnections(code?: number): void;
  /** Nothing can be resumed any more. */
  forgetSessions(): void;
  /** Sends any event: to the shard of the guild, else to shard 0. */
  dispatch(event: string, data: unknown, guild?: string): void;
  close(): Promise<void>;
}

/** What happens to purchases without the person's doing; each takes the id of a subscription or an entitlement. */
export interface Premium {
  /** The next month was paid: SUBSCRIPTION_UPDATE with the new period, and nothing about the entitlement. */
  renew(subscription: string): void;
  /** It will end with its period. */
  cancel(subscription: string): void;
  /** A cancelled one goes on after all. */
  resume(subscription: string): void;
  /** ENTITLEMENT_UPDATE with ends_at, and the subscription is inactive. */
  end(subscription: string): void;
  /** ENTITLEMENT_DELETE, and a subscription behind it is inactive. */
  refund(entitlement: string): void;
  /** The developer gives a SKU to a user; the entitlement's id. */
  gift(user: string, sku: string): string;
}

const KEPT_REQUESTS = 1000;

/** A local Discord: REST v10 and gateway on one port of the loopback interface. */
export async function createDiscordSimulator(options: DiscordSimulatorOptions = {}): Promise<DiscordSimulator> {
  const { now = Date.now, seed = 1, onTraffic = () => {} } = options;
  const knobs = createKnobs();
  const id = createSnowflakes(now, seed);
  const secret = createSecrets(seed);
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port, not on a pipe
  const address = (scheme: 'http' | 'ws') => `${scheme}://127.0.0.1:${port}`;
  const bot = newUser({ id }, 'simulated bot', true);
  const requests: LoggedRequest[] = [];

  const world: World = {
    knobs,
    token: options.token ?? `${Buffer.from(bot.id).toString('base64url')}.simulated.${secret('bot token').slice(0, 38)}`,
    applicationId: bot.id,
    bot,
    files: createFiles(() => address('http'), now, secret),
    users: new Map([[bot.id, bot]]),
    locales: new Map(),
    guilds: new Map(),
    channels: new Map(),
    directs: new Map(),
    messages: new Map(),
    interactions: new Map(),
    tokens: new Map(),
    premium: { skus: createSkus(options.skus ?? [], id), entitlements: new Map(), subscriptions: new Map() },
    commands: [],
    creations: [],
    now,
    id,
    secret,
    address,
    dispatch: (event, data, guild) => gateway.dispatch(event, data, guild),
  };

  const gateway = createGateway(world, (from, { op, t, d }) => onTraffic({ kind: 'gateway', from, op, t, d, at: now() }));
  const limits = createRateLimits(knobs, now);
  const rest = createRest(world, limits, (request) => {
    requests.push(request);
    if (requests.length > KEPT_REQUESTS) requests.shift();
    onTraffic({ kind: 'rest', ...request });
  });

  server.on('request', (request, response) => {
    const asked = new URL(request.url ?? '/', address('http'));
    if (asked.pathname.startsWith('/cdn/')) return world.files.serve(asked, request.headers.range, response);
    rest(request, response).catch((error: unknown) => {
      const words = error instanceof Error ? error.stack : String(error);
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ message: `mistake of the simulator: ${words}`, code: 0 }));
    });
  });
  server.on('upgrade', (request, _socket, head) => gateway.accept(request, request.socket, head));

  return Object.assign(knobs, {
    api: `${address('http')}/api`,
    token: world.token,
    applicationId: world.applicationId,
    requests,
    invalidRequests: limits.invalid,
    commands: () => world.commands,
    person: (about: PersonOptions = {}) => createPerson(world, about),
    premium: {
      renew: (subscription: string) => renew(world, subscription),
      cancel: (subscription: string) => cancel(world, subscription),
      resume: (subscription: string) => resume(world, subscription),
      end: (subscription: string) => end(world, subscription),
      refund: (entitlement: string) => refund(world, entitlement),
      gift: (user: string, sku: string) => gift(world, user, sku),
    },
    connections: gateway.connections,
    askToReconnect: gateway.askToReconnect,
    invalidateSessions: gateway.invalidateSessions,
    dropConnections: gateway.dropConnections,
    forgetSessions: gateway.forgetSessions,
    dispatch: world.dispatch,
    async close() {
      gateway.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
