import type { Processor } from '../registry-types.ts';

const isSet = (name: string) => (config: { [name: string]: unknown }) => Boolean(config[name]);
const always = () => true;

/** Everybody who handles data for us. Where a setting names the host, it is the operator who chose them. */
export const processors: readonly Processor[] = [
  {
    name: 'Discord',
    does: 'carries the chat, sells packs and plans',
    gets: 'what you write to the bot and what it answers there',
    where: 'USA',
    erase: 'we take back our messages where Discord lets us; yours you delete there',
    hosts: ['discord.com', '*.discord.gg', 'cdn.discordapp.com', 'media.discordapp.net', 'DISCORD_API'],
    used: isSet('DISCORD_TOKEN'),
  },
  {
    name: 'Telegram',
    does: 'carries the chat, takes Stars',
    gets: 'what you write to the bot and what it answers there',
    where: 'United Arab Emirates and elsewhere',
    erase: 'we take back our messages of the last 48 hours, which is what Telegram lets us; the others you delete there',
    hosts: ['api.telegram.org', 'TELEGRAM_API'],
    used: isSet('TELEGRAM_TOKEN'),
  },
  {
    name: 'Stripe',
    does: 'takes payments by card',
    gets: 'what you enter on its page and what you buy, never your prompts or videos',
    where: 'Ireland and USA',
    erase: 'we ask it to delete you as a customer; payments it keeps as the law demands',
    hosts: ['api.stripe.com', 'STRIPE_API'],
    used: isSet('STRIPE_SECRET_KEY'),
  },
  {
    name: 'Video renderer',
    does: 'makes the videos',
    gets: 'your prompt and picture, nothing about you',
    where: 'on this service’s own machines; nothing leaves them',
    erase: 'work that runs is stopped; it keeps nothing',
    hosts: [],
    used: always,
  },
  {
    name: 'Database',
    does: 'stores accounts, videos’ descriptions, credits and payments',
    gets: 'prompts, names and addresses sealed; it holds no key that opens them',
    where: 'where this service runs',
    erase: 'deleted there',
    hosts: ['MONGODB_URI'],
    used: always,
  },
  {
    name: 'Object store',
    does: 'stores pictures, videos and exports',
    gets: 'sealed files; it holds no key that opens them',
    where: 'where this service runs',
    erase: 'deleted there',
    hosts: ['S3_ENDPOINT'],
    used: always,
  },
  {
    name: 'Redis',
    does: 'rings when something is to be done',
    gets: 'numbers of requests, never a word of them',
    where: 'where this service runs',
    erase: 'deleted there, or ends by itself within an hour',
    hosts: ['REDIS_URL'],
    used: always,
  },
  {
    name: 'Mail server',
    does: 'delivers e-mail',
    gets: 'your e-mail address and what we write you',
    where: 'where the operator of this service has it',
    erase: 'nothing is stored there beyond delivery',
    hosts: ['SMTP_URL'],
    used: isSet('SMTP_URL'),
  },
  {
    name: 'AWS KMS',
    does: 'keeps the master key',
    gets: 'keys to unwrap, nothing about you',
    where: 'the region that the operator chose',
    erase: 'holds nothing of you',
    hosts: ['*.amazonaws.com', 'KMS_API'],
    used: isSet('MASTER_KEY_KMS'),
  },
];
