// Defects T6, T7, T8 and T12 that peers were found to have; credits.test.ts says where the others are proven.
import { createHmac } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createApp } from '../../core/app.ts';
import { readConfig } from '../../core/config.ts';
import { starsPaid } from '../../core/payments/stars.ts';
import { start } from '../../main.ts';
import { createDiscordSimulator } from '../../simulator/discord/index.ts';
import { createStripeSimulator } from '../../simulator/stripe/index.ts';
import { createTelegramSimulator } from '../../simulator/telegram/index.ts';
import * as deliver from '../../workers/deliver.ts';
import * as generate from '../../workers/generate.ts';
import { run } from '../../workers/payments.ts';
import { onDiscord, onTelegram } from '../flows/platforms.ts';
import { silence, testEnvironment } from '../support/app.ts';
import { openOwnProduct } from '../support/product.ts';
import { createScriptedProvider } from '../support/provider.ts';
import { ask, discordPlace, pressable } from '../support/requests.ts';
import { recordSends } from '../support/sends.ts';
import { balanceOf, newPerson, openShop, order, sessionOf } from '../support/shop.ts';

const DAY = 86_400_000;
const SECRET = 'secret_of_this_webhook';
/** Telegram's own deliveries go nowhere; the test makes them. */
const WEBHOOK = { TELEGRAM_WEBHOOK_URL: 'https://127.0.0.1:1', TELEGRAM_WEBHOOK_SECRET: SECRET };

test('forged callbacks change nothing, and genuine ones move what our own documents say, once (T6)', async () => {
  const stripe = await createStripeSimulator({ seed: 7 });
  onTestFinished(() => stripe.close());
  const keys = { STRIPE_SECRET_KEY: stripe.apiKey, STRIPE_WEBHOOK_SECRET: stripe.webhookSecret, STRIPE_API: stripe.url };
  const { app, url, settled } = await openOwnProduct({ settings: { ...WEBHOOK, ...keys, WELCOME_CREDITS: '0' } });
  const post = async (path: string, body: string, headers: Record<string, string>) =>
    (await fetch(`${url}/webhooks/${path}`, { method: 'POST', body, headers })).status;

  const stars = await order(app, 'pack-s', 'telegram_stars', await newPerson(app, '4711'));
  const chat = { id: 4711, type: 'private', first_name: 'Ann' };
  const successful_payment = {
    currency: 'XTR',
    total_amount: 1_000_000,
    invoice_payload: stars.order._id,
    telegram_payment_charge_id: 'charge-1',
    provider_payment_charge_id: '',
  };
  const message = { message_id: 1, date: 1, chat, from: { id: 4711, is_bot: false, first_name: 'Ann' }, successful_payment };
  const paid = (update_id: number) => JSON.stringify({ update_id, message });
  const secret = { 'x-telegram-bot-api-secret-token': SECRET };
  expect(await post('telegram', paid(1), {})).toBe(404);
  expect(await post('telegram', paid(1), { 'x-telegram-bot-api-secret-token': 'secret_of_somebody_else' })).toBe(404);
  expect(await app.models.storedUpdates.countDocuments()).toBe(0);
  for (const id of [1, 1, 1, 2, 3]) expect(await post('telegram', paid(id), secret)).toBe(200);
  await vi.waitFor(async () => expect((await balanceOf(app, stars.account.id)).available).toBe(100), { timeout: 10_000 });

  const card = await order(app, 'pack-s', 'stripe');
  const session = await sessionOf(app, card.order._id);
  const claimed = {
    id: session,
    object: 'checkout.session',
    payment_status: 'paid',
    status: 'complete',
    amount_total: 1_000_000,
  };
  const event = JSON.stringify({ id: 'evt_1', object: 'event', type: 'checkout.session.completed', data: { object: claimed } });
  const seconds = Math.floor(Date.now() / 1_000);
  const sign = (key: string) => ({
    'stripe-signature': `t=${seconds},v1=${createHmac('sha256', key).update(`${seconds}.${event}`).digest('hex')}`,
  });
  expect(await post('stripe', event, {})).toBe(400);
  expect(await post('stripe', event, sign('whsec_of_somebody_else'))).toBe(400);
  expect(await app.models.processedEvents.countDocuments()).toBe(0);
  expect(await post('stripe', event, sign(stripe.webhookSecret))).toBe(200);
  await run(app, 'stripe_evt_1');
  expect(await balanceOf(app, card.account.id)).toEqual({ available: 0, held: 0, debt: 0 });
  stripe.pay(session, 'card');
  const again = event.replace('evt_1', 'evt_2');
  const signed = createHmac('sha256', stripe.webhookSecret).update(`${seconds}.${again}`).digest('hex');
  for (let times = 0; times < 5; times++) {
    expect(await post('stripe', again, { 'stripe-signature': `t=${seconds},v1=${signed}` })).toBe(200);
  }
  await Promise.all([run(app, 'stripe_evt_2'), run(app, 'stripe_evt_2')]);
  expect(await balanceOf(app, card.account.id)).toEqual({ available: 100, held: 0, debt: 0 });
  await settled();
  expect(await balanceOf(app, stars.account.id)).toEqual({ available: 100, held: 0, debt: 0 });
  expect(await app.models.ledgerEntries.countDocuments({ type: 'grant' })).toBe(2);
});

