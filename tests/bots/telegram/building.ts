import sharp from 'sharp';
import { expect, onTestFinished } from 'vitest';
import { createTelegramSend, startTelegram, type Telegram, type TelegramParts } from '../../../bots/telegram/index.ts';
import type { Command } from '../../../commands/command.ts';
import type { Reply, Request, SendOptions, TelegramPlace, Video } from '../../../core/chat.ts';
import type { Inbox } from '../../../core/inbox.ts';
import { createLog } from '../../../core/log.ts';
import type { Menus } from '../../../core/menus.ts';
import { createTelegramSimulator, type TelegramOptions } from '../../../simulator/telegram/index.ts';
import { watchTelegram } from '../../support/telegram-schema.ts';

export const RESULT: SendOptions = { key: 'tg-1', kind: 'result' };
export const NEWS: SendOptions = { key: 'tg-1', kind: 'news' };

/** A Telegram of the test's own, gone when the test is over; every request and answer has to fit the published types. */
export async function buildTelegram(options: TelegramOptions = {}) {
  const telegram = await createTelegramSimulator(options);
  const complaints = watchTelegram(telegram);
  onTestFinished(async () => {
    await telegram.close();
    expect(complaints).toEqual([]);
  });
  return telegram;
}

type Simulated = Awaited<ReturnType<typeof buildTelegram>>;

export function buildLog() {
  const lines: string[] = [];
  return { lines, ...createLog('info', (line) => lines.push(line)) };
}

/** Says nothing of the id, and is read back easily in a test. */
export const hide = (text: string): string => `hidden-${Buffer.from(text).toString('base64url')}`;

export function buildSend({ url, token, username }: Simulated, more: Partial<Parameters<typeof createTelegramSend>[0]> = {}) {
  const send = createTelegramSend({ token, apiRoot: url, botUsername: username, log: buildLog(), hide, ...more });
  onTestFinished(() => send.close());
  return send;
}

export function privately(person: { chat: number; user: { id: number } }, more: Partial<TelegramPlace> = {}): TelegramPlace {
  return { platform: 'telegram', chat: String(person.chat), user: String(person.user.id), group: false, ...more };
}

export async function buildPoster(): Promise<Buffer> {
  return sharp({ create: { width: 32, height: 18, channels: 3, background: 'teal' } })
    .jpeg()
    .toBuffer();
}

export async function buildPicture(): Promise<Buffer> {
  return sharp({ create: { width: 640, height: 360, channels: 3, background: 'navy' } })
    .png()
    .toBuffer();
}

/** `reads` counts how often the bytes were asked for. */
export async function buildVideo(more: Partial<Video> = {}) {
  const poster = await buildPoster();
  const counted = { reads: 0 };
  const video: Video = {
    name: 'a cat.mp4',
    seconds: 4.2,
    width: 1280,
    height: 720,
    size: 9,
    async read() {
      counted.reads += 1;
      return { video: Buffer.from('not a film'), poster };
    },
    ...more,
  };
  return { video, counted };
}

/** Keeps in memory what the database would; `down` makes it refuse. */
export function buildInbox() {
  const entries = new Map<string, { id: string; chat: string; body: unknown }>();
  const known = new Set<string>();
  const finished: string[] = [];
  const state = { down: false, finished, entries };
  const inbox: Inbox = {
    async keep(updates) {
      if (state.down) throw new Error('the store is away');
      const fresh = updates.filter(({ id }) => !known.has(id));
      for (const update of fresh) {
        known.add(update.id);
        entries.set(update.id, update);
      }
      return fresh.map(({ id }) => id);
    },
    async waiting() {
      return [...entries.values()];
    },
    async done(id) {
      entries.delete(id);
      finished.push(id);
    },
  };
  return Object.assign(state, inbox);
}

export function buildMenus() {
  const registered = new Map<string, string>();
  const menus: Menus = {
    registered: async (name) => registered.get(name),
    async register(name, fingerprint) {
      registered.set(name, fingerprint);
    },
  };
  return menus;
}

export function buildCommand(name: string, about = `What ${name} does`): Command {
  return { name, about, options: {}, run: async () => ({ text: [name] }) };
}

/** What the core was told of Stars. */
interface Money {
  questions: Parameters<TelegramParts['preCheckout']>[0][];
  paid: Parameters<TelegramParts['starsPaid']>[0][];
  refunded: Parameters<TelegramParts['starsRefunded']>[0][];
}

/** A bot that answers with the command and the words it was asked for, unless `answer` says otherwise. */
export async function startBot(telegram: Simulated, more: Partial<TelegramParts> = {}) {
  const asked: Request[] = [];
  const money: Money = { questions: [], paid: [], refunded: [] };
  const announced: [string, string][] = [];
  const log = buildLog();
  const inbox = buildInbox();
  const answer = more.answer ?? (async (request: Request): Promise<Reply> => ({ text: [echo(request)] }));
  const bot: Telegram = await startTelegram({
    token: telegram.token,
    apiRoot: telegram.url,
    mode: 'polling',
    send: more.send ?? buildSend(telegram),
    log,
    inbox,
    menus: buildMenus(),
    commands: ['generate', 'animate', 'help'].map((name) => buildCommand(name)),
    announced: async (generation, message) => {
      announced.push([generation, message]);
    },
    preCheckout: async (query) => {
      money.questions.push(query);
      return { ok: true };
    },
    starsPaid: async (paid) => {
      money.paid.push(paid);
    },
    starsRefunded: async (refund) => {
      money.refunded.push(refund);
    },
    premiumChanged: async () => {},
    ...more,
    answer(request) {
      asked.push(request);
      return answer(request);
    },
  });
  onTestFinished(() => bot.close());
  return { bot, asked, announced, money, log, inbox };
}

export function echo({ command, words }: Request): string {
  return words ? `${command}: ${words}` : command;
}

/** Something that a test opens when it is time. */
export function buildGate() {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
