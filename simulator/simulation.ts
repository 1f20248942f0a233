import { randomInt } from 'node:crypto';
import { createDiscordSimulator, type DiscordSimulator, type SkuOptions } from './discord/index.ts';
import { createMailSimulator, type MailSimulator } from './mail.ts';
import { createChatPage } from './page/server.ts';
import type { Person } from './person.ts';
import { createStripeSimulator, type StripeSimulator } from './stripe/index.ts';
import { createTelegramSimulator, type TelegramSimulator } from './telegram/index.ts';

export interface SimulationOptions {
  /** What Discord's shop sells. */
  skus?: readonly SkuOptions[];
}

export interface Simulation {
  discord: DiscordSimulator;
  telegram: TelegramSimulator;
  stripe: StripeSimulator;
  /** Where every e-mail of the product ends. */
  mail: MailSimulator;
  persons: { discord: Person; telegram: Person };
  /** Serves the page in which one chats as both persons. */
  openPage(port: number): Promise<string>;
  close(): Promise<void>;
}

// The same people in the same places at every start, so that what was accepted before a crash still finds its chat.
const DISCORD_PERSON = { id: '1000000000000000101', name: 'Robin' };
const GUILD = { id: '1000000000000000102', name: 'Film club', channelId: '1000000000000000103' };
const TELEGRAM_PERSON = { id: 777_000_001, firstName: 'Sam' };

/** A local Discord and a local Telegram with one person each, a local Stripe and a mailbox. Nothing leaves this machine. */
export async function startSimulation({ skus = [] }: SimulationOptions = {}): Promise<Simulation> {
  const seed = randomInt(1, 2 ** 31);
  const discord = await createDiscordSimulator({ seed, skus });
  const telegram = await createTelegramSimulator({ seed, token: `${seed}:SIMULATOR`, firstMessage: randomInt(1, 2 ** 24) });
  const stripe = await createStripeSimulator({ seed });
  const mail = await createMailSimulator();
  const persons = {
    discord: discord.person({ ...DISCORD_PERSON, guild: GUILD }),
    telegram: telegram.person({ ...TELEGRAM_PERSON, acquainted: true }),
  };
  const pages: { close(): Promise<void> }[] = [];
  return {
    discord,
    telegram,
    stripe,
    mail,
    persons,
    async openPage(port) {
      const page = await createChatPage({ port, persons });
      pages.push(page);
      return page.url;
    },
    async close() {
      for (const page of pages) await page.close();
      await discord.close();
      await telegram.close();
      await stripe.close();
      await mail.close();
    },
  };
}
