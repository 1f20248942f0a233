import { setTimeout as wait } from 'node:timers/promises';
import { type APIInteraction, Client, DiscordAPIError, Events, REST, type RESTOptions, Routes } from 'discord.js';
import { expect } from 'vitest';
import { createDiscordSimulator, type Exchange, type SkuOptions } from '../../../simulator/discord/index.ts';
import { checkAnswer, watchDiscord } from '../../support/discord-schema.ts';

/** A clock that stands still until it is moved. */
export function createClock(start = Date.UTC(2026, 10, 24)) {
  let at = start;
  return {
    now: () => at,
    forward(milliseconds: number) {
      at += milliseconds;
    },
  };
}

export const GENERATE = {
  name: 'generate',
  description: 'Make a video',
  contexts: [0, 1, 2],
  integration_types: [0, 1],
  options: [
    { type: 3, name: 'prompt', description: 'What to show', required: true, max_length: 500 },
    { type: 3, name: 'style', description: 'Style', choices: [{ name: 'Cinematic', value: 'cinematic' }] },
    { type: 4, name: 'seconds', description: 'Length', min_value: 1, max_value: 10 },
    { type: 11, name: 'image', description: 'First frame' },
  ],
};
export const HELP = { name: 'help', description: 'Help', contexts: [0, 1, 2], integration_types: [0, 1] };

/** Refusals of requests that are meant to be wrong: their form, their size, no JSON. */
const WRONG = [50035, 40005, 50109];

const HANDSHAKES: Record<number, string> = { 2: 'IDENTIFY', 6: 'RESUME' };

/** A simulator whose traffic is judged, a REST object for it, and the raw interactions that it dispatches. */
export async function openStage(options: { now?: () => number; rest?: Partial<RESTOptions>; skus?: SkuOptions[] } = {}) {
  const watch = watchDiscord();
  const interactions: APIInteraction[] = [];
  const premium: { event: string; data: Record<string, unknown> }[] = [];
  const readies: unknown[] = [];
  const handshakes: string[] = [];
  let exchanges = 0;
  const onTraffic = (exchange: Exchange) => {
    exchanges += 1;
    if (exchange.kind === 'gateway' && exchange.t === 'INTERACTION_CREATE') interactions.push(exchange.d as APIInteraction);
    if (exchange.kind === 'gateway' && /^(?:ENTITLEMENT|SUBSCRIPTION)_/.test(exchange.t ?? ''))
      premium.push({ event: exchange.t ?? '', data: Object(exchange.d) });
    if (exchange.kind === 'gateway' && exchange.t === 'READY') readies.push(exchange.d);
    if (exchange.kind === 'gateway' && exchange.from === 'bot' && HANDSHAKES[exchange.op])
      handshakes.push(HANDSHAKES[exchange.op] ?? '');
    // a request that was refused for its form is meant to be wrong; the refusal itself is judged
    if (exchange.kind === 'rest' && WRONG.includes(Object(exchange.answer).code)) {
      watch.complaints.push(...checkAnswer(exchange.method, exchange.path, exchange.status, exchange.answer));
    } else watch.onTraffic(exchange);
  };
  const simulator = await createDiscordSimulator({
    onTraffic,
    ...(options.now && { now: options.now }),
    skus: options.skus ?? [],
  });
  const rest = new REST({ api: simulator.api, retries: 0, ...options.rest }).setToken(simulator.token);
  const clients: Client[] = [];
  return {
    watch,
    simulator,
    rest,
    interactions,
    /** Events of the shop, in the order in which they went out. */
    premium,
    readies,
    /** What clients sent to begin or resume their sessions, in order. */
    handshakes,
    register: (...commands: object[]) => rest.put(Routes.applicationCommands(simulator.applicationId), { body: commands }),
    async login(client = new Client({ intents: [], rest: { api: simulator.api, retries: 0 } })) {
      clients.push(client);
      await client.login(simulator.token);
      if (!client.isReady()) await new Promise((resolve) => client.once(Events.ClientReady, resolve));
      return client;
    },
    async close() {
      // A client in the middle of a reconnect is done only once the simulator is gone.
      const gone = Promise.all(clients.map((client) => client.destroy()));
      await Promise.race([gone, wait(5_000, undefined, { ref: false })]);
      await simulator.close();
      expect(exchanges).toBeGreaterThan(0);
      expect(watch.complaints).toEqual([]);
    },
  };
}

export type Stage = Awaited<ReturnType<typeof openStage>>;

/** The routes of an interaction, called as a worker calls them: without a token. */
export function through({ rest, simulator }: Stage, { id, token }: { id: string; token: string }) {
  const original = Routes.webhookMessage(simulator.applicationId, token, '@original');
  const files = (given: { name: string; data: Buffer }[] = []) => ({ auth: false, files: given });
  return {
    callback: (body: unknown, query = '') =>
      rest.post(Routes.interactionCallback(id, token), { body, auth: false, query: new URLSearchParams(query) }),
    edit: (body: unknown, given?: { name: string; data: Buffer }[]) => rest.patch(original, { body, ...files(given) }),
    read: () => rest.get(original, { auth: false }),
    remove: () => rest.delete(original, { auth: false }),
    follow: (body: unknown) => rest.post(Routes.webhook(simulator.applicationId, token), { body, auth: false }),
  };
}

/** Waits for the value without sleeping: every turn of the event loop looks again. */
export async function eventually<T>(look: () => T | undefined, withinMs = 5000): Promise<T> {
  const end = performance.now() + withinMs;
  for (;;) {
    const value = look();
    if (value !== undefined) return value;
    if (performance.now() > end) throw new Error(`not within ${withinMs} ms: ${look}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The error that Discord answered with; fails when there was none. */
export async function refusalOf(request: Promise<unknown>): Promise<DiscordAPIError> {
  const error = await request.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof DiscordAPIError)) throw new Error(`expected a refusal, got ${error}`);
  return error;
}

export async function codeOf(request: Promise<unknown>): Promise<number> {
  return Number((await refusalOf(request)).code);
}

/** The raw interaction that the person's command makes, when a connection is there to receive it. */
export async function commandOf(stage: Stage, act: () => void): Promise<APIInteraction> {
  const before = stage.interactions.length;
  act();
  return eventually(() => stage.interactions[before]);
}
