import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Receive } from '../../../bots/telegram/index.ts';
import { buildSend, buildTelegram, privately, RESULT, startBot } from './building.ts';

const SECRET = 'a-secret_of-Ours';
const soon = { timeout: 5000, interval: 5 };

/** What web/ does: mounts `receive` at an address. */
async function buildAddress() {
  const mounted: { receive: Receive | undefined } = { receive: undefined };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const header = request.headers['x-telegram-bot-api-secret-token'];
    const secret = typeof header === 'string' ? header : undefined;
    response.writeHead((await mounted.receive?.(secret, Buffer.concat(chunks))) ?? 503).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { mounted, url: `http://127.0.0.1:${port}/telegram` };
}

async function startWebhook(options: Parameters<typeof buildTelegram>[0] = {}) {
  const telegram = await buildTelegram(options);
  const { mounted, url } = await buildAddress();
  const started = await startBot(telegram, { mode: { webhook: { url, secret: SECRET } } });
  mounted.receive = started.bot.receive;
  return { telegram, url, ...started };
}

const update = (id: number, text: string) =>
  Buffer.from(
    JSON.stringify({
      update_id: id,
      message: {
        message_id: 1,
        date: 1,
        chat: { id: 7, type: 'private' },
        from: { id: 7, is_bot: false, first_name: 'Ada' },
        text,
      },
    }),
  );

test('answers what Telegram delivers', async () => {
  const { telegram } = await startWebhook();
  const ada = telegram.person();
  ada.say('a cat');
  await ada.until(({ text }) => text === 'generate: a cat');
  await vi.waitFor(() => expect(telegram.deliveries.map(({ status }) => status)).toEqual([200]), soon);
});

test('has Telegram deliver with the secret, and only what is read', async () => {
  const { telegram, url } = await startWebhook();
  expect(telegram.calls.find(({ method }) => method === 'setWebhook')?.fields).toEqual({
    url,
    secret_token: SECRET,
    allowed_updates: ['message', 'callback_query', 'pre_checkout_query', 'my_chat_member'],
    max_connections: 40,
  });
});

test('refuses a webhook call without the secret', async () => {
  const { bot, asked } = await startWebhook();
  expect(await bot.receive?.(undefined, update(1, 'a cat'))).toBe(404);
  expect(await bot.receive?.('', update(1, 'a cat'))).toBe(404);
  expect(await bot.receive?.(`${SECRET}x`, update(1, 'a cat'))).toBe(404);
  expect(asked).toEqual([]);
});

test('refuses a body that is no update', async () => {
  const { bot } = await startWebhook();
  for (const body of ['', '{', 'null', '[]', '{"update_id":"1"}', '{"message":{}}']) {
    expect(await bot.receive?.(SECRET, Buffer.from(body))).toBe(400);
  }
  expect(await bot.receive?.(SECRET, Buffer.from('{"update_id":1,"poll":{}}'))).toBe(200);
});

/** A clock that jumps to whatever is waited for. */
function buildClock() {
  let time = Date.UTC(2026, 10, 24);
  return {
    now: () => time,
    timer(milliseconds: number, run: () => void) {
      const jump = setImmediate(() => {
        time += milliseconds;
        run();
      });
      return () => clearImmediate(jump);
    },
  };
}

test('does not confirm a delivery that it could not store, and answers it when it comes again', async () => {
  const { telegram, inbox, asked, log } = await startWebhook(buildClock());
  inbox.down = true;
  const ada = telegram.person();
  ada.command('help');
  await vi.waitFor(() => expect(telegram.deliveries[0]?.status).toBe(503), soon);
  expect(asked).toEqual([]);
  expect(log.lines.join()).toContain('telegram.not_stored');
  inbox.down = false;
  await ada.until(({ text }) => text === 'help');
  expect(telegram.deliveries.at(-1)?.status).toBe(200);
  expect(asked).toHaveLength(1);
});

test('answers once what several deliveries bring at the same time', async () => {
  const { telegram, bot, asked } = await startWebhook();
  telegram.person({ id: 7 }).say('hello');
  await vi.waitFor(() => expect(telegram.deliveries).toHaveLength(1), soon);
  const statuses = await Promise.all([1, 2, 3].map(() => bot.receive?.(SECRET, update(500, 'a cat'))));
  expect(statuses).toEqual([200, 200, 200]);
  const kept = await Promise.all([1, 2, 3].map(() => bot.receive?.(SECRET, update(501, '/help'))));
  expect(kept).toEqual([200, 200, 200]);
  await bot.close();
  expect(asked.map(({ id }) => id)).toEqual([expect.stringMatching(/^tg-/), 'tg-500', 'tg-501']);
});

test('takes nothing more once it is closed', async () => {
  const { bot, asked } = await startWebhook();
  await bot.close();
  expect(await bot.receive?.(SECRET, update(1, 'a cat'))).toBe(503);
  expect(asked).toEqual([]);
});

test('takes a payment that Telegram delivers, question and all', async () => {
  const { telegram, money } = await startWebhook();
  const ada = telegram.person({ acquainted: true });
  const invoice = { title: 'Pack S', description: '100 credits', order: 'order-1', stars: 250, monthly: false };
  await buildSend(telegram)(privately(ada), { text: [], invoice }, RESULT);
  ada.pay(ada.messages()[0]?.id ?? '');
  await vi.waitFor(() => expect(money.paid).toMatchObject([{ order: 'order-1', stars: 250 }]), soon);
  await vi.waitFor(() => expect(telegram.deliveries.map(({ status }) => status)).toEqual([200, 200]), soon);
});
