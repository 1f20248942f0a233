import { describe, expect, test } from 'vitest';
import { SubmitRejected } from '../../core/providers/provider.ts';
import { openOwnProduct } from '../support/product.ts';
import { creditsOf } from '../support/requests.ts';
import { labelsOf, PLATFORMS } from './platforms.ts';

const REASONS = [
  ['content_policy', 'the video model declined this prompt. Try other words'],
  ['invalid_input', 'the video model cannot work with this input. Try another picture or other words'],
  ['provider_error', 'the video model had a problem. Please try again'],
] as const;

describe.each(PLATFORMS)('in %s', (platform, meet) => {
  test('a generation that fails gives the credits back, says why and can be tried again', async () => {
    const product = await openOwnProduct();
    const { provider } = product;
    for (const [reason, words] of REASONS) {
      const guest = meet(product);
      provider.answer = { state: 'failed', reason };
      guest.wish(`a fox, ${reason}`, { seconds: 5 });
      const failed = await guest.reads(/^No video this time/);
      const entry = await product.app.models.ledgerEntries.findOne({ type: 'release' }).sort({ at: -1 }).lean();
      expect(failed.text).toBe(
        `No video this time: ${words}. 10 credits are back, you have 50. Nothing was charged. Entry ${entry?._id}.`,
      );
      expect(labelsOf(failed)).toEqual([['Try again']]);
      if (reason !== 'provider_error') continue;
      provider.answer = { state: 'succeeded' };
      guest.press(failed, 'Try again');
      expect((await guest.watches()).text).toMatch(/a fox, provider_error[\s\S]*10 credits used, 40 left\./);
      expect(guest.videos()).toHaveLength(1);
    }
    const wishes = provider.submitted.map(({ prompt, seconds }) => `${prompt}, ${seconds} s`);
    expect(wishes.slice(-2)).toEqual(['a fox, provider_error, 5 s', 'a fox, provider_error, 5 s']);
    expect(wishes).toHaveLength(4);
  });

  test('a request that the provider refuses at once gives the credits back and says why', async () => {
    const product = await openOwnProduct();
    product.provider.refusals.push(new SubmitRejected('content_policy'));
    const guest = meet(product);
    guest.wish('a fox');
    await guest.reads(
      /^No video this time: the video model declined this prompt\. .* you have 50\. Nothing was charged\. Entry \S+\.$/,
    );
    expect(await creditsOf(product.app)).toEqual({ available: 50, held: 0 });
  });

  test('Cancel stops the work, gives the credits back, and a video that comes too late is not shown', async () => {
    const product = await openOwnProduct();
    const { app, provider } = product;
    provider.answer = { state: 'queued' };
    const guest = meet(product);
    guest.command('balance');
    await guest.reads(/^You have 50 credits/);
    guest.wish('a fox');
    const accepted = await guest.reads(/^Starting now/);
    // With the answer this is more than Telegram takes at once: the announcement is mended when it takes words again.
    guest.press(accepted, 'Cancel');
    await guest.reads(/^Cancelled\. 12 credits are back, you have 50\.$/);
    expect(await guest.reads(/Nothing was charged\. Entry \S+\.$/)).toMatchObject({ id: accepted.id, buttons: [], edited: true });
    provider.answer = { state: 'succeeded' };
    await product.settled();
    expect(provider.cancelled).toHaveLength(1);
    expect(guest.videos()).toEqual([]);
    expect(await creditsOf(app)).toEqual({ available: 50, held: 0 });
    guest.command('cancel');
    await guest.reads(/^There is nothing to cancel/);
  });

  test('Again makes the same once more, and My videos shows what there is to be watched again', async () => {
    const product = await openOwnProduct();
    const { telegram, provider } = product;
    const guest = meet(product);
    guest.wish('a fox', { style: 'noir', seconds: 2 });
    const first = await guest.watches();
    guest.press(first, 'Again');
    const second = await guest.watches();
    expect(second.text).toContain('4 credits used, 42 left.');
    expect(provider.submitted).toHaveLength(2);
    expect(provider.submitted[1]).toMatchObject({ prompt: 'a fox', style: 'noir', seconds: 2 });
    expect(provider.submitted[1]?.seed).not.toBe(provider.submitted[0]?.seed);

    guest.press(second, 'My videos');
    const list = await guest.reads(/^Your videos\n1\. a fox · 2 s, .*\n2\. a fox · 2 s, /);
    expect(labelsOf(list)).toEqual([['▶ 1', '▶ 2']]);
    guest.press(list, '▶ 2');
    const shown = await guest.watches();
    expect(shown.text).toMatch(/^a fox\n?Noir · Wide 16:9 · 2 s · made /);
    expect(shown.ephemeral).toBe(platform === 'discord');
    expect(labelsOf(shown)).toEqual([['Again', 'Download', 'My videos']]);
    expect(provider.submitted).toHaveLength(2);
    expect(shown.files[0]?.size).toBe(first.files[0]?.size);
    // Telegram is given its own handle of the first upload instead of the bytes.
    const uploads = telegram.calls.filter(({ method }) => method === 'sendVideo').map(({ files }) => files.length > 0);
    expect(uploads).toEqual(platform === 'telegram' ? [true, true, false] : []);
  });
});
