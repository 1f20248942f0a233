import http from 'node:http';
import { Bot, webhookCallback } from 'grammy';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { checkUpdate } from '../../support/telegram-schema.ts';
import { refusal, scene, stoppedClock } from './setup.ts';

const servers: http.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

interface Received {
  text: string;
  secret: string | undefined;
}

/** A webhook that answers as told; without being told, with 200. */
async function endpoint(
  answer: (text: string, received: Received[]) => { status: number; retryAfter?: number } = () => ({ status: 200 }),
) {
  const received: Received[] = [];
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const update = JSON.parse(Buffer.concat(chunks).toString()) as {
        message?: { text?: string };
        callback_query?: { data?: string };
      };
      expect(checkUpdate(update)).toEqual([]);
      const text = update.message?.text ?? update.callback_query?.data ?? '';
      received.push({ text, secret: request.headers['x-telegram-bot-api-secret-token']?.toString() });
      const { status, retryAfter } = answer(text, received);
      if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
      response.writeHead(status).end();
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { url: `http://127.0.0.1:${port}/hook`, received };
}

describe('the webhook of the simulator', () => {
  it('carries the secret and every update, also to a bot of grammY', async () => {
    const { telegram, api, complaints } = await scene();
    const bot = new Bot(telegram.token, { client: { apiRoot: telegram.url } });
    bot.command('start', (context) => context.reply('hello'));
    const server = http.createServer(webhookCallback(bot, 'http', { secretToken: 'S-1' }));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`;
    const person = telegram.person();
    person.say('waits for the webhook');
    await api.setWebhook(url, { secret_token: 'S-1', allowed_updates: ['message', 'callback_query'] });
    person.command('start');
    await person.until(({ text }) => text === 'hello');
    await vi.waitFor(() => expect(telegram.pending()).toEqual([]));
    expect(await api.getWebhookInfo()).toMatchObject({
      url,
      pending_update_count: 0,
      max_connections: 40,
      allowed_updates: ['message', 'callback_query'],
    });
    const forged = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"update_id":1}' });
    expect(forged.status).toBe(401);
    expect(complaints).toEqual([]);
  });

  it('keeps the order of a chat behind a failure, other chats overtake', async () => {
    const clock = stoppedClock();
    const { telegram, api } = await scene(clock);
    let failures = 3;
    const { url, received } = await endpoint((text) => ({ status: text === 'a1' && failures-- > 0 ? 500 : 200 }));
    await api.setWebhook(url, { secret_token: 'S' });
    const [a, b] = [telegram.person(), telegram.person()];
    for (const text of ['a1', 'a2']) a.say(text);
    b.say('b1');
    const seen = () => received.map(({ text }) => text);
    // The first repeat comes at once, the second after 2 s, the third after 4 s.
    await vi.waitFor(() => expect(telegram.deliveries).toHaveLength(3));
    expect(seen().toSorted()).toEqual(['a1', 'a1', 'b1']);
    await vi.waitFor(() => expect(clock.timers()).toEqual([2000]));
    clock.advance(2000);
    await vi.waitFor(() => expect(clock.timers()).toEqual([4000]));
    expect(await api.getWebhookInfo()).toMatchObject({
      pending_update_count: 2,
      last_error_message: 'Wrong response from the webhook: 500 Internal Server Error',
    });
    clock.advance(4000);
    await vi.waitFor(() => expect(telegram.pending()).toEqual([]));
    expect(seen().filter((text) => text !== 'b1')).toEqual(['a1', 'a1', 'a1', 'a1', 'a2']);
    expect(new Set(received.map(({ secret }) => secret))).toEqual(new Set(['S']));
  });

  it('waits as long as Retry-After says, and no longer than a minute or two otherwise', async () => {
    const clock = stoppedClock();
    const { telegram, api } = await scene(clock);
    const { url } = await endpoint((_, received) => (received.length === 1 ? { status: 503, retryAfter: 99 } : { status: 500 }));
    await api.setWebhook(url);
    telegram.person().say('x');
    await vi.waitFor(() => expect(clock.timers()).toEqual([99_000]));
    const pauses: number[] = [];
    for (let round = 0; round < 9; round++) {
      clock.advance(clock.timers()[0] ?? 0);
      await vi.waitFor(() => expect(clock.timers()).toHaveLength(1));
      pauses.push((clock.timers()[0] ?? 0) / 1000);
    }
    expect(pauses.slice(0, 5)).toEqual([2, 4, 8, 16, 32]);
    for (const pause of pauses.slice(6)) expect(pause >= 60 && pause <= 120).toBe(true);
  });

  it('is removed after 23 hours of 410', async () => {
    const clock = stoppedClock();
    const { telegram, api } = await scene(clock);
    const { url } = await endpoint(() => ({ status: 410, retryAfter: 3600 }));
    await api.setWebhook(url);
    telegram.person().say('x');
    for (let hour = 0; hour < 24; hour++) {
      await vi.waitFor(() => expect(clock.timers()).toEqual([3600_000]));
      clock.advance(3600_000);
      await vi.waitFor(() => expect(telegram.deliveries).toHaveLength(hour + 2));
    }
    expect((await api.getWebhookInfo()).url).toBe('');
  });

  it('delivers twice when told to, and nothing once it is gone', async () => {
    const { telegram, api } = await scene();
    const { url, received } = await endpoint();
    telegram.deliverTwice = 3;
    await api.setWebhook(url);
    telegram.person().say('x');
    await vi.waitFor(() => expect(telegram.pending()).toEqual([]));
    expect(received.map(({ text }) => text)).toEqual(['x', 'x', 'x']);
    await api.deleteWebhook();
    telegram.person().say('y');
    expect((await api.getUpdates()).map(({ message }) => message?.text)).toEqual(['y']);
    await api.deleteWebhook({ drop_pending_updates: true });
    expect(await api.getUpdates()).toEqual([]);
    expect(received).toHaveLength(3);
  });

  it('takes no secret with foreign letters and no address that is none', async () => {
    const { api } = await scene();
    expect(await refusal(api.setWebhook('http://127.0.0.1:1', { secret_token: 'a b' }))).toBe(
      '400 Bad Request: secret token contains unallowed characters',
    );
    expect(await refusal(api.setWebhook('http://127.0.0.1:1', { secret_token: 'x'.repeat(257) }))).toBe(
      '400 Bad Request: secret token is too long',
    );
    expect(await refusal(api.setWebhook('nowhere'))).toContain('400 Bad Request: bad webhook');
  });
});
