import { expect, test } from 'vitest';
import { openOwnProduct, type TestProduct } from '../support/product.ts';
import { type Guest, onDiscord, onTelegram } from './platforms.ts';

const GUILD = { id: '900000000000000001', name: 'Film club' };
const GROUP = { id: -1_000_000_000_001, title: 'Film club' };

/** Two people who see the same messages, and where the second one reads what is meant for them alone. */
const together: [string, (product: TestProduct) => { owner: Guest; stranger: Guest; alone: Guest }][] = [
  [
    'discord',
    (product) => {
      const stranger = onDiscord(product, { name: 'Ben', guild: GUILD });
      return { owner: onDiscord(product, { name: 'Ann', guild: GUILD }), stranger, alone: stranger };
    },
  ],
  [
    'telegram',
    (product) => ({
      owner: onTelegram(product, { id: 4_300_001, group: GROUP }),
      stranger: onTelegram(product, { id: 4_300_002, group: GROUP }),
      alone: onTelegram(product, { id: 4_300_002, acquainted: true }),
    }),
  ],
];

test.each(together)('in %s the buttons of somebody else’s video do nothing to it and cost nothing', async (_platform, meet) => {
  const product = await openOwnProduct();
  const { provider } = product;
  const { owner, stranger, alone } = meet(product);
  provider.answer = { state: 'queued' };
  owner.command('generate', { prompt: 'a fox' });
  stranger.press(await owner.reads(/^Starting now/), 'Cancel');
  await alone.reads(/^There is nothing to cancel/);
  provider.answer = { state: 'succeeded' };
  const video = await owner.watches();
  stranger.press(video, 'Again');
  await stranger.reads(/^I cannot find that video among yours\. \/videos shows them\. Nothing was charged\.$/);
  stranger.press(video, 'My videos');
  await alone.reads(/^No videos yet/);
  stranger.press(video, 'Balance');
  await alone.reads(/^You have 50 credits\./);
  expect(provider.cancelled).toEqual([]);
  expect(provider.submitted).toHaveLength(1);
});
