import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import sharp from 'sharp';
import { createDiscordSimulator } from '../../../simulator/discord/index.ts';
import { createChatPage } from '../../../simulator/page/server.ts';
import { createTelegramSimulator } from '../../../simulator/telegram/index.ts';
import { openBrowser } from '../../support/browser.ts';
import { PACK, startDiscordBot, startTelegramBot } from './bots.ts';

/** Both simulators with a bot at each, and the address of a page for two new persons. */
export async function openStage() {
  const [discord, telegram] = await Promise.all([createDiscordSimulator({ skus: [PACK] }), createTelegramSimulator()]);
  const [discordBot, telegramBot] = await Promise.all([startDiscordBot(discord), startTelegramBot(telegram)]);
  const closers: (() => Promise<unknown>)[] = [
    () => discordBot.destroy(),
    () => telegramBot.stop(),
    () => discord.close(),
    () => telegram.close(),
  ];
  let people = 0;

  return {
    telegramBot,
    /** A page with two persons who have said nothing yet. */
    async newPage(secret?: string) {
      people += 1;
      const persons = {
        discord: discord.person({ name: `Ada ${people}`, guild: false }),
        telegram: telegram.person({ firstName: 'Ada' }),
      };
      const page = await createChatPage({ persons, ...(secret && { secret }) });
      closers.unshift(() => page.close());
      return { ...page, persons };
    },
    async close() {
      for (const close of closers) await close();
    },
  };
}

/** The stage and a Chromium that looks at it; `visit` gives a fresh page of fresh persons. */
export async function openStageWithBrowser() {
  const [stage, browser]: [Awaited<ReturnType<typeof openStage>>, Browser] = await Promise.all([openStage(), openBrowser()]);
  return {
    ...stage,
    async visit(options: BrowserContextOptions = {}) {
      const { url, persons } = await stage.newPage();
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (line) => ['error', 'warning'].includes(line.type()) && complaints.push(line.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      await page.goto(url);
      await page.getByText('Connected').waitFor({ state: 'attached' });
      return { page, persons, complaints, discord: chat(page, 'Discord'), telegram: chat(page, 'Telegram') };
    },
    async close() {
      await browser.close();
      await stage.close();
    },
  };
}

/** A PNG of 320x200. */
export function seaPicture(): Promise<Buffer> {
  return sharp({ create: { width: 320, height: 200, channels: 3, background: '#247' } })
    .png()
    .toBuffer();
}

/** One chat as people find its parts. */
function chat(page: Page, platform: 'Discord' | 'Telegram') {
  const root = page.locator(`#${platform.toLowerCase()}`);
  return {
    root,
    line: page.getByLabel(`Message as the ${platform} person`),
    log: root.getByRole('log', { name: `${platform} messages` }),
    messages: root.getByRole('listitem'),
    last: root.getByRole('listitem').last(),
    press: (name: string) => root.getByRole('button', { name }).click(),
    video: root.locator('video'),
  };
}
