import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DiscordSimulator } from '../../simulator/discord/index.ts';
import { openOwnProduct, openProduct, type TestProduct } from '../support/product.ts';
import { badPictures, goodPicture } from './pictures.ts';
import { type Guest, onTelegram, PLATFORMS } from './platforms.ts';

const MIB = 1024 * 1024;

const CASES: [what: string, ask: (guest: Guest) => void, answer: RegExp][] = [
  ['no words at all', (guest) => guest.command('generate'), /^Tell me what the video should show, for example: \/generate a fox/],
  ['only blanks', (guest) => guest.command('generate', { prompt: '  \n ' }), /^Tell me what the video should show/],
  [
    '5,000 letters',
    (guest) => guest.wish('a'.repeat(5_000)),
    /^Your prompt has (5000|4096) letters, and I can read 1000\. Shorten it/,
  ],
  [
    'an unknown style',
    (guest) => guest.wish('a fox', { style: 'cubist' }),
    /^I do not know that style\. Choose one of: cinematic, neon, noir, retro, natural\./,
  ],
  ['an unknown shape', (guest) => guest.wish('a fox', { ratio: '3:7' }), /^I do not know that ratio\. Choose one of: 16:9, 9:16/],
  ['a video that is too long', (guest) => guest.wish('a fox', { seconds: 600 }), /^seconds is a whole number from 2 to 10\./],
  ['a video of no length', (guest) => guest.wish('a fox', { seconds: 0 }), /^seconds is a whole number from 2 to 10\./],
  [
    'a PDF named .png',
    (guest) => guest.animate(badPictures.disguised, 'go'),
    /^That file is not a picture I can read\. Send a JPEG/,
  ],
  [
    '100 million pixels',
    (guest) => guest.animate(badPictures.bomb, 'go'),
    /^That picture has more than 40 million pixels\. Make it/,
  ],
  [
    'a picture of 21 MB',
    (guest) => guest.animate(badPictures.heavy, 'go'),
    /^That picture has 21 MB, and I can take 20\. Send a smaller/,
  ],
  [
    'a picture of 16 pixels',
    (guest) => guest.animate(badPictures.tiny, 'go'),
    /^That picture is too small or too narrow: I need 64 pixels/,
  ],
  [
    'half a picture',
    (guest) => guest.animate(badPictures.broken, 'go'),
    /^That picture is damaged or incomplete\. Send it again/,
  ],
  [
    'a picture with a caption of 1,001 letters',
    (guest) => guest.animate(badPictures.tiny, 'a'.repeat(1_001)),
    /^Your prompt has 1001 letters, and I can read 1000\./,
  ],
];

describe.each(PLATFORMS)('in %s', (_platform, meet) => {
  let product: TestProduct;
  beforeAll(async () => {
    product = await openProduct();
    product.discord.attachmentLimit = 30 * MIB;
    forgetLimits(product.discord);
    return () => product.close();
  });
  afterAll(async () => {
    expect(product.provider.submitted).toEqual([]);
  });

  test.each(CASES)('%s: gets a clear answer and costs nothing', async (_what, ask, answer) => {
    const guest = meet(product);
    ask(guest);
    const { text } = await guest.reads(answer);
    expect(text).toMatch(/Nothing was charged\.$/);
    guest.command('balance');
    await guest.reads(/^You have 50 credits\.\n/);
    expect(await product.app.models.generations.countDocuments()).toBe(0);
  });
});

/** A Discord client may show a menu of yesterday: this one lets everything through. */
function forgetLimits(discord: DiscordSimulator): void {
  const limits = { choices: undefined, max_length: undefined, min_value: undefined, max_value: undefined };
  for (const option of discord.commands().flatMap(({ options }) => options ?? [])) Object.assign(option, limits);
}

describe.each(PLATFORMS)('in %s, with too few credits', (platform, meet) => {
  test('a request is declined with its price, before any picture is fetched', async () => {
    const product = await openOwnProduct({ settings: { WELCOME_CREDITS: '3' } });
    const guest = meet(product);
    guest.wish('a fox');
    await guest.reads(
      /^This video costs 12 credits and you have 3\. A shorter one costs less: two credits a second\. \/buy has more\. Nothing was charged\.$/,
    );
    guest.animate(await goodPicture(), 'go', { seconds: 2 });
    await guest.reads(/^This video costs 6 credits and you have 3\./);
    guest.command('balance');
    await guest.reads(/^You have 3 credits\./);
    expect(product.provider.submitted).toEqual([]);
    expect(await product.app.models.generations.countDocuments({ state: { $ne: 'rejected' } })).toBe(0);
    if (platform === 'telegram') expect(product.telegram.calls.map(({ method }) => method)).not.toContain('getFile');
  });

  test('a request is declined with the way out while other videos hold the credits', async () => {
    const product = await openOwnProduct();
    product.provider.answer = { state: 'queued' };
    const guest = meet(product);
    guest.wish('a fox', { seconds: 10 });
    await guest.reads(/20 credits reserved, 30 left\./);
    guest.wish('a ship', { seconds: 10 });
    await guest.reads(/20 credits reserved, 10 left\./);
    guest.wish('a castle', { seconds: 10 });
    await guest.reads(
      /^This video costs 20 credits\. You have 10 free, and 40 are set aside .*\/cancel\. Nothing was charged\.$/,
    );
    product.provider.answer = { state: 'succeeded' };
    expect([await guest.watches(), await guest.watches()]).toHaveLength(2);
  });
});

describe('in telegram', () => {
  test('a picture that Telegram does not hand over for its size is declined', async () => {
    const product = await openOwnProduct();
    product.telegram.downloadLimit = 100;
    const guest = onTelegram(product);
    guest.animate(await goodPicture(), 'go');
    await guest.reads(/^That picture is too large: send one of at most 20 MB\. Nothing was charged\.$/);
    guest.command('balance');
    await guest.reads(/^You have 50 credits\./);
  });

  test('what is neither words nor a picture, and a command that is none, get an answer too', async () => {
    const product = await openOwnProduct();
    const guest = onTelegram(product);
    guest.person.sendPicture({ name: 'plan.pdf', data: badPictures.disguised.data }, '');
    await guest.reads(/^I can read text and pictures: .* Nothing was charged\.$/);
    guest.command('dance');
    await guest.reads(/^I do not know that command\. \/help shows what I can do\.$/);
  });
});
