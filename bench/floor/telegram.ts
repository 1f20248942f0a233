import { Bot } from 'grammy';

/** The least a Telegram bot can do: it shows that it is at work and does nothing else. Nothing is awaited, as grammY would let the others wait. */
export async function startTelegram(token: string, apiRoot: string): Promise<void> {
  const bot = new Bot(token, { client: { apiRoot } });
  bot.on('message', (context) => {
    const show = () => context.replyWithChatAction('typing');
    show().catch(show).catch(console.error); // the connection may have been closed while nobody used it
  });
  await new Promise<void>((resolve, reject) => {
    bot.start({ onStart: () => resolve() }).catch(reject);
  });
}
