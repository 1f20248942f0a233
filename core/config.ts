import { z } from 'zod';

const text = z.string().min(1).optional();
const count = (initial: number, min: number, max: number) => z.coerce.number().int().min(min).max(max).default(initial);
/** `name=value` pairs with commas between them. */
const pairs = z
  .string()
  .default('')
  .transform((list) => list.split(',').flatMap((pair) => (pair.trim() ? [pair.trim().split('=')] : [])))
  .pipe(z.array(z.tuple([z.string().min(1), z.string().min(1)])))
  .transform((list) => Object.fromEntries(list));
/** The operator's word for having read docs/money.md on Telegram's rules. */
export const TELEGRAM_LINKS_ACCEPTED = 'i-accept-that-telegram-may-ban-the-bot';
const ROLES = ['discord', 'telegram', 'web', 'worker'] as const;
export type Role = (typeof ROLES)[number];

const schema = z.object({
  MONGODB_URI: z
    .string()
    .regex(/^mongodb(\+srv)?:\/\//, 'must start with mongodb:// or mongodb+srv://')
    .optional(),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, 'must start with redis:// or rediss://')
    .optional(),
  S3_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  S3_REGION: z.string().min(1).default('us-east-1'),
  S3_BUCKET: z.string().min(3).default('lpm-ai'),
  S3_PATH_STYLE: z.stringbool().default(true),
  S3_ACCESS_KEY_ID: text,
  S3_SECRET_ACCESS_KEY: text,
  FFMPEG_PATH: text,
  DISCORD_TOKEN: text,
  DISCORD_API: z.url({ protocol: /^https?$/ }).optional(),
  TELEGRAM_TOKEN: text,
  TELEGRAM_API: z.url({ protocol: /^https?$/ }).optional(),
  TELEGRAM_WEBHOOK_URL: z.url({ protocol: /^https$/ }).optional(),
  TELEGRAM_WEBHOOK_SECRET: z
    .string()
    .regex(/^[A-Za-z0-9_-]{16,256}$/, 'must be 16 to 256 of A-Z a-z 0-9 _ -')
    .optional(),
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  STRIPE_SECRET_KEY: z
    .string()
    .regex(/^[sr]k_(test|live)_\w+$/, 'must start with sk_test_, sk_live_, rk_test_ or rk_live_')
    .optional(),
  STRIPE_WEBHOOK_SECRET: z
    .string()
    .regex(/^whsec_\w+$/, 'must start with whsec_')
    .optional(),
  STRIPE_API: z.url({ protocol: /^https?$/ }).optional(),
  STRIPE_PRICES: pairs,
  STRIPE_TAX: z.stringbool().default(false),
  STRIPE_CHECKOUT_URL: z.url({ protocol: /^https?$/ }).default('https://checkout.stripe.com'),
  TELEGRAM_STRIPE_LINKS: z.enum(['off', TELEGRAM_LINKS_ACCEPTED]).default('off'),
  DISCORD_SKUS: pairs,
  DISCORD_TEST_PURCHASES: z.stringbool().default(false),
  CATALOG_FILE: text,
  MASTER_KEY: text,
  MASTER_KEY_OLD: text,
  MASTER_KEY_KMS: text,
  KMS_API: z.url({ protocol: /^https?$/ }).optional(),
  // Plain smtp:// is no plaintext: beyond this machine core/mail.ts insists on STARTTLS.
  SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\/./, 'must start with smtp:// or smtps://')
    .optional(),
  MAIL_FROM: z.string().min(3).default('LPM AI <support@lpmai.art>'),
  UNUSED_MONTHS: count(12, 1, 120),
  DATA_DIR: z.string().min(1).default('.data'),
  VENV_DIR: z.string().min(1).default('.data/venv'),
  NAME: z
    .string()
    .regex(/^[a-z][a-z0-9-]{1,30}$/, 'must be 2 to 31 of a-z 0-9 -')
    .default('lpm-ai'),
  ROLES: z
    .string()
    .default(ROLES.join(','))
    .transform((list) => list.split(',').map((role) => role.trim()))
    .pipe(z.array(z.enum(ROLES)).min(1)),
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: count(0, 0, 65_535),
  CHAT_PAGE_PORT: count(0, 0, 65_535),
  WELCOME_CREDITS: count(50, 0, 100_000),
  RENDERS_AT_ONCE: count(1, 1, 64),
  RENDER_QUALITY: z.enum(['full', 'small']).default('full'),
  GIVE_UP_MINUTES: count(15, 1, 1_440),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

export type Settings = z.infer<typeof schema>;

/** Names of every setting, for the check that .env.example documents them all. */
export const SETTING_NAMES = Object.keys(schema.shape);

/** Reads the settings; an empty value counts as not set. Throws one error that names every bad setting and says why. */
export function readConfig(env: Record<string, string | undefined>): Settings {
  const set = Object.fromEntries(SETTING_NAMES.flatMap((name) => (env[name]?.trim() ? [[name, env[name]?.trim()]] : [])));
  const parsed = schema.safeParse(set);
  const complaints = parsed.success
    ? together(parsed.data)
    : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  if (!parsed.success || complaints.length > 0) throw new Error(`These settings cannot be used:\n  ${complaints.join('\n  ')}`);
  return parsed.data;
}

const ENCRYPTED = [
  'MONGODB_URI',
  'REDIS_URL',
  'S3_ENDPOINT',
  'DISCORD_API',
  'TELEGRAM_API',
  'PUBLIC_URL',
  'STRIPE_API',
  'STRIPE_CHECKOUT_URL',
  'KMS_API',
] as const;

function together(settings: Settings): string[] {
  const complaints: string[] = [];
  if (settings.TELEGRAM_WEBHOOK_URL && !settings.TELEGRAM_WEBHOOK_SECRET) {
    complaints.push('TELEGRAM_WEBHOOK_SECRET: is needed beside TELEGRAM_WEBHOOK_URL');
  }
  if (settings.S3_ENDPOINT && !(settings.S3_ACCESS_KEY_ID && settings.S3_SECRET_ACCESS_KEY)) {
    complaints.push('S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY: are needed beside S3_ENDPOINT');
  }
  if (settings.STRIPE_SECRET_KEY && !settings.STRIPE_WEBHOOK_SECRET) {
    complaints.push('STRIPE_WEBHOOK_SECRET: is needed beside STRIPE_SECRET_KEY');
  }
  if (settings.MASTER_KEY_KMS && !settings.MASTER_KEY) {
    complaints.push('MASTER_KEY: is needed beside MASTER_KEY_KMS; npm run operate -- new-key makes one');
  }
  for (const name of ENCRYPTED) {
    if (settings[name] && !isPrivate(settings[name]))
      complaints.push(`${name}: must be encrypted in transit beyond this machine and its network`);
  }
  return complaints;
}

/** Plaintext connections are for loopback and for single-label names, which only a private network resolves. */
function isPrivate(address: string): boolean {
  if (/^(mongodb\+srv|rediss|https):/.test(address) || /[?&](tls|ssl)=true/.test(address)) return true;
  const hosts = /^[a-z]+:\/\/(?:[^@/]*@)?([^/?]+)/.exec(address)?.[1]?.split(',') ?? [];
  return hosts.every((host) => /^(127\.\d+\.\d+\.\d+|\[::1\]|localhost|[a-z0-9_-]+)(:\d+)?$/i.test(host));
}
