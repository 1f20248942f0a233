import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongoose from 'mongoose';
import { expect, onTestFinished, vi } from 'vitest';
import { checkInvariants } from '../../core/credits/invariants.ts';
import { CREDIT_ACCOUNTS, type CreditAccountDocument } from '../../models/credit-account.ts';
import { GENERATIONS, type GenerationDocument } from '../../models/generation.ts';
import { LEDGER_ENTRIES, type LedgerEntryDocument } from '../../models/ledger-entry.ts';
import { createDiscordSimulator } from '../../simulator/discord/index.ts';
import type { Person, SeenMessage } from '../../simulator/person.ts';
import { createTelegramSimulator } from '../../simulator/telegram/index.ts';
import type { ProductProcess } from '../support/product-process.ts';

export const RENDERING = { RENDER_QUALITY: 'small', RENDERS_AT_ONCE: '2' };
const SECONDS = 6;
const PRICE = 2 * SECONDS;
const LEFT = 50 - PRICE;
const PATIENCE_MS = 120_000;

export type Persons = readonly [discord: Person, telegram: Person];

/** A data directory that outlives the product and not the test. */
export async function newDataDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'lpm-chaos-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Both platforms with one person each, in this process, so that they live through what happens to the product. */
export async function openPlatforms() {
  const seed = randomInt(1, 2 ** 31);
  const discord = await createDiscordSimulator({ seed });
  const telegram = await createTelegramSimulator({ seed });
  onTestFinished(async () => {
    await discord.close();
    await telegram.close();
  });
  const persons: Persons = [discord.person({ name: 'Robin' }), telegram.person({ firstName: 'Sam' })];
  return {
    persons,
    telegram,
    settings: {
      DISCORD_TOKEN: discord.token,
      DISCORD_API: discord.api,
      TELEGRAM_TOKEN: telegram.token,
      TELEGRAM_API: telegram.url,
    },
  };
}

/** One request on each platform. */
export function ask([discord, telegram]: Persons): void {
  discord.command('generate', { prompt: 'a fox in a neon city at night in the rain', seconds: SECONDS });
  telegram.say(`a lonely ship on the ocean at sunset seconds=${SECONDS}`);
}

export const isAccepted = ({ from, text }: SeenMessage): boolean => from === 'bot' && /^(Starting now|Queued)/.test(text);
const isProgress = ({ from, text }: SeenMessage): boolean => from === 'bot' && text.startsWith('Making your video');
export const isVideo = ({ from, files }: SeenMessage): boolean => from === 'bot' && files.some(({ kind }) => kind === 'video');

export const all = (persons: Persons, wanted: (message: SeenMessage) => boolean): Promise<SeenMessage[]> =>
  Promise.all(persons.map((person) => person.until(wanted, PATIENCE_MS)));

/** Resolves the moment somebody is told anew how far their video is. */
export function nextProgress(persons: Persons): Promise<void> {
  return new Promise((told) => {
    const stops = persons.map((person) =>
      person.onChange(() => {
        if (!person.messages().some(isProgress)) return;
        for (const stop of stops) stop();
        told();
      }),
    );
  });
}

/** Waits for both videos; then each person has seen one and paid for one, and nothing is left to be done. */
export async function expectOneOfEach(persons: Persons, product: ProductProcess): Promise<void> {
  await all(persons, isVideo);
  await untilDelivered(product);
  for (const person of persons) {
    expect(person.messages().filter(isVideo), person.platform).toHaveLength(1);
    person.command('balance');
    const { text } = await person.until(({ from, text }) => from === 'bot' && text.startsWith('You have '));
    expect(text, person.platform).toContain(`You have ${LEFT} credits.\n`);
  }
  const { generations, accounts, entries } = await readBooks(product);
  expect(generations).toHaveLength(persons.length);
  expect(accounts).toHaveLength(persons.length);
  for (const generation of generations) expect(generation).not.toHaveProperty('dueAt');
  for (const account of accounts) {
    const own = entries.filter(({ accountId }) => accountId === account._id).sort((a, b) => a.seq - b.seq);
    const made = generations.filter(({ accountId }) => accountId === account._id).map(({ _id }) => _id);
    checkInvariants(account, own);
    expect(account).toMatchObject({ available: LEFT, held: 0, debt: 0, holds: [] });
    expect(own.map(({ op }) => op)).toEqual(['grant:promo:welcome', `reserve:${made[0]}`, `capture:${made[0]}`]);
  }
}

/** Resolves when every generation is delivered, after which nothing is sent any more. */
export async function untilDelivered(product: ProductProcess): Promise<void> {
  const isDelivered = async () => (await readBooks(product)).generations.every(({ state }) => state === 'delivered');
  await vi.waitUntil(isDelivered, { timeout: PATIENCE_MS, interval: 100 });
}

/** What the product's own database holds, read past the product. */
async function readBooks(product: ProductProcess) {
  const [, address] = await product.said(/^MongoDB: .* at (\S+), data in/m);
  const uri = `mongodb://${address}/?replicaSet=secantus`;
  const connection = await mongoose.createConnection(uri, { dbName: 'lpm-ai' }).asPromise();
  try {
    return {
      generations: await connection.collection<GenerationDocument>(GENERATIONS).find().toArray(),
      accounts: await connection.collection<CreditAccountDocument>(CREDIT_ACCOUNTS).find().toArray(),
      entries: await connection.collection<LedgerEntryDocument>(LEDGER_ENTRIES).find().toArray(),
    };
  } finally {
    await connection.close();
  }
}
