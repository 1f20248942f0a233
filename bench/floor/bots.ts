import { startDiscord } from './discord.ts';
import { startTelegram } from './telegram.ts';

const { DISCORD_TOKEN = '', DISCORD_API = '', TELEGRAM_TOKEN = '', TELEGRAM_API = '' } = process.env;

await startDiscord(DISCORD_TOKEN, DISCORD_API);
await startTelegram(TELEGRAM_TOKEN, TELEGRAM_API);
process.stdout.write('ready\n');
process.once('SIGTERM', () => process.exit(0));
