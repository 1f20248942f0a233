import { setTimeout as after } from 'node:timers/promises';
import type { Api } from 'grammy';
import type { Send } from '../../core/chat.ts';
import { describe } from '../../core/log.ts';
import type { BotParts } from '../parts.ts';
import { createApi } from './api.ts';
import { createCheckouts } from './checkout.ts';
import { createIntake } from './intake.ts';
import { complaintsAboutMenu, fingerprintOf, menuOf } from './menu.ts';
import { createPictures } from './picture.ts';
import { poll } from './polling.ts';
import { withoutSecrets } from './refusals.ts';
import { createReceive, type Receive, register, type Webhook } from './webhook.ts';

export { complaintsAboutMenu } from './menu.ts';
export { createTelegramRemove, type TelegramRemove } from './remove.ts';
export { createTelegramSend, type TelegramSend, type TelegramSendParts } from './send.ts';
export { createStarsRail } from './stars.ts';
export type { Receive, Webhook } from './webhook.ts';

/** How often it is looked for updates that another process took and did not finish. */
const REPLAY_EVERY_MS = 10_000;

export interface TelegramParts extends BotParts {
  token: string;
  apiRoot?: string | undefined;
  mode: 'polling' | { webhook: Webhook };
  send: Send;
  /** Milliseconds since the epoch. */
  now?(): number;
  /** Resolves after so many milliseconds; rejects when the signal aborts. */
  wait?(milliseconds: number, signal: AbortSignal): Promise<unknown>;
}

export interface Telegram {
  /** Takes no more, and resolves when what was taken is answered. */
  close(): Promise<void>;
  /** For web/ to mount; only in webhook mode. */
  receive?: Receive;
}

/** Starts listening. Rejects, without the token in the message, when Telegram refuses the token or cannot be reached. */
export async function startTelegram(parts: TelegramParts): Promise<Telegram> {
  const { token, apiRoot, mode, log, now = Date.now } = parts;
  const wait = parts.wait ?? ((milliseconds, signal) => after(milliseconds, undefined, { signal }));
  const closing = new AbortController();
  const waitHere = async (milliseconds: number) => {
    await wait(milliseconds, closing.signal);
  };
  const api = createApi(token, apiRoot);
  let looking: NodeJS.Timeout | undefined;
  try {
    const me = await api.getMe();
    await showMenu(api, me.id, parts);
    const intake = createIntake({
      ...parts,
      api,
      checkouts: createCheckouts({ ...parts, api, pause: wait }),
      self: { username: me.username, commands: new Set(parts.commands.map(({ name }) => name)) },
      pictureOf: createPictures(api, token, apiRoot),
      now,
      wait: waitHere,
    });
    await intake.replay();
    looking = setInterval(() => {
      intake.replay().catch((error: unknown) => log.warn('telegram.replay_failed', describe(error)));
    }, REPLAY_EVERY_MS);
    if (mode !== 'polling') {
      await register(api, mode.webhook);
      const take = async (updates: readonly unknown[]) => {
        closing.signal.throwIfAborted();
        await intake.take(updates);
      };
      return { close: () => closed(intake.idle), receive: createReceive(mode.webhook.secret, take, log) };
    }
    await api.deleteWebhook();
    const polling = poll({ api, token, log, take: intake.take, wait: waitHere, closing: closing.signal });
    return { close: () => closed(() => polling.then(intake.idle)) };
  } catch (error) {
    clearInterval(looking);
    throw withoutSecrets(error, token);
  }

  async function closed(idle: () => Promise<void>): Promise<void> {
    clearInterval(looking);
    closing.abort();
    await idle();
  }
}

/** Gives Telegram the command menu when it changed. The bot works without it, so a failure is only logged. */
async function showMenu(api: Api, bot: number, { commands, menus, log, token }: TelegramParts): Promise<void> {
  const menu = menuOf(commands);
  const name = `telegram:${bot}`;
  try {
    const complaints = complaintsAboutMenu(commands);
    if (complaints.length > 0) throw new Error(complaints.join('; '));
    if ((await menus.registered(name)) === fingerprintOf(menu)) return;
    await api.setMyCommands(menu, { scope: { type: 'default' } });
    await menus.register(name, fingerprintOf(menu));
  } catch (error) {
    log.error('telegram.menu_failed', describe(withoutSecrets(error, token)));
  }
}
