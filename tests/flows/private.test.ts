import { expect, test } from 'vitest';
import { openOwnProduct } from '../support/product.ts';
import { onDiscord, onTelegram } from './platforms.ts';

const PRIVATE: [string, RegExp][] = [
  ['balance', /^You have 50 credits\./],
  ['videos', /^No videos yet\./],
  ['settings', /^Your settings\./],
  ['cancel', /^There is nothing to cancel/],
  ['privacy', /^Your privacy/],
  ['help', /\/generate Make a video from your words/],
];

test('in a Discord server what concerns one person is seen by that person only', async () => {
  const product = await openOwnProduct();
  const guild = { id: '900000000000000001', name: 'Film club' };
  const [asking, looking] = [onDiscord(product, { name: 'Ann', guild }), onDiscord(product, { name: 'Ben', guild })];
  for (const [command, answer] of PRIVATE) {
    asking.command(command);
    expect(await asking.reads(answer)).toMatchObject({ ephemeral: true });
  }
  asking.wish('a fox');
  expect(await asking.watches()).toMatchObject({ ephemeral: false });
  const others = looking.person.messages().filter(({ from }) => from === 'bot');
  expect(others.map(({ text }) => text)).toEqual([expect.stringMatching(/^Your video is ready\./)]);
});

test('in a Telegram group what concerns one person is answered in their private chat', async () => {
  const product = await openOwnProduct();
  const id = 4_300_001;
  const inGroup = onTelegram(product, { id, group: { id: -1_000_000_000_001, title: 'Film club' } });
  const alone = onTelegram(product, { id, acquainted: true });
  for (const [command, answer] of PRIVATE.slice(0, 3)) {
    inGroup.command(command);
    await alone.reads(answer);
  }
  inGroup.command('generate', { prompt: 'a fox' });
  const video = await inGroup.watches();
  expect(video.text).toMatch(/^Your video is ready\./);
  await product.settled();
  const inPublic = inGroup.person.messages().filter(({ from, files }) => from === 'bot' && files.length === 0);
  expect(new Set(inPublic.map(({ text }) => text))).toEqual(new Set(["I've answered you in our private chat."]));
});

test('in a Telegram group whoever has never opened the private chat is shown the way to it', async () => {
  const product = await openOwnProduct();
  const guest = onTelegram(product, { group: { id: -1_000_000_000_002, title: 'Film club' } });
  guest.command('balance');
  await guest.reads(/^Open a private chat with me first/);
});

test('in a Telegram group the bot answers what is meant for it and nothing else', async () => {
  const product = await openOwnProduct();
  const guest = onTelegram(product, { group: { id: -1_000_000_000_003, title: 'Film club' } });
  guest.person.say('what a film that was');
  guest.person.say('/generate@another_bot a fox');
  guest.command('generate', { prompt: 'a ship' });
  await guest.watches();
  expect(product.provider.submitted.map(({ prompt }) => prompt)).toEqual(['a ship']);
});
