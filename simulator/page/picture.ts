import type { Page } from 'playwright-core';
import { openChromium } from './chromium.ts';

/** Milliseconds for a video to be made and delivered. */
const patience = 180_000;

/** Run in the page: goes to the middle of the newest video of a chat; resolves when that frame is shown and the player has come to rest. */
const middle = (chat: string) => `new Promise((resolve, reject) => {
  const video = [...document.querySelectorAll('#${chat} .theirs video')].at(-1);
  const seek = () => { video.currentTime = video.duration / 2; };
  const look = () => (video.readyState === 4 && !video.seeking && video.currentTime > 0 ? setTimeout(resolve, 1500) : setTimeout(look, 100));
  video.addEventListener('error', () => reject(new Error('The video cannot be decoded: ' + video.error?.message)));
  video.preload = 'auto';
  if (video.readyState >= 1) seek();
  else video.addEventListener('loadedmetadata', seek, { once: true });
  look();
})`;

/** Resolves when the newest video of the chat shows its middle frame. */
async function showMiddle(page: Page, chat: 'discord' | 'telegram'): Promise<void> {
  await page.locator(`#${chat} .theirs video`).last().waitFor({ timeout: patience });
  await page.evaluate(middle(chat));
}

/** Asks for one video in each chat with the examples, waits for both, and takes the picture of the page. */
export async function takePicture(page: Page, file: string): Promise<void> {
  const discord = page.getByRole('region', { name: 'Discord' });
  const telegram = page.getByRole('region', { name: 'Telegram' });
  await discord.getByRole('button', { name: '/generate' }).click({ timeout: patience });
  await telegram.getByRole('button', { name: 'a lonely ship' }).click();
  await Promise.all([showMiddle(page, 'discord'), showMiddle(page, 'telegram')]);
  await page.mouse.move(0, 0);
  await page.screenshot({ path: file });
}

/** Opens a running chat page in a browser and writes its picture with both videos delivered, 1440x900. */
export async function pictureOf(address: string, file: string, env: Readonly<Record<string, string | undefined>>): Promise<void> {
  const browser = await openChromium(env);
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark', reducedMotion: 'reduce' });
    await page.goto(address);
    await takePicture(page, file);
  } finally {
    await browser.close();
  }
}
