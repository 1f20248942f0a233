import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createDiscordRemove, createDiscordSend, createPremiumRail, startDiscord } from './bots/discord/index.ts';
import type { BotParts } from './bots/parts.ts';
import {
  createStarsRail,
  createTelegramRemove,
  createTelegramSend,
  startTelegram,
  type Telegram,
  type TelegramParts,
} from './bots/telegram/index.ts';
import { dispatch } from './commands/dispatch.ts';
import { commands } from './commands/index.ts';
import { type App, type Config, createApp, type Outside } from './core/app.ts';
import { atMost } from './core/at-most.ts';
import type { Removes, Sends } from './core/chat.ts';
import { readConfig, type Settings } from './core/config.ts';
import { loadKeks } from './core/keys.ts';
import { readCatalog } from './core/payments/catalog.ts';
import { premiumChanged } from './core/payments/premium.ts';
import { preCheckout, starsPaid, starsRefunded } from './core/payments/stars.ts';
import { replayJournal } from './core/privacy/journal.ts';
import { money } from './core/texts/money.ts';
import type { Simulation } from './simulator/simulation.ts';
import { startWeb, TELEGRAM_PATH } from './web/server.ts';
import { STRIPE_PATH } from './web/stripe.ts';
import { startWorkers } from './workers/index.ts';

/** A running product. `simulation` stands for the platforms whenever no token is set. */
export interface Product {
  app: App;
  url?: string | undefined;
  simulation?: Simulation | undefined;
  /** Resolves when a platform has closed the connection for good, so that this process is of no more use. */
  lost: Promise<void>;
  close(): Promise<void>;
}

/** More would only wait for the database, and keep those who ask after them from seeing that they were heard. */
const ANSWERS_AT_ONCE = 16;

interface Access {
  discord?: { token: string; api?: string | undefined } | undefined;
  telegram?: { token: string; apiRoot?: string | undefined } | undefined;
}

