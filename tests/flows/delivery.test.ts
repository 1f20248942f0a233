import { describe, expect, test } from 'vitest';
import { openOwnProduct, type TestProduct } from '../support/product.ts';
import { creditsOf } from '../support/requests.ts';
import { type Guest, onDiscord, onTelegram } from './platforms.ts';

/** A product in which `guest` waits for a video that the provider has not finished. */
async function waiting<G extends Guest>(meet: (product: TestProduct) => G) {
  const product = await openOwnProduct();
  product.provider.answer = { state: 'queued' };
  const guest = meet(product);
  guest.wish('a fox');
  const accepted = await guest.reads(/^Starting now/);
  const finish = () => {
    product.provider.answer = { state: 'succeeded' };
  };
  return { product, guest, accepted, finish };
}

const posts = ({ discord }: TestProduct, channel: string) =>
  discord.requests.filter(
    ({ method, path, status }) => method === 'POST' && path === `/channels/${channel}/messages` && status === 200,
  );

describe('in discord', () => {
  test('a video that is ready after the token has expired comes as a message of its own, once, and calls the person', async () => {
    const { product, guest, accepted, finish } = await waiting(onDiscord);
    product.discord.tokenLivesMs = 0;
    finish();
    const video = await guest.watches();
    expect(video.id).not.toBe(accepted.id);
    expect(video.text).toContain(`<@${guest.person.userId}>\nYour video is ready.`);
    await product.settled();
    expect(guest.videos()).toHaveLength(1);
    expect(posts(product, guest.person.channelId)).toHaveLength(1);
    expect(await creditsOf(product.app)).toEqual({ available: 38, held: 0 });
  });

  test('so does a video whose token Discord calls invalid at the last moment', async () => {
    const { product, guest, finish } = await waiting(onDiscord);
    const body = { code: 50027, message: 'Invalid Webhook Token' };
    product.discord.forced.push({ match: ({ method, files }) => method === 'PATCH' && files.length > 0, status: 401, body });
    finish();
    await guest.watches();
    await product.settled();
    expect(product.discord.forced).toEqual([]);
    expect(guest.videos()).toHaveLength(1);
    expect(posts(product, guest.person.channelId)).toHaveLength(1);
  });

  test('where the bot may not write either, the video comes as a direct message', async () => {
    const { product, guest, finish } = await waiting(onDiscord);
    const direct = onDiscord(product, { name: guest.person.name, guild: false });
    product.discord.tokenLivesMs = 0;
    product.discord.denied.set(guest.person.channelId, 50013);
    finish();
    expect((await direct.watches()).text).toMatch(/^Your video is ready\./);
    await product.settled();
    expect([guest.videos(), direct.videos()].map(({ length }) => length)).toEqual([0, 1]);
  });

  test('a person who cannot be reached at all finds the video in their history', async () => {
    const { product, guest, finish } = await waiting(onDiscord);
    product.discord.tokenLivesMs = 0;
    product.discord.denied.set(guest.person.channelId, 50001);
    product.discord.closedDms.add(guest.person.userId);
    finish();
    await product.settled();
    expect(guest.videos()).toEqual([]);
    expect(product.lines).toContainEqual(expect.objectContaining({ event: 'delivery ended', state: 'undelivered' }));
    product.discord.tokenLivesMs = 15 * 60_000;
    await watchFromHistory(guest);
  });
});

describe('in telegram', () => {
  test('a person who has blocked the bot finds the video in their history after unblocking it', async () => {
    const { product, guest, finish } = await waiting(onTelegram);
    guest.person.block();
    finish();
    await product.settled();
    expect(guest.videos()).toEqual([]);
    expect(product.lines).toContainEqual(expect.objectContaining({ event: 'delivery ended', state: 'undelivered' }));
    expect(product.telegram.calls.filter(({ method }) => method === 'sendVideo')).toHaveLength(1);
    guest.person.unblock();
    await watchFromHistory(guest);
    expect(await creditsOf(product.app)).toEqual({ available: 38, held: 0 });
  });

  test('a video that Telegram did not take at first is sent again, without another one being made', async () => {
    const { product, guest, finish } = await waiting(onTelegram);
    product.telegram.forced.push({ method: 'sendVideo', answer: 'break before' });
    finish();
    await guest.watches();
    await product.settled();
    expect(product.telegram.forced).toEqual([]);
    expect(guest.videos()).toHaveLength(1);
    expect(product.provider.submitted).toHaveLength(1);
  });
});

async function watchFromHistory(guest: Guest): Promise<void> {
  guest.command('videos');
  guest.press(await guest.reads(/^Your videos\n1\. a fox · 6 s, /), '▶ 1');
  expect((await guest.watches()).text).toMatch(/^a fox\n?Cinematic · Wide 16:9 · 6 s · made /);
}
