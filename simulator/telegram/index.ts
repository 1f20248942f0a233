import type { AddressInfo } from 'node:net';
import type { Update, User } from '@grammyjs/types';
import { createFlood } from './calls/flood.ts';
import { createMethods } from './calls/methods.ts';
import { createServer } from './calls/server.ts';
import { createCommandMenus } from './chats/commands.ts';
import { createProfile } from './chats/profile.ts';
import { createChats } from './chats/rooms.ts';
import { createFiles } from './files/store.ts';
import { createIds } from './ids.ts';
import { createPerson, type TelegramPerson } from './people/person.ts';
import { createBooks } from './stars/books.ts';
import { createStars, type Stars } from './stars/charges.ts';
import { createPolling, type Timer } from './updates/polling.ts';
import { createUpdateQueue } from './updates/queue.ts';
import { createWebhook } from './updates/webhook.ts';
import type { Delivery, Exchange, Knobs, TelegramCall, World } from './world.ts';

export type { Fields } from './calls/fields.ts';
export { badRequest, forbidden, Refusal, tooManyRequests, upgraded } from './calls/refusal.ts';
export type { Notice, TelegramPerson } from './people/person.ts';
export type { Charge } from './stars/books.ts';
export type { Stars } from './stars/charges.ts';
export type { Delivery, Exchange, Forced, Knobs, TelegramCall } from './world.ts';

export interface TelegramOptions {
  port?: number;
  token?: string;
  /** Milliseconds since the epoch. */
  now?: () => number;
  /** The same seed gives the same ids. */
  seed?: number;
  /** Id of the first message in each chat: a simulator that starts anew must not give ids of its past again. */
  firstMessage?: number;
  onTraffic?: (exchange: Exchange) => void;
  /** Runs something later and returns a way to cancel it: pauses of the webhook, long polls, chat actions, checkouts. */
  timer?: Timer;
}

export interface PersonOptions {
  id?: number;
  firstName?: string;
  languageCode?: string;
  /** Has written to the bot at an earlier time, so the bot may write first. */
  acquainted?: boolean;
  group?: { id: number; title: string };
}

export interface TelegramSimulator extends Knobs {
  /** What grammY takes as client.apiRoot. */
  readonly url: string;
  readonly token: string;
  readonly username: string;
  /** The newest calls of the bot, oldest first. */
  readonly calls: readonly TelegramCall[];
  /** The newest deliveries to the webhook, oldest first. */
  readonly deliveries: readonly Delivery[];
  readonly stars: Stars;
  /** Updates the bot has not confirmed yet. */
  pending(): Update[];
  person(options?: PersonOptions): TelegramPerson;
  /** Tells of every call, update and delivery from now on; gives back a way to stop. */
  watch(listener: (exchange: Exchange) => void): () => void;
  close(): Promise<void>;
}

const MIB = 1024 * 1024;
const KEPT = 5000;
const TOKEN = '4200000000:SIMULATOR';

const realTimer: Timer = (milliseconds, run) => {
  const timeout = setTimeout(run, milliseconds);
  timeout.unref();
  return () => clearTimeout(timeout);
};

/** A local Bot API server: real client libraries connect to `url` unchanged, people act through `person`. */
export async function createTelegramSimulator(options: TelegramOptions = {}): Promise<TelegramSimulator> {
  const { port = 0, token = TOKEN, now = Date.now, seed = 1, firstMessage = 1, onTraffic, timer = realTimer } = options;
  const ids = createIds(seed, firstMessage);
  const calls: TelegramCall[] = [];
  const deliveries: Delivery[] = [];
  const watchers = new Set<(exchange: Exchange) => void>(onTraffic ? [onTraffic] : []);
  const tell = (exchange: Exchange) => {
    for (const watcher of watchers) watcher(exchange);
  };
  const knobs: Knobs = {
    forced: [],
    blocked: new Set(),
    deactivated: new Set(),
    uploadLimit: 50 * MIB,
    downloadLimit: 20 * MIB,
    deliverTwice: false,
    largeGroups: new Set(),
    strict: false,
  };
  const flood = createFlood(now);
  const queue = createUpdateQueue({
    now,
    nextId: ids.update,
    times: () => (typeof knobs.deliverTwice === 'number' ? Math.max(knobs.deliverTwice, 1) : knobs.deliverTwice ? 2 : 1),
    seen: (update) => tell({ kind: 'update', update }),
  });
  const world: World = {
    token,
    me: botAccount(token),
    knobs,
    ids,
    chats: createChats(ids),
    files: createFiles(ids),
    queue,
    presses: new Map(),
    books: createBooks(),
    timer,
    now,
    count: (chat) => {
      if (knobs.strict) flood(chat);
    },
  };
  const webhook = createWebhook(queue, {
    now,
    timer,
    random: () => Number.parseInt(ids.digits().slice(-3), 10) / 1000,
    delivered({ update }, status) {
      const delivery = { update, status, at: now() };
      keepNewest(deliveries, delivery);
      tell({ kind: 'delivery', delivery });
    },
  });
  const polling = createPolling(queue, { now, timer, hasWebhook: webhook.isSet });
  const menus = createCommandMenus();
  const methods = createMethods(world, { polling, webhook, menus, profile: createProfile() });
  const server = createServer(world, methods, (call) => {
    keepNewest(calls, call);
    tell({ kind: 'call', call });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${portOf(server.address())}`;

  return Object.assign(knobs, {
    url,
    token,
    username: world.me.username,
    calls,
    deliveries,
    stars: createStars(world),
    pending: () => queue.waiting.map(({ update }) => update),
    person({ id = ids.person(), firstName = 'Ann', languageCode, acquainted = false, group }: PersonOptions = {}) {
      const user: User = { id, is_bot: false, first_name: firstName, ...(languageCode && { language_code: languageCode }) };
      const room = group ? world.chats.group(group) : world.chats.private(user);
      room.known ||= acquainted;
      return createPerson(world, menus, url, user, room);
    },
    watch(listener: (exchange: Exchange) => void) {
      watchers.add(listener);
      return () => void watchers.delete(listener);
    },
    close() {
      webhook.close();
      server.closeAllConnections();
      return new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  });
}

function keepNewest<Item>(items: Item[], item: Item): void {
  items.push(item);
  if (items.length > KEPT) items.shift();
}

const portOf = (address: AddressInfo | string | null): number => (typeof address === 'object' && address ? address.port : 0);

const botAccount = (token: string): World['me'] => ({
  id: Number(token.split(':')[0]),
  is_bot: true,
  first_name: 'LPM AI',
  username: 'lpm_ai_bot',
  can_join_groups: true,
  can_read_all_group_messages: false,
  supports_guest_queries: false,
  supports_inline_queries: false,
  can_connect_to_business: false,
  has_main_web_app: false,
  has_topics_enabled: false,
  allows_users_to_create_topics: false,
  can_manage_bots: false,
  supports_join_request_queries: false,
});
