import { randomInt } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { expect, onTestFinished, vi } from 'vitest';
import type { Outside } from '../../core/app.ts';
import type { Log, LogFields } from '../../core/log.ts';
import { type Product, start } from '../../main.ts';
import { createDiscordSimulator, type DiscordSimulator } from '../../simulator/discord/index.ts';
import { createTelegramSimulator, type TelegramSimulator } from '../../simulator/telegram/index.ts';
import { testEnvironment } from './app.ts';
import { watchDiscord } from './discord-schema.ts';
import { createScriptedProvider, type ScriptedProvider } from './provider.ts';
import { watchTelegram } from './telegram-schema.ts';

export interface Line extends LogFields {
  level: keyof Log;
  event: string;
}

export interface TestProduct extends Product {
  discord: DiscordSimulator;
  telegram: TelegramSimulator;
  provider: ScriptedProvider;
  /** What the product has logged, oldest first. */
  lines: Line[];
  /** Resolves when every delivery has come in and nothing is under way any more. */
  settled(): Promise<void>;
  /** Closes everything; fails when anything that went over the wire was not as the platforms' schemas say, or an error was logged. */
  close(): Promise<void>;
}

export interface ProductOptions {
  settings?: Record<string, string>;
  provider?: ScriptedProvider;
  outside?: Outside;
}

/** The whole product as main.ts starts it, between two simulators whose traffic is judged from the first call to the last. */
export async function openProduct(options: ProductOptions = {}): Promise<TestProduct> {
  const provider = options.provider ?? (await createScriptedProvider());
  const seed = randomInt(1, 2 ** 31);
  const watch = watchDiscord();
  const discord = await createDiscordSimulator({ seed, onTraffic: watch.onTraffic });
  const telegram = await createTelegramSimulator({ seed, token: `${seed}:SIMULATOR` });
  const complaints = watchTelegram(telegram);
  const { lines, log } = recordLog();
  const access = {
    DISCORD_TOKEN: discord.token,
    DISCORD_API: discord.api,
    TELEGRAM_TOKEN: telegram.token,
    TELEGRAM_API: telegram.url,
  };
  const simulators = () => Promise.all([discord.close(), telegram.close()]);
  const settings = testEnvironment({ ...access, ...options.settings });
  const product = await start(settings, () => {}, { provider, log, ...options.outside }).catch(async (error: unknown) => {
    await simulators();
    throw error;
  });
  return {
    ...product,
    discord,
    telegram,
    provider,
    lines,
    settled: () => vi.waitFor(() => expectRest(product, telegram), { timeout: 10_000 }),
    async close() {
      await product.close();
      await simulators();
      await rm(product.app.config.DATA_DIR, { recursive: true });
      expect(watch.seen()).toBeGreaterThan(0);
      expect([...watch.complaints, ...complaints]).toEqual([]);
      expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
    },
  };
}

/** A product of this test alone, closed and judged at its end. */
export async function openOwnProduct(options: ProductOptions = {}): Promise<TestProduct> {
  const product = await openProduct(options);
  onTestFinished(() => product.close());
  return product;
}

async function expectRest({ app }: Product, telegram: TelegramSimulator): Promise<void> {
  const waiting = { dueAt: { $exists: true } };
  expect(telegram.pending()).toEqual([]);
  expect(await app.models.generations.countDocuments(waiting)).toBe(0);
  expect(await app.models.storedUpdates.countDocuments(waiting)).toBe(0);
}

function recordLog(): { lines: Line[]; log: Log } {
  const lines: Line[] = [];
  const note = (level: keyof Log) => (event: string, fields?: LogFields) => void lines.push({ level, event, ...fields });
  return { lines, log: { info: note('info'), warn: note('warn'), error: note('error') } };
}
