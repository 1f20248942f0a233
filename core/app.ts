import mongoose from 'mongoose';
import { modelsOf, prepareModels } from '../models/index.ts';
import type { Settings } from './config.ts';
import { createInbox } from './inbox.ts';
import { openKeys } from './keys.ts';
import { createLog, type Log } from './log.ts';
import { createMail } from './mail.ts';
import { createMenus } from './menus.ts';
import { readCatalog, warnOfPrices } from './payments/catalog.ts';
import type { Rails } from './payments/rail.ts';
import { createStripe } from './payments/stripe.ts';
import type { Policy } from './privacy/policies.ts';
import { POLICIES } from './privacy/policy-texts.ts';
import { createLocalProvider } from './providers/local.ts';
import type { VideoProvider } from './providers/provider.ts';
import { createQueue } from './queue.ts';
import { createStorage } from './storage.ts';

/** Where everything is: the settings, with each address filled in from the environment or from the embedded servers. */
export interface Config extends Settings {
  mongo: { uri: string };
  redis: { url: string };
  s3: { endpoint: string; region: string; accessKeyId: string; secretAccessKey: string };
  ffmpeg: string;
  /** The key-encryption key: 32 bytes that are never in the database. */
  kek: Buffer;
  /** Earlier ones, until everything is wrapped by the present one. */
  oldKeks?: readonly Buffer[];
  /** A folder for files that live for one step only. */
  workDir: string;
}

/** What a test puts in the place of outside things. */
export interface Outside {
  log?: Log;
  now?: () => number;
  provider?: VideoProvider;
  policies?: readonly Policy[];
  monitorCommands?: boolean;
}

export type App = Awaited<ReturnType<typeof createApp>>;

mongoose.set('strictQuery', 'throw');

/** Opens everything, or closes again what was opened and throws. `rails` are the chat platforms' shops, filled in by main.ts. */
export async function createApp(config: Config, outside: Outside = {}, rails: Rails = {}) {
  const log = outside.log ?? createLog(config.LOG_LEVEL);
  const now = outside.now ?? Date.now;
  const catalog = readCatalog(config);
  warnOfPrices(catalog, log);
  const opened: (() => unknown)[] = [];
  const close = async () => {
    for (const shut of opened.splice(0).reverse()) await shut();
  };
  try {
    const connection = await mongoose
      .createConnection(config.mongo.uri, {
        dbName: config.NAME,
        autoIndex: false,
        autoCreate: false,
        writeConcern: { w: 'majority', journal: true, wtimeoutMS: 5_000 },
        readConcern: { level: 'majority' },
        readPreference: 'primary',
        retryWrites: true,
        serverSelectionTimeoutMS: 3_000,
        monitorCommands: outside.monitorCommands ?? false,
      })
      .asPromise();
    opened.push(() => connection.close());
    const models = modelsOf(connection);
    await prepareModels(models);
    const storage = createStorage({ ...config.s3, bucket: config.S3_BUCKET, forcePathStyle: config.S3_PATH_STYLE });
    opened.push(() => storage.close());
    await storage.ensureBucket();
    const provider =
      outside.provider ??
      createLocalProvider({
        ffmpeg: config.ffmpeg,
        workDir: config.workDir,
        slots: config.RENDERS_AT_ONCE,
        quality: config.RENDER_QUALITY,
      });
    opened.push(() => provider.close());
    // Closed before the provider, which cancels its jobs: a step that saw that would give the generation up.
    const queue = await createQueue({ url: config.redis.url, prefix: config.NAME, log });
    opened.push(() => queue.close());
    const keys = await openKeys(models, config);
    const menus = createMenus(models);
    const inbox = createInbox({ connection, keys, now });
    const stripe = openStripe(config);
    /** Where the web role is reached, once that is known. */
    const address: { url?: string | undefined } = { url: config.PUBLIC_URL };
    const payments = { catalog, stripe, rails, address };
    const policies = outside.policies ?? POLICIES;
    const mail = openMail(config);
    if (mail) opened.push(() => mail.close());
    const parts = { connection, models, storage, queue, provider, keys, menus, inbox, mail, policies };
    return { config, log, now, ...parts, ...payments, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const openMail = ({ SMTP_URL: url, MAIL_FROM: from }: Config) => (url ? createMail({ url, from }) : undefined);

function openStripe({ STRIPE_SECRET_KEY: apiKey, STRIPE_WEBHOOK_SECRET: webhookSecret, STRIPE_API: address }: Config) {
  return apiKey && webhookSecret ? createStripe({ apiKey, webhookSecret, address }) : undefined;
}
