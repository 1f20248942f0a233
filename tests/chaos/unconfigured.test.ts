import { expect, onTestFinished, test, vi } from 'vitest';
import { type ProductProcess, startProductProcess } from '../support/product-process.ts';
import { openPage, type Page } from './page.ts';
import { isAccepted, isVideo, newDataDirectory, RENDERING, untilDelivered } from './story.ts';

const PLATFORMS = ['discord', 'telegram'] as const;
const waiting = { timeout: 120_000, interval: 20 };

async function pageOf(product: ProductProcess): Promise<Page> {
  const [, address = ''] = await product.said(/^Chat with the bot here: (\S+)$/m);
  const page = await openPage(address);
  onTestFinished(() => page.close());
  return page;
}

test('without any settings: what was accepted before a kill -9 is delivered to the same persons after the next start', async () => {
  const DATA_DIR = await newDataDirectory();
  const start = () => startProductProcess({ ...RENDERING, DATA_DIR });

  const first = await start();
  const before = await pageOf(first);
  await before.post('say', { platform: 'telegram', text: 'a lonely ship on the ocean at sunset seconds=4' });
  await before.post('command', {
    platform: 'discord',
    name: 'generate',
    'option.prompt': 'a fox in a neon city at night',
    'option.seconds': '4',
  });
  await vi.waitUntil(() => PLATFORMS.every((platform) => before.messages(platform).some(isAccepted)), waiting);
  await first.kill();
  expect(PLATFORMS.flatMap((platform) => before.messages(platform).filter(isVideo))).toEqual([]);

  const second = await start();
  const after = await pageOf(second);
  await vi.waitUntil(() => PLATFORMS.every((platform) => after.messages(platform).some(isVideo)), waiting);
  await untilDelivered(second);
  for (const platform of PLATFORMS) {
    const videos = after.messages(platform).filter(isVideo);
    expect(
      videos.map(({ text }) => text),
      platform,
    ).toEqual([expect.stringContaining('8 credits used, 42 left.')]);
  }
}, 240_000);
