import { describe, expect, test } from 'vitest';
import { openOwnProduct, type TestProduct } from '../support/product.ts';
import { onTelegram, PLATFORMS } from './platforms.ts';

/** What the person was charged for, and what the provider was asked for. */
async function paid({ app, provider }: TestProduct) {
  const entries = await app.models.ledgerEntries.find().sort({ seq: 1 }).lean();
  const [account] = await app.models.creditAccounts.find().lean();
  return {
    operations: entries.map(({ type }) => type),
    available: account?.available,
    held: account?.held,
    generations: await app.models.generations.countDocuments(),
    submitted: provider.submitted.length,
  };
}

const ONCE = { operations: ['grant', 'reserve', 'capture'], available: 38, held: 0, generations: 1, submitted: 1 };
const TWICE = {
  operations: ['grant', 'reserve', 'capture', 'reserve', 'capture'],
  available: 26,
  held: 0,
  generations: 2,
  submitted: 2,
};

describe.each(PLATFORMS)('in %s', (_platform, meet) => {
  test('what is delivered three times is made, charged and shown once', async () => {
    const product = await openOwnProduct();
    product.discord.deliverTimes = 3;
    product.telegram.deliverTwice = 3;
    const guest = meet(product);
    guest.wish('a fox');
    const video = await guest.watches();
    await product.settled();
    expect(await paid(product)).toEqual(ONCE);
    expect(guest.videos()).toHaveLength(1);

    guest.press(video, 'Again');
    await guest.watches();
    await product.settled();
    expect(await paid(product)).toEqual(TWICE);
    expect(guest.videos()).toHaveLength(2);
    expect(guest.person.messages().filter(({ from, pending }) => from === 'bot' && !pending)).toHaveLength(2);
  });
});

describe('a Telegram webhook', () => {
  const SECRET = 'secret_of_this_webhook';
  const settings = { TELEGRAM_WEBHOOK_URL: 'https://127.0.0.1:1', TELEGRAM_WEBHOOK_SECRET: SECRET };

  /** Telegram's own deliveries go nowhere; the test makes them. */
  async function openWebhook() {
    const product = await openOwnProduct({ settings });
    const post = async (body: string, secret?: string) => {
      const headers = secret === undefined ? {} : { 'x-telegram-bot-api-secret-token': secret };
      return (await fetch(`${product.url}/webhooks/telegram`, { method: 'POST', headers, body })).status;
    };
    return { product, post };
  }

  test('takes an update that comes three times as one', async () => {
    const { product, post } = await openWebhook();
    const guest = onTelegram(product);
    guest.wish('a fox');
    const [update] = product.telegram.pending();
    const body = JSON.stringify(update);
    expect(await Promise.all([post(body, SECRET), post(body, SECRET)])).toEqual([200, 200]);
    await guest.watches();
    expect(await post(body, SECRET)).toBe(200);
    expect(await paid(product)).toEqual(ONCE);
    expect(guest.videos()).toHaveLength(1);
  });

  test('takes nothing from whoever does not know its secret', async () => {
    const { product, post } = await openWebhook();
    const guest = onTelegram(product);
    guest.wish('a fox');
    const [update] = product.telegram.pending();
    const body = JSON.stringify(update);
    expect([await post(body), await post(body, ''), await post(body, `${SECRET}!`)]).toEqual([404, 404, 404]);
    expect(await post('{"update_id":-1}', SECRET)).toBe(400);
    expect(await post('no JSON', SECRET)).toBe(400);
    expect(await post(' '.repeat(1_000_001), SECRET)).toBe(413);
    expect(await paid(product)).toMatchObject({ operations: [], generations: 0, submitted: 0 });
    expect(await post(body, SECRET)).toBe(200);
    await guest.watches();
  });
});