test('no configuration takes callbacks without having the secret to check them by (T8)', () => {
  expect(() => readConfig({ TELEGRAM_WEBHOOK_URL: 'https://bot.example.com' })).toThrow('TELEGRAM_WEBHOOK_SECRET: is needed');
  expect(() => readConfig({ ...WEBHOOK, TELEGRAM_WEBHOOK_SECRET: '' })).toThrow('TELEGRAM_WEBHOOK_SECRET: is needed');
  expect(() => readConfig({ ...WEBHOOK, TELEGRAM_WEBHOOK_SECRET: 'short' })).toThrow('TELEGRAM_WEBHOOK_SECRET: must be');
  expect(() => readConfig({ STRIPE_SECRET_KEY: 'sk_test_1' })).toThrow('STRIPE_WEBHOOK_SECRET: is needed');
  expect(() => readConfig({ STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_WEBHOOK_SECRET: '' })).toThrow('STRIPE_WEBHOOK_SECRET');
});

/** Both platforms and one clock for them and the product, which may be stopped and started again. */
async function openPlatforms() {
  const clock = { aheadMs: 0 };
  const now = () => Date.now() + clock.aheadMs;
  const discord = await createDiscordSimulator({ now });
  const telegram = await createTelegramSimulator({ now });
  const provider = await createScriptedProvider();
  const environment = testEnvironment({ TELEGRAM_TOKEN: telegram.token, TELEGRAM_API: telegram.url });
  onTestFinished(async () => {
    await Promise.all([discord.close(), telegram.close()]);
    await rm(environment.DATA_DIR ?? '', { recursive: true });
  });
  const begin = async (settings: Record<string, string> = {}) => {
    const product = await start({ ...environment, ...settings }, () => {}, { provider, now, log: silence });
    onTestFinished(() => product.close());
    return product;
  };
  const withDiscord = { DISCORD_TOKEN: discord.token, DISCORD_API: discord.api };
  return { clock, discord, telegram, provider, begin, withDiscord };
}

