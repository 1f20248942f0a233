import type { Exchange as DiscordExchange } from '../simulator/discord/index.ts';
import type { Exchange as TelegramExchange } from '../simulator/telegram/index.ts';

export const PLATFORMS = ['discord', 'telegram'] as const;
export type PlatformName = (typeof PLATFORMS)[number];
export type Mark = 'acknowledged' | 'answered';

/** One request as the platform saw it. The marks are milliseconds after the round began, when everybody asked. */
export interface Sighting extends Partial<Record<Mark, number>> {
  platform: PlatformName;
  /** The id under which the product stores the request. */
  request: string;
}

/** The first words of an accepted request's answer (core/texts/generations.ts). */
const ACCEPTED = /Queued, |Starting now/;
const DEFERRED = 5;

export type Sightings = ReturnType<typeof createSightings>;

/** Watches the traffic of both simulators and notes, at their side, when each request was acknowledged and answered. */
export function createSightings() {
  let began = 0;
  let round: Sighting[] = [];
  /** By Discord's interaction token or Telegram's chat. */
  const open = new Map<string, Sighting>();
  let look = () => {};
  let refusals = 0;

  function asked(key: string, platform: PlatformName, request: string): void {
    const sighting = { platform, request };
    round.push(sighting);
    open.set(key, sighting);
  }

  /** The answer itself shows that the bot was at work, where nothing did before. */
  function mark(key: string | undefined, what: Mark): void {
    const sighting = open.get(key ?? '');
    if (!sighting || sighting[what] !== undefined) return;
    const at = performance.now() - began;
    sighting[what] = at;
    sighting.acknowledged ??= at;
    look();
  }

  return {
    discord(exchange: DiscordExchange): void {
      if (exchange.kind === 'gateway') {
        const { t, d } = exchange;
        if (t === 'INTERACTION_CREATE' && isInteraction(d)) asked(d.token, 'discord', `dc-${d.id}`);
        return;
      }
      const { path, json, status } = exchange;
      if (status === 429) refusals += 1;
      if (status >= 300) return;
      const deferred = /^\/interactions\/\d+\/([^/]+)\/callback$/.exec(path)?.[1];
      if (deferred && isRecord(json) && json.type === DEFERRED) mark(deferred, 'acknowledged');
      const edited = /^\/webhooks\/\d+\/([^/]+)\/messages\/@original$/.exec(path)?.[1];
      if (edited && ACCEPTED.test(JSON.stringify(json))) mark(edited, 'answered');
    },

    telegram(exchange: TelegramExchange): void {
      if (exchange.kind === 'update' && exchange.update.message) {
        const { update_id, message } = exchange.update;
        asked(String(message.chat.id), 'telegram', `tg-${update_id}`);
      }
      if (exchange.kind !== 'call') return;
      if (exchange.call.error?.error_code === 429) refusals += 1;
      if (exchange.call.error) return;
      const { method, fields } = exchange.call;
      const chat = String(fields.chat_id);
      if (method === 'sendChatAction' && fields.action === 'typing') mark(chat, 'acknowledged');
      if (method === 'sendMessage' && ACCEPTED.test(String(fields.text))) mark(chat, 'answered');
    },

    /** How often a platform answered that it is being asked too much (429). */
    refusals: () => refusals,

    /** From now on times count anew. */
    begin(): void {
      round = [];
      open.clear();
      began = performance.now();
    },

    /** Resolves with the round's requests once all of them carry the mark; rejects when they do not within `withinMs`. */
    all(what: Mark, withinMs: number): Promise<readonly Sighting[]> {
      return new Promise((resolve, reject) => {
        const missing = () => round.filter((sighting) => sighting[what] === undefined).map(({ request }) => request);
        const timer = setTimeout(() => {
          const late = missing();
          reject(new Error(`${late.length} of ${round.length} were not ${what} within ${withinMs} ms: ${late.slice(0, 5)}`));
        }, withinMs);
        look = () => {
          if (missing().length > 0) return;
          clearTimeout(timer);
          resolve(round);
        };
        look();
      });
    },
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const isInteraction = (value: unknown): value is { id: string; token: string } =>
  isRecord(value) && typeof value.id === 'string' && typeof value.token === 'string';
