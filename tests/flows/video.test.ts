import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { openOwnProduct } from '../support/product.ts';
import { sampleVideo } from '../support/provider.ts';
import { goodPicture } from './pictures.ts';
import { labelsOf, onTelegram, PLATFORMS } from './platforms.ts';

const bytesBehind = async (url: string): Promise<Buffer> => Buffer.from(await (await fetch(url)).arrayBuffer());

describe.each(PLATFORMS)('in %s', (platform, meet) => {
  test('a prompt becomes a video in the same chat', async () => {
    const product = await openOwnProduct();
    const { provider } = product;
    provider.answer = { state: 'queued' };
    const guest = meet(product);
    guest.wish('a fox in a neon city', { style: 'neon', ratio: '9:16', seconds: 4 });
    const accepted = await guest.reads(/^Starting now, about 10 s\. 8 credits reserved, 42 left\.\nNeon · Tall 9:16 · 4 s$/);
    expect(labelsOf(accepted)).toEqual([['Cancel']]);

    provider.answer = { state: 'running', progress: 0.5 };
    const progress = await guest.reads(/^Making your video {2}▰▰▰▰▰▱▱▱▱▱ 50 %\n8 credits reserved\.$/);
    expect(progress).toMatchObject({ id: accepted.id, edited: true });
    expect(labelsOf(progress)).toEqual([['Cancel']]);

    provider.answer = { state: 'succeeded' };
    const delivered = await guest.watches();
    expect(delivered.text).toMatch(
      /^Your video is ready\.\n?a fox in a neon city\n?Neon · Tall 9:16 · 4 s\n8 credits used, 42 left\.\nA test clip\.$/,
    );
    expect(labelsOf(delivered)).toEqual([['Again', 'My videos', 'Balance']]);
    expect(await bytesBehind(delivered.files[0]?.url ?? '')).toEqual(await sampleVideo());
    guest.press(delivered, 'Balance');
    await guest.reads(/^You have 42 credits\.\n/);
    await product.settled();

    // In Discord the video takes the place of the announcement, in Telegram it follows the question and the announcement goes.
    expect(delivered.id === accepted.id).toBe(platform === 'discord');
    expect(guest.person.messages().filter(({ text }) => /Starting now|Making your video/.test(text))).toEqual([]);
    expect(guest.videos()).toHaveLength(1);
    expect(provider.submitted).toEqual([
      expect.objectContaining({ prompt: 'a fox in a neon city', style: 'neon', aspectRatio: '9:16', seconds: 4 }),
    ]);
  });

  test('a picture with a few words becomes a video', async () => {
    const product = await openOwnProduct();
    const guest = meet(product);
    guest.animate(await goodPicture(), 'slowly towards the light', { seconds: 3 });
    const delivered = await guest.watches();
    expect(delivered.text).toMatch(/slowly towards the light\n?Cinematic · Wide 16:9 · 3 s\n8 credits used, 42 left\./);
    const [submitted] = product.provider.submitted;
    expect(submitted).toMatchObject({ prompt: 'slowly towards the light', seconds: 3 });
    expect(await sharp(submitted?.image).metadata()).toMatchObject({ format: 'jpeg', width: 320, height: 240 });
  });

  test('whoever asks while others wait reads their place in the line', async () => {
    const product = await openOwnProduct();
    product.provider.answer = { state: 'queued' };
    const [first, second, third] = [meet(product), meet(product), meet(product)];
    first.wish('a fox');
    await first.reads(/^Starting now/);
    second.wish('a ship');
    await second.reads(/^Queued, 2nd in line, about 10 s\./);
    third.wish('a castle');
    await third.reads(/^Queued, 3rd in line, about 10 s\./);
    product.provider.answer = { state: 'succeeded' };
    const videos = await Promise.all([first.watches(), second.watches(), third.watches()]);
    expect(videos.map(({ text }) => /fox|ship|castle/.exec(text)?.[0])).toEqual(['fox', 'ship', 'castle']);
  });

  test('what a person has set once holds for their next videos', async () => {
    const product = await openOwnProduct();
    const guest = meet(product);
    guest.command('settings', { style: 'noir', seconds: 2 });
    const saved = await guest.reads(/^Saved\. Unless you say otherwise: Noir · Wide 16:9 · 2 s\./);
    guest.press(saved, 'Square 1:1');
    await guest.reads(/^Saved\. Unless you say otherwise: Noir · Square 1:1 · 2 s\./);
    guest.wish('a fox', { style: 'retro' });
    const delivered = await guest.watches();
    expect(delivered.text).toContain('Retro · Square 1:1 · 2 s\n4 credits used, 46 left.');
  });
});

test('in Telegram a plain message is /generate, and options are words behind it', async () => {
  const product = await openOwnProduct();
  const [typing, calling] = [onTelegram(product), onTelegram(product)];
  typing.person.say('a fox\nin the rain Style=Neon seconds=2 ratio=1:1');
  calling.person.say('/generate style=neon a fox\nin the rain seconds=2 ratio=1:1');
  await Promise.all([typing.watches(), calling.watches()]);
  const asked = { prompt: 'a fox\nin the rain', style: 'neon', aspectRatio: '1:1', seconds: 2 };
  expect(product.provider.submitted).toEqual([expect.objectContaining(asked), expect.objectContaining(asked)]);
});
