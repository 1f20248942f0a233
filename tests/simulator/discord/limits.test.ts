import { HTTPError, REST, Routes } from 'discord.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AskedRequest } from '../../../simulator/discord/index.ts';
import { codeOf, createClock, openStage, refusalOf, type Stage } from './stage.ts';

let stage: Stage;
let clock: ReturnType<typeof createClock>;
let channel: string;

beforeEach(async () => {
  clock = createClock();
  stage = await openStage({ now: clock.now, rest: { rejectOnRateLimit: () => true } });
  channel = stage.simulator.person({ name: 'Ann' }).channelId;
});
afterEach(() => stage.close());

const post = (content = 'x') => stage.rest.post(Routes.channelMessages(channel), { body: { content } });
const isPost = ({ method, path }: AskedRequest) => method === 'POST' && path === `/channels/${channel}/messages`;
/** Discord's own answer, with none of the library's patience in between. */
const raw = (path = `/channels/${channel}/messages`, token = stage.simulator.token, body: unknown = { content: 'x' }) =>
  fetch(`${stage.simulator.api}/v10${path}`, {
    method: 'POST',
    headers: { authorization: `Bot ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

describe('forced answers', () => {
  test('are given once, to the request they match', async () => {
    stage.simulator.forced.push({ match: isPost, status: 502, body: { message: 'bad gateway' } });
    await stage.rest.get('/users/@me');
    await expect(post()).rejects.toBeInstanceOf(HTTPError);
    expect(await post()).toMatchObject({ content: 'x' });
    expect(stage.simulator.requests.map(({ status }) => status)).toEqual([200, 502, 200]);
  });

  test('can be a rate limit with all that Discord says of it', async () => {
    const body = { message: 'You are being rate limited.', retry_after: 0.7, global: false };
    const headers = { 'retry-after': '1', 'x-ratelimit-scope': 'shared' };
    stage.simulator.forced.push({ match: isPost, status: 429, body, headers });
    await expect(post()).rejects.toMatchObject({
      name: expect.stringContaining('RateLimitError'),
      scope: 'shared',
      retryAfter: expect.closeTo(1000, -3),
    });
    expect(stage.simulator.invalidRequests()).toBe(0);
  });

  test('can lose the request before it had an effect, or the answer after it', async () => {
    const ann = stage.simulator.person({ name: 'Ann' });
    stage.simulator.forced.push({ match: isPost, lose: 'request' }, { match: isPost, lose: 'answer' });
    await expect(post('one')).rejects.toThrow();
    expect(ann.messages()).toEqual([]);
    await expect(post('two')).rejects.toThrow();
    expect(ann.messages().map(({ text }) => text)).toEqual(['two']);
    expect(stage.simulator.requests.map(({ status }) => status)).toEqual([0, 0]);
  });
});

describe('rate limits', () => {
  test('are announced with every answer', async () => {
    const { headers } = await raw();
    expect(headers.get('x-ratelimit-limit')).toBe('5');
    expect(headers.get('x-ratelimit-bucket')).toMatch(/^[0-9a-f]{32}$/);
  });

  test('hold per route and channel, where they are turned on', async () => {
    stage.simulator.routeLimit = { requests: 2, perMs: 5000 };
    const answers = [await raw(), await raw(), await raw()];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(answers[1]?.headers.get('x-ratelimit-remaining')).toBe('0');
    expect(answers[2]?.headers.get('x-ratelimit-scope')).toBe('user');
    expect(await answers[2]?.json()).toMatchObject({ retry_after: 5, global: false });
    const other = stage.simulator.person({ name: 'Ann', guild: false });
    expect((await raw(`/channels/${other.channelId}/messages`)).status).toBe(200);
    clock.forward(5000);
    expect((await raw()).status).toBe(200);
  });

  test('hold over everything but interaction routes, where they are turned on', async () => {
    stage.simulator.globalPerSecond = 1;
    expect((await raw()).status).toBe(200);
    const refused = await raw('/users/@me/channels', undefined, { recipient_id: '1' });
    expect([refused.status, refused.headers.get('x-ratelimit-global')]).toEqual([429, 'true']);
    expect(await refused.json()).toMatchObject({ global: true });
    expect((await raw('/interactions/1/x/callback', undefined, { type: 5 })).status).toBe(404);
    clock.forward(1000);
    expect((await raw()).status).toBe(200);
  });

  test('count 401, 403 and 429 of ten minutes as invalid', async () => {
    expect((await raw(undefined, 'wrong')).status).toBe(401);
    stage.simulator.denied.set(channel, 50001);
    expect(await codeOf(post())).toBe(50001);
    expect(stage.simulator.invalidRequests()).toBe(2);
    clock.forward(10 * 60_000);
    expect(stage.simulator.invalidRequests()).toBe(0);
  });
});

describe('the door', () => {
  test('knows no other routes, versions, methods or tokens', async () => {
    expect(
      (await refusalOf(new REST({ api: `${stage.simulator.api}/v10`, retries: 0 }).setToken('x').get('/users/@me'))).status,
    ).toBe(404);
    expect((await refusalOf(stage.rest.get('/guilds/1'))).status).toBe(404);
    expect((await refusalOf(stage.rest.put('/users/@me'))).status).toBe(405);
    expect((await refusalOf(new REST({ api: stage.simulator.api, retries: 0 }).setToken('x').get('/users/@me'))).status).toBe(
      401,
    );
    stage.watch.complaints.length = 0; // none of these routes is in the table of the checks
  });

  test('tells who it is', async () => {
    expect(await stage.rest.get('/users/@me')).toMatchObject({ id: stage.simulator.applicationId, bot: true });
    expect(await stage.rest.get('/applications/@me')).toMatchObject({ id: stage.simulator.applicationId });
    expect(await stage.rest.get('/gateway/bot')).toMatchObject({ shards: 1, session_start_limit: { max_concurrency: 16 } });
  });

  test('refuses a body that is no JSON', async () => {
    const headers = { authorization: `Bot ${stage.simulator.token}`, 'content-type': 'application/json' };
    const answer = await fetch(`${stage.simulator.api}/v10/channels/${channel}/messages`, { method: 'POST', headers, body: '{' });
    expect([answer.status, await answer.json()]).toMatchObject([400, { code: 50109 }]);
  });

  test('remembers the requests, and whether they carried the token', async () => {
    await raw(undefined, 'wrong');
    await post();
    expect(stage.simulator.requests.map(({ authorized, at }) => [authorized, at])).toEqual([
      [false, clock.now()],
      [true, clock.now()],
    ]);
  });
});
