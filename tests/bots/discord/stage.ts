import { expect } from 'vitest';
import { type DiscordBot, startDiscord } from '../../../bots/discord/index.ts';
import { type Command, defineCommand } from '../../../commands/command.ts';
import type { Attachment, DiscordPlace, Reply, Request, Video } from '../../../core/chat.ts';
import { createLog, type Log } from '../../../core/log.ts';
import type { Menus } from '../../../core/menus.ts';
import { createDiscordSimulator, type DiscordSimulator, type Exchange } from '../../../simulator/discord/index.ts';
import { watchDiscord } from '../../support/discord-schema.ts';

export const MINUTE = 60_000;

/** What the application sells. */
export const PACK = { id: '1100000000000000001', name: 'Small pack', kind: 'consumable', price: '$4.99' } as const;
export const PLAN = { id: '1100000000000000002', name: 'Plus', kind: 'subscription', price: '$9.99 a month' } as const;

const run = async () => ({ text: [] });
export const COMMANDS: readonly Command[] = [
  defineCommand({
    name: 'generate',
    about: 'Make a video',
    options: {
      prompt: { type: 'text', about: 'What to show', max: 2000, required: true, rest: true },
      picture: { type: 'image', about: 'First picture' },
    },
    run,
  }),
  defineCommand({ name: 'videos', about: 'Your videos', private: true, options: {}, run }),
];

/** A simulated Discord with a clock of its own, and everything main.ts would hand to the bot. */
export async function createStage() {
  let clock = Date.UTC(2026, 10, 24, 12);
  const traffic: Exchange[] = [];
  const watch = watchDiscord();
  const onTraffic = (exchange: Exchange) => {
    traffic.push(exchange);
    watch.onTraffic(exchange);
  };
  const simulator = await createDiscordSimulator({ now: () => clock, onTraffic, skus: [PACK, PLAN] });
  const logged: string[] = [];
  const log: Log = createLog('debug', (line) => logged.push(line));
  const bots: DiscordBot[] = [];
  const registered = new Map<string, string>();
  const menus: Menus = {
    registered: async (name) => registered.get(name),
    register: async (name, fingerprint) => void registered.set(name, fingerprint),
  };
  const inbox = { keep: async () => [], waiting: async () => [], done: async () => undefined };

  return {
    simulator,
    traffic,
    logged,
    log,
    menus,
    now: () => clock,
    /** Everything that was wrong so far by Discord's own schemas. */
    complaints: watch.complaints,
    pass(milliseconds: number) {
      clock += milliseconds;
    },
    async start(answer: (request: Request) => Promise<Reply>, more: Partial<StartOptions> = {}): Promise<DiscordBot> {
      const { token, api } = simulator;
      const announced = async () => undefined;
      const parts = { token, api, log, menus, inbox, commands: COMMANDS, announced, answer, now: () => clock, ...NO_PAYMENTS };
      const bot = await startDiscord({ ...parts, ...more });
      bots.push(bot);
      return bot;
    },
    /** Fails when any request or payload was not what Discord's schemas allow. */
    async close() {
      await Promise.all(bots.map((bot) => bot.close()));
      await simulator.close();
      expect(watch.complaints).toEqual([]);
    },
  };
}

/** Nobody listens to what is paid. */
const NO_PAYMENTS = {
  preCheckout: async () => ({ ok: true as const }),
  starsPaid: async () => undefined,
  starsRefunded: async () => undefined,
  premiumChanged: async () => undefined,
};

export type Stage = Awaited<ReturnType<typeof createStage>>;
type StartOptions = Parameters<typeof startDiscord>[0];

/** The place of a command that a person has just given, answered with "Queued". */
export async function askedPlace(stage: Stage, person: ReturnType<DiscordSimulator['person']>): Promise<DiscordPlace> {
  const places: DiscordPlace[] = [];
  const bot = await stage.start(async ({ place }) => {
    if (place.platform === 'discord') places.push(place);
    return { text: ['Queued'] };
  });
  person.command('generate', { prompt: 'a fox' });
  await person.until(({ text }) => text === 'Queued');
  await bot.close();
  const [place] = places;
  if (!place) throw new Error('the request came from no Discord place');
  return place;
}

export function buildVideo(bytes: Buffer, reads: string[] = []): Video {
  return {
    name: 'fox.mp4',
    seconds: 5,
    width: 64,
    height: 64,
    size: bytes.length,
    async read() {
      reads.push('read');
      return { video: bytes, poster: Buffer.alloc(0) };
    },
  };
}

export function buildFile(bytes: Buffer): Attachment {
  return { name: 'my-data.zip', type: 'application/zip', size: bytes.length, read: async () => bytes };
}

/** Requests of one method to paths that end so. */
export function requestsTo(simulator: DiscordSimulator, method: string, ending: RegExp) {
  return simulator.requests.filter((request) => request.method === method && ending.test(request.path));
}