/** Opens everything and starts the roles asked for; whatever is missing on this machine is fetched and started too. */
export async function start(env: NodeJS.ProcessEnv, say: (line: string) => void, outside: Outside = {}): Promise<Product> {
  quietSdk();
  const settings = readConfig(env);
  if (env.NODE_ENV === 'production') refuseToPretend(settings);
  const opened: (() => unknown)[] = [];
  const close = async () => {
    for (const shut of opened.splice(0).reverse()) await shut();
  };
  try {
    const config = await findServers(settings, env, say, opened);
    const simulation = await simulate(settings, opened);
    const app = await createApp(simulation ? withShops(config, simulation) : config, outside);
    opened.push(() => app.close());
    // What a restored backup has brought back goes before anybody is answered.
    await replayJournal(app);
    let lose = () => {};
    const lost = new Promise<void>((resolve) => {
      lose = resolve;
    });
    const url = await startRoles(app, accessOf(settings, simulation), opened, lose);
    if (simulation && url) simulation.stripe.setWebhook({ url: url + STRIPE_PATH, secret: simulation.stripe.webhookSecret });
    return { app, url, simulation, lost, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Embedded servers and simulators are for trying out and for tests: a deployment that lacks a setting must not seem to work. */
function refuseToPretend(settings: Settings): void {
  const missing = (['MONGODB_URI', 'REDIS_URL', 'S3_ENDPOINT'] as const).filter((name) => !settings[name]);
  if (!settings.DISCORD_TOKEN && !settings.TELEGRAM_TOKEN) throw new Error('In production, set DISCORD_TOKEN or TELEGRAM_TOKEN.');
  if (missing.length > 0) throw new Error(`In production, set ${missing.join(', ')}.`);
}

async function findServers(
  settings: Settings,
  env: NodeJS.ProcessEnv,
  say: (line: string) => void,
  opened: (() => unknown)[],
): Promise<Config> {
  const { startEmbedded } = await import('./embedded/index.ts');
  const dataDir = resolve(settings.DATA_DIR);
  const { close, ...servers } = await startEmbedded({ dataDir, env, say, venvDir: resolve(settings.VENV_DIR) });
  opened.push(close);
  const keks = await loadKeks({ ...settings, file: join(dataDir, 'master.key') });
  return { ...settings, ...servers, ...keks, workDir: join(dataDir, 'work') };
}

async function simulate(settings: Settings, opened: (() => unknown)[]): Promise<Simulation | undefined> {
  if (settings.DISCORD_TOKEN || settings.TELEGRAM_TOKEN) return undefined;
  const { startSimulation } = await import('./simulator/simulation.ts');
  const simulation = await startSimulation({ skus: simulatedSkus(settings) });
  opened.push(() => simulation.close());
  return simulation;
}

/** What the simulated Discord sells: the whole catalogue. */
function simulatedSkus(settings: Settings) {
  const { items } = readCatalog({ ...settings, DISCORD_SKUS: {} });
  return items.map(({ id, name, kind, stripe }, index) => ({
    id: String(1_100_000_000_000_000_000n + BigInt(index)),
    item: id,
    name,
    kind: kind === 'plan' ? ('subscription' as const) : ('consumable' as const),
    price: stripe ? money(stripe.amountMinor, stripe.currency) : '',
  }));
}

/** The simulated Stripe, the simulated Discord shop and, where no mail server is set, the simulated mailbox in place of real ones. */
function withShops(config: Config, { stripe, mail }: Simulation): Config {
  return {
    ...config,
    SMTP_URL: config.SMTP_URL ?? mail.url,
    DISCORD_SKUS: Object.fromEntries(simulatedSkus(config).map(({ id, item }) => [item, id])),
    STRIPE_SECRET_KEY: stripe.apiKey,
    STRIPE_WEBHOOK_SECRET: stripe.webhookSecret,
    STRIPE_API: stripe.url,
    STRIPE_CHECKOUT_URL: stripe.url,
    STRIPE_PRICES: {},
  };
}

function accessOf(settings: Settings, simulation: Simulation | undefined): Access {
  if (simulation) {
    const { discord, telegram } = simulation;
    return { discord: { token: discord.token, api: discord.api }, telegram: { token: telegram.token, apiRoot: telegram.url } };
  }
  const { DISCORD_TOKEN, DISCORD_API, TELEGRAM_TOKEN, TELEGRAM_API } = settings;
  return {
    discord: DISCORD_TOKEN ? { token: DISCORD_TOKEN, api: DISCORD_API } : undefined,
    telegram: TELEGRAM_TOKEN ? { token: TELEGRAM_TOKEN, apiRoot: TELEGRAM_API } : undefined,
  };
}

/** Only here do bots and workers meet: each worker is handed the Send and the Remove of each platform. */
async function startRoles(app: App, access: Access, opened: (() => unknown)[], lose: () => void): Promise<string | undefined> {
  const { config, log, now } = app;
  const roles = new Set(config.ROLES);
  const inTurn = atMost(ANSWERS_AT_ONCE);
  const parts: BotParts = {
    log,
    commands,
    menus: app.menus,
    inbox: app.inbox,
    answer(request) {
      const answer = () => dispatch(app, commands, request);
      return request.image ? answer() : inTurn(answer); // a picture is fetched first, which takes long and shall hold up nobody
    },
    announced: (generation, message) => app.queue.remember(generation, message),
    preCheckout: (query) => preCheckout(app, query),
    starsPaid: (paid) => starsPaid(app, paid),
    starsRefunded: (refund) => starsRefunded(app, refund),
    premiumChanged: (hint) => premiumChanged(app, hint),
  };
  if (access.telegram) app.rails.stars = createStarsRail(access.telegram);
  if (access.discord) app.rails.premium = createPremiumRail({ ...access.discord, log });
  const sends: Sends = {};
  if (access.discord) sends.discord = createDiscordSend({ ...access.discord, log, now });
  const telegramSend =
    access.telegram &&
    createTelegramSend({
      ...access.telegram,
      log,
      now,
      hide: (text) => app.keys.blindIndex('flood', text),
      redis: { ...config.redis, prefix: config.NAME },
    });
  if (telegramSend) {
    sends.telegram = telegramSend;
    opened.push(() => telegramSend.close());
  }
  if (roles.has('worker')) {
    const workers = startWorkers(app, sends, removesOf(app, access, opened));
    opened.push(() => workers.close());
  }
  if (roles.has('discord') && access.discord) {
    const bot = await startDiscord({ ...access.discord, ...parts, now, lost: lose });
    opened.push(() => bot.close());
  }
  let telegram: Telegram | undefined;
  if (roles.has('telegram') && access.telegram && telegramSend) {
    telegram = await startTelegram({ ...access.telegram, ...parts, now, send: telegramSend, mode: modeOf(config) });
    const bot = telegram;
    opened.push(() => bot.close());
  }
  if (!roles.has('web')) return undefined;
  const web = await startWeb(app, { host: config.HOST, port: config.PORT, telegram: telegram?.receive });
  opened.push(() => web.close());
  return web.url;
}

function removesOf({ config, keys, log, now }: App, { discord, telegram }: Access, opened: (() => unknown)[]): Removes {
  const removes: Removes = {};
  if (discord) removes.discord = createDiscordRemove({ ...discord, now });
  if (telegram) {
    const remove = createTelegramRemove({
      ...telegram,
      log,
      hide: (text) => keys.blindIndex('flood', text),
      redis: { ...config.redis, prefix: config.NAME },
    });
    removes.telegram = remove;
    opened.push(() => remove.close());
  }
  return removes;
}

function modeOf({ TELEGRAM_WEBHOOK_URL: url, TELEGRAM_WEBHOOK_SECRET: secret }: Settings): TelegramParts['mode'] {
  return url && secret ? { webhook: { url: new URL(TELEGRAM_PATH, url).href, secret } } : 'polling';
}

/** The S3 client announces its end of support for Node 20 at every start; the README says it once. */
function quietSdk(): void {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
}

async function main(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  const product = await start(process.env, say);
  const { simulation, app, url } = product;
  if (url) say(`Health: ${url}/health/ready`);
  if (simulation) {
    say(`\nChat with the bot here: ${await simulation.openPage(app.config.CHAT_PAGE_PORT)}`);
    const isLocal = app.config.SMTP_URL === simulation.mail.url;
    if (isLocal) say(`Mail arrives here: ${await simulation.mail.openPage(0)}`);
    say(
      `Nothing${isLocal ? '' : ' but e-mail'} leaves this machine. Set DISCORD_TOKEN or TELEGRAM_TOKEN to talk to the real platform. Ctrl+C ends it.\n`,
    );
  }
  let ending = false;
  const end = (code: number) => {
    if (ending) return;
    ending = true;
    product.close().then(
      () => process.exit(code),
      () => process.exit(1),
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => end(0));
  product.lost.then(() => end(1));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : 'The start failed.'}\n`);
    process.exit(1);
  });
}