test('a restart handles fifty updates that wait, a payment among them, each once (T7)', async () => {
  const { telegram, provider, begin } = await openPlatforms();
  provider.answer = { state: 'queued' };
  const first = await begin();
  const buyer = onTelegram({ telegram });
  buyer.command('buy');
  buyer.press(await buyer.reads(/Small pack: 100 credits/), 'Small pack: 350 Stars');
  const { id: invoice } = await buyer.person.until(({ invoice }) => invoice !== undefined);
  await vi.waitFor(() => expect(telegram.pending()).toEqual([]), { timeout: 5_000 });
  await first.close();

  const askers = Array.from({ length: 20 }, () => onTelegram({ telegram }));
  for (const { person } of askers) person.command('balance');
  buyer.person.pay(invoice);
  const question = telegram.pending().find(({ pre_checkout_query }) => pre_checkout_query)?.pre_checkout_query;
  const allowed = `pre_checkout_query_id=${question?.id}&ok=true`;
  // As if the process had died right after it said yes.
  await fetch(`${telegram.url}/bot${telegram.token}/answerPreCheckoutQuery?${allowed}`);
  const wishers = Array.from({ length: 28 }, () => onTelegram({ telegram }));
  for (const wisher of wishers) wisher.wish('a fox');
  expect(telegram.pending()).toHaveLength(50);
  expect(telegram.pending().filter(({ message }) => message?.successful_payment)).toHaveLength(1);

  const { app } = await begin();
  await Promise.all(askers.map((guest) => guest.reads(/^You have 50 credits\./)));
  await Promise.all(wishers.map((guest) => guest.reads(/^(Starting now|Queued)/)));
  await buyer.reads(/150/);
  await vi.waitFor(() => expect(telegram.pending()).toEqual([]), { timeout: 5_000 });
  for (const { person } of [...askers, ...wishers]) {
    expect(person.messages().filter(({ from, pending }) => from === 'bot' && !pending)).toHaveLength(1);
  }
  const grants = await app.models.ledgerEntries.find({ type: 'grant', op: { $not: /welcome/ } }).lean();
  expect(grants).toHaveLength(1);
  const granted = grants[0]?.accountId ?? '';
  expect(await balanceOf(app, granted)).toEqual({ available: 150, held: 0, debt: 0 });
  expect(await app.models.payments.countDocuments({ status: 'paid' })).toBe(1);
  expect(await app.models.generations.countDocuments()).toBe(28);
  expect(await app.models.ledgerEntries.countDocuments({ type: 'reserve' })).toBe(28);
}, 60_000);

test('a webhook is registered with its secret and with the question before a payment, and drops nothing that waits (T7)', async () => {
  const { telegram, begin } = await openPlatforms();
  const guest = onTelegram({ telegram });
  guest.wish('a fox');
  await begin(WEBHOOK);
  const answer = await fetch(`${telegram.url}/bot${telegram.token}/getWebhookInfo`);
  const { result } = (await answer.json()) as { result: Record<string, unknown> };
  expect(result).toMatchObject({ url: `${WEBHOOK.TELEGRAM_WEBHOOK_URL}/webhooks/telegram`, pending_update_count: 1 });
  expect(result.allowed_updates).toEqual(['message', 'callback_query', 'pre_checkout_query', 'my_chat_member']);
  const registered = telegram.calls.filter(({ method }) => method === 'setWebhook' || method === 'deleteWebhook');
  expect(registered.map(({ fields }) => fields.secret_token)).toEqual([SECRET]);
  expect(registered.filter(({ fields }) => 'drop_pending_updates' in fields)).toEqual([]);
});

test('buttons under a video work on both platforms when the product was restarted and thirty days have passed (T12)', async () => {
  const { clock, discord, telegram, provider, begin, withDiscord } = await openPlatforms();
  const first = await begin(withDiscord);
  const guests = [onDiscord({ discord }), onTelegram({ telegram })];
  for (const guest of guests) guest.wish('a fox seconds=2');
  const videos = await Promise.all(guests.map((guest) => guest.watches()));
  await vi.waitUntil(async () => (await first.app.models.generations.countDocuments({ state: 'delivered' })) === 2, {
    timeout: 5_000,
  });
  await first.close();

  clock.aheadMs = 30 * DAY;
  await begin(withDiscord);
  for (const [index, guest] of guests.entries()) {
    const video = videos[index];
    if (!video) throw new Error('there is no video');
    guest.press(video, 'My videos');
    guest.press(await guest.reads(/^Your videos\n1\. /), '▶ 1');
    await guest.watches();
    guest.press(video, 'Again');
    await guest.watches();
  }
  expect(provider.submitted).toHaveLength(4);
}, 60_000);

