import { randomInt } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { createDiscordSimulator } from '../../simulator/discord/index.ts';
import { createMailSimulator } from '../../simulator/mail.ts';
import { createStripeSimulator } from '../../simulator/stripe/index.ts';
import { createTelegramSimulator } from '../../simulator/telegram/index.ts';
import type { Canaries } from './canaries.ts';

export type Platforms = Awaited<ReturnType<typeof openPlatforms>>;

/**
 * Both platforms, a mailbox and a Stripe, on which every name, id and token is a canary; what cannot be chosen (tokens of interactions,
 * file ids) is noted.
 */
export async function openPlatforms({ word, snowflake, id }: Canaries) {
  const seed = randomInt(1, 2 ** 31);
  const tokens = new Set<string>();
  const files = new Set<string>();
  const interactions: Record<string, unknown>[] = [];
  const discord = await createDiscordSimulator({
    seed,
    token: word('DiscordToken'),
    onTraffic(exchange) {
      if (exchange.kind !== 'gateway' || exchange.t !== 'INTERACTION_CREATE') return;
      interactions.push(exchange.d as Record<string, unknown>);
      tokens.add(String(Reflect.get(Object(exchange.d), 'token')));
    },
  });
  const telegram = await createTelegramSimulator({
    seed,
    token: `${seed}:${word('TelegramToken')}`,
    onTraffic: (exchange) => noteFileIds(exchange, files),
  });
  const mail = await createMailSimulator();
  const stripe = await createStripeSimulator({ seed });
  onTestFinished(async () => {
    for (const opened of [discord, telegram, mail, stripe]) await opened.close();
  });
  const person = (slot: string) => ({ id: id(), firstName: word(slot) });
  return {
    discord,
    telegram,
    mail,
    tokens,
    files,
    interactions,
    settings: {
      DISCORD_TOKEN: discord.token,
      DISCORD_API: discord.api,
      TELEGRAM_TOKEN: telegram.token,
      TELEGRAM_API: telegram.url,
      SMTP_URL: mail.url,
      STRIPE_SECRET_KEY: stripe.apiKey,
      STRIPE_WEBHOOK_SECRET: stripe.webhookSecret,
      STRIPE_API: stripe.url,
      STRIPE_CHECKOUT_URL: stripe.url,
    },
    member: discord.person({
      id: snowflake(),
      name: word('Member'),
      guild: { id: snowflake(), name: word('Guild'), channelId: snowflake() },
    }),
    direct: discord.person({ id: snowflake(), name: word('Direct'), guild: false }),
    ann: telegram.person(person('Ann')),
    bob: telegram.person(person('Bob')),
    eve: telegram.person(person('Eve')),
    kim: telegram.person(person('Kim')),
    group: telegram.person({ ...person('Gus'), group: { id: -id(), title: word('Group') } }),
  };
}

function noteFileIds(value: unknown, files: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    if (name === 'file_id') files.add(String(inner));
    else noteFileIds(inner, files);
  }
}
