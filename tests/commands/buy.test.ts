import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Reply } from '../../core/chat.ts';
import { TELEGRAM_LINKS_ACCEPTED } from '../../core/config.ts';
import { restrict } from '../../core/payments/reverse.ts';
import { starsPaid } from '../../core/payments/stars.ts';
import { testEnvironment } from '../support/app.ts';
import { ask, discordPlace, links, pressable } from '../support/requests.ts';
import { openShop } from '../support/shop.ts';

const skusOf = ({ buttons = [] }: Reply) => buttons.flat().flatMap((button) => ('sku' in button ? [button.sku] : []));

const SKUS = { DISCORD_SKUS: 'pack-s=901,pack-m=902,pack-l=903,plan-plus=904,plan-pro=905' };

test('lists packs and plans with what they are worth, and sells for Stars on Telegram', async () => {
  const { app } = await openShop();
  const list = await ask(app, { command: 'buy' });
  expect(list.private).toBe(true);
  expect(list.words).toContain('Medium pack: 300 credits, 150 s of video, 900 Stars\n');
  expect(list.words).toContain('Plus: 300 credits each month, 150 s of video, 700 Stars a month\n');
  expect(list.words).toMatch(/Plans renew each month until you end them, which \/billing shows you/);
  expect(pressable(list).map(({ command }) => command)).toEqual(
    ['pack-s', 'pack-m', 'pack-l', 'plan-plus', 'plan-pro'].map((item) => `buy item=${item} with=stars`),
  );
  expect(await app.models.payments.countDocuments()).toBe(0);
});

test('sells by card on Telegram only where the operator has switched that on', async () => {
  const { app } = await openShop();
  const refused = await ask(app, { command: 'buy', words: 'item=pack-m with=card' });
  expect(refused.words).toBe('This cannot be bought that way here. /buy shows what can.');
  const { app: open } = await openShop({}, { TELEGRAM_STRIPE_LINKS: TELEGRAM_LINKS_ACCEPTED });
  const list = await ask(open, { command: 'buy' });
  expect(list.words).toContain('Medium pack: 300 credits, 150 s of video, 900 Stars or $12.99\n');
  expect(pressable(list).map(({ command }) => command)).toContain('buy item=pack-m with=card');
  expect((await ask(open, { command: 'buy', words: 'item=pack-m' })).invoice?.stars).toBe(900);
  expect(links(await ask(open, { command: 'buy', words: 'item=pack-m with=card' }))).toHaveLength(1);
});

test('answers with a Stars invoice that names the order, and with the same order at a second press', async () => {
  const { app } = await openShop();
  const first = await ask(app, { command: 'buy', words: 'item=pack-m with=stars' });
  const second = await ask(app, { command: 'buy', words: 'item=pack-m with=stars' });
  const order = await app.models.payments.findOne().lean();
  expect(order).toMatchObject({ provider: 'telegram_stars', status: 'open', amountMinor: 900, currency: 'XTR' });
  expect(first.invoice).toEqual({
    title: 'Medium pack',
    description: '300 credits, 150 s of video',
    order: order?._id,
    stars: 900,
    monthly: false,
  });
  expect(second.invoice).toEqual(first.invoice);
  expect((await ask(app, { command: 'buy', words: 'item=plan-pro with=stars' })).invoice).toMatchObject({
    monthly: true,
    stars: 2100,
  });
});

test('answers with a link to our own page on Discord, which asks Stripe for nothing yet', async () => {
  const { app, stripe } = await openShop();
  const place = discordPlace();
  const list = await ask(app, { command: 'buy', place });
  expect(pressable(list).map(({ command }) => command)).toContain('buy item=pack-m with=card');
  const reply = await ask(app, { command: 'buy', words: 'item=pack-m with=card', place });
  const order = await app.models.payments.findOne({ provider: 'stripe' }).lean();
  expect(order).toMatchObject({ status: 'created', item: 'pack-m', amountMinor: 1299 });
  expect(links(reply)).toEqual([{ label: 'Pay $12.99', url: `http://localhost:8080/pay/${order?._id}` }]);
  expect(stripe.sessions.size).toBe(0);
});