/** What each kind of button says after a restart; where there is a third, that is what it says a month later. */
const ANSWERS: [button: RegExp, soon: RegExp, late?: RegExp][] = [
  [/^cancel id=/, /^Cancelled\. 12 credits are back/, /^There is nothing to cancel: that video is finished/],
  [/^generate confirm=/, /^(Starting now|Queued)/, /^That question is more than an hour old\. Please ask again\./],
  [/^generate (again=|a fox)/, /^(Starting now|Queued)|^This video costs \d+ credits\. You have/],
  [/^videos$/, /^Your videos/],
  [/^videos show=/, /· made /],
  [/^balance$/, /^You have \d+ credits/],
  [/^buy$/, /Small pack: 100 credits/],
  [/^buy item=pack-/, /Paid once; the credits never expire\./],
  [/^buy item=plan-/, /It renews each month/],
  [/^receipt$/, /^Your newest receipts/],
  [/^receipt id=/, /^Receipt for /],
  [/^settings /, /^Saved\./],
  [/^link join=/, /^Joined\. You have 400 credits/, /^That question is more than 5 minutes old or was answered before\./],
  [/^link leave=/, /^Nothing was changed\./],
  [/^videos download=/, /^Your download is ready/],
  [/^(help|privacy|terms|paysupport|billing|paid)$/, /^(?!I do not know|Something broke)[\s\S]{20,}/],
  [/^privacy /, /^(?!I do not know|Something broke)[\s\S]{20,}/],
];
const PRIVACY = ['', 'export', 'delete', 'delete account', 'delete media', 'correct', 'consents', 'access', 'policies'];

test.each([
  ['after a restart', 60_000],
  ['thirty days after a restart', 30 * DAY],
])('%s every button works, or says that it is out of date (T12)', async (_, laterMs) => {
  const provider = await createScriptedProvider();
  const { app: earlier, clock } = await openShop({ provider }, { WELCOME_CREDITS: '200' });
  const { sends, sendings } = recordSends();
  const say = (command: string, words = '') => ask(earlier, { command, words, at: clock.at });
  const finish = async (id = '') => {
    for (let times = 0; times < 2; times++) await generate.run(earlier, sends, id);
    await deliver.run(earlier, sends, id);
  };

  const { follows: fox } = await say('generate', 'a fox');
  await finish(fox);
  provider.answer = { state: 'failed', reason: 'provider_error' };
  await finish((await say('generate', 'a ship')).follows);
  const pack = await say('buy', 'item=pack-s');
  await starsPaid(earlier, { order: pack.invoice?.order ?? '', charge: 'charge-1', stars: 350, user: '77' });
  const queued = await say('generate', 'a castle');
  const settings = await say('settings', 'ask=10');
  const question = await say('generate', 'a storm');
  const replies = [queued, question, ...sendings.map(({ reply }) => reply), pack, settings];
  for (const command of ['start', 'videos', 'buy', 'receipt', 'balance', 'billing', 'paysupport', 'help', 'privacy', 'terms']) {
    replies.push(await say(command));
  }
  for (const words of PRIVACY) replies.push(await say('privacy', words));
  replies.push(await say('videos', `show=${fox}`));
  const code = await ask(earlier, { command: 'link', place: discordPlace(), at: clock.at });
  const offer = await ask(earlier, { command: 'link', words: / (code=\w+)/.exec(code.words)?.[1] ?? '', at: clock.at }, '99');
  const lines = (shown: typeof replies) => [...new Set(shown.flatMap((reply) => pressable(reply).map(({ command }) => command)))];
  const presses = [
    ...lines(replies).map((line) => ({ line, user: '77' })),
    ...lines([offer]).map((line) => ({ line, user: '99' })),
  ];
  await earlier.close();

  clock.at += laterMs;
  const app = await createApp(earlier.config, { provider, log: silence, now: clock.now });
  onTestFinished(() => app.close());
  for (const { _id } of await app.models.generations.find({ dueAt: { $lte: new Date(clock.at) } }).lean()) {
    if (laterMs > DAY) await generate.run(app, sends, _id);
  }
  const pressed = new Set<RegExp>();
  for (const { line, user } of presses) {
    const [button, soon, late] = ANSWERS.find(([one]) => one.test(line)) ?? [];
    if (!button || !soon) throw new Error(`nobody has said what the button ${line} is to answer`);
    const [command = '', ...words] = line.split(' ');
    const reply = await ask(app, { command, words: words.join(' '), at: clock.at }, user);
    expect(reply.words, line).toMatch(laterMs > DAY ? (late ?? soon) : soon);
    pressed.add(button);
  }
  expect(ANSWERS.filter(([button]) => !pressed.has(button))).toEqual([]);
});