test('shows Discord’s own button for whatever has a SKU, and remembers whom to tell of it', async () => {
  const { app } = await openShop({}, SKUS);
  const list = await ask(app, { command: 'buy', place: discordPlace() });
  expect(skusOf(list)).toEqual(['901', '902', '903', '904', '905']);
  expect(list.words).toContain('Medium pack: 300 credits, 150 s of video, $12.99\n');
  expect(list.buttons?.length).toBeLessThanOrEqual(5);
  const orders = await app.models.payments.find({ provider: 'discord' }).lean();
  expect(orders.map(({ item }) => item).sort()).toEqual(['pack-l', 'pack-m', 'pack-s', 'plan-plus', 'plan-pro']);
  expect(orders.every(({ place, status }) => place && status === 'open')).toBe(true);
  await ask(app, { command: 'buy', place: discordPlace() });
  expect(await app.models.payments.countDocuments()).toBe(5);
});

test('offers no way of Discord’s on Telegram, and none of Telegram’s on Discord', async () => {
  const { app } = await openShop({}, SKUS);
  expect(skusOf(await ask(app, { command: 'buy' }))).toEqual([]);
  for (const [way, place] of [
    ['premium', undefined],
    ['stars', discordPlace()],
  ] as const) {
    const reply = await ask(app, { command: 'buy', words: `item=pack-m with=${way}`, ...(place && { place }) });
    expect(reply.words).toBe('This cannot be bought that way here. /buy shows what can.');
  }
});

test('the button of a forwarded invoice shows its presser what there is, and orders nothing', async () => {
  const { app } = await openShop();
  const reply = await ask(app, { command: 'start', words: 'buy' });
  expect(reply.words).toContain('Medium pack: 300 credits');
  expect(reply.private).toBe(true);
  expect(await app.models.payments.countDocuments()).toBe(0);
});

test('does not sell a second plan', async () => {
  const { app, clock } = await openShop();
  const { invoice } = await ask(app, { command: 'buy', words: 'item=plan-plus with=stars' });
  const subscription = { first: true, until: clock.at + 30 * 86_400_000 };
  await starsPaid(app, { order: invoice?.order ?? '', charge: 'charge-1', stars: 700, user: '77', subscription });
  const list = await ask(app, { command: 'buy' });
  expect(pressable(list).map(({ command }) => command)).toEqual(
    ['pack-s', 'pack-m', 'pack-l'].map((item) => `buy item=${item} with=stars`),
  );
  expect(list.words).toContain('You have Plus; /billing changes or ends it.');
  expect((await ask(app, { command: 'buy', words: 'item=plan-pro with=stars' })).words).toContain('You have a plan already.');
});

test('sells nothing to somebody whose payment is disputed', async () => {
  const { app, clock } = await openShop({}, SKUS);
  const place = discordPlace();
  await ask(app, { command: 'buy', words: 'item=pack-m with=card', place });
  const order = await app.models.payments.findOne({ provider: 'stripe' }).lean();
  await restrict(app, order?._id ?? '', 'warning:1', true, clock.at);
  const list = await ask(app, { command: 'buy', place });
  expect(list.buttons).toEqual([]);
  expect(list.words).toContain('nothing can be bought now');
  expect((await ask(app, { command: 'buy', words: 'item=pack-m with=card', place })).words).toContain('is being disputed');
});

test('does not know an item that is not in the catalogue', async () => {
  const { app } = await openShop();
  expect((await ask(app, { command: 'buy', words: 'item=pack-x with=stars' })).words).toBe(
    'I do not sell that any more. /buy shows what there is.',
  );
});

test('a long catalogue still fits five rows of five buttons', async () => {
  const file = join(testEnvironment().DATA_DIR ?? '', 'catalog.json');
  const items = Array.from({ length: 12 }, (_, index) => ({
    ...{ id: `pack-${'x'.repeat(18)}${index % 10}${Math.floor(index / 10)}`, kind: 'pack', name: `Pack ${index}`, credits: 10 },
    stars: 10 + index,
  }));
  writeFileSync(file, JSON.stringify({ version: 'long', items }));
  const { app } = await openShop({}, { CATALOG_FILE: file });
  const list = await ask(app, { command: 'buy' });
  expect(pressable(list)).toHaveLength(12);
  expect(list.buttons?.length).toBeLessThanOrEqual(5);
  for (const { command } of pressable(list)) expect(Buffer.byteLength(command)).toBeLessThanOrEqual(64);
});
