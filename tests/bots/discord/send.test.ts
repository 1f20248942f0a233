import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDiscordSend } from '../../../bots/discord/index.ts';
import type { DiscordPlace, Reply, Send } from '../../../core/chat.ts';
import { Undeliverable } from '../../../core/errors.ts';
import type { AskedRequest, DiscordPerson } from '../../../simulator/discord/index.ts';
import { askedPlace, buildFile, buildVideo, createStage, MINUTE, requestsTo, type Stage } from './stage.ts';

let stage: Stage;
let send: Send;

beforeEach(async () => {
  stage = await createStage();
  const { token, api } = stage.simulator;
  send = createDiscordSend({ token, api, log: stage.log, now: stage.now });
});
afterEach(() => stage.close());

const result = { key: 'r-1', kind: 'result' } as const;
const news = { key: 'n-1', kind: 'news' } as const;
const done = (reads: string[] = []): Reply => ({
  text: ['Here is your video'],
  video: buildVideo(Buffer.from('0000ftypisom'), reads),
});

const posts = () => requestsTo(stage.simulator, 'POST', /^\/channels\/\d+\/messages$/);
const edits = () => requestsTo(stage.simulator, 'PATCH', /@original$/);
const openings = () => requestsTo(stage.simulator, 'POST', /^\/users\/@me\/channels$/);
const botMessages = (person: DiscordPerson) => person.messages().filter(({ from }) => from === 'bot');
const direct = (person: DiscordPerson) => stage.simulator.person({ name: person.name, guild: false });

async function expiredPlace(person: DiscordPerson): Promise<DiscordPlace> {
  const place = await askedPlace(stage, person);
  stage.pass(16 * MINUTE);
  return place;
}

describe('while the interaction token lives', () => {
  test('puts the video into the answer and replaces all that stood there', async () => {
    const person = stage.simulator.person();
    const place = await askedPlace(stage, person);
    await send(place, { text: ['Rendering'], buttons: [[{ label: 'Cancel', command: 'cancel 1' }]] }, news);
    stage.pass(13 * MINUTE);
    const sent = await send(place, done(), result);
    const [message, ...others] = botMessages(person);
    expect(others).toEqual([]);
    expect(message).toMatchObject({
      id: sent.message,
      text: 'Here is your video',
      buttons: [],
      files: [{ kind: 'video', name: 'fox.mp4' }],
    });
    expect(posts()).toEqual([]);
  });

  test('attaches a file to keep, byte for byte', async () => {
    const person = stage.simulator.person();
    const place = await askedPlace(stage, person);
    await send(place, { text: ['Your data'], file: buildFile(Buffer.from('PK zip')) }, result);
    const [message] = botMessages(person);
    expect(message).toMatchObject({ text: 'Your data', files: [{ kind: 'file', name: 'my-data.zip', size: 6 }] });
    expect(await (await fetch(message?.files[0]?.url ?? '')).text()).toBe('PK zip');
  });

  test('removes the file when a later answer has none', async () => {
    const person = stage.simulator.person();
    const place = await askedPlace(stage, person);
    await send(place, done(), result);
    await send(place, { text: ['Deleted'] }, result);
    expect(botMessages(person)).toMatchObject([{ text: 'Deleted', files: [] }]);
  });

  test('posts in the channel when somebody deleted the answer', async () => {
    const person = stage.simulator.person();
    const place = await askedPlace(stage, person);
    stage.simulator.forced.push({
      match: ({ method }) => method === 'PATCH',
      status: 404,
      body: { message: 'Unknown Message', code: 10008 },
    });
    await send(place, done(), result);
    expect(posts()).toMatchObject([{ status: 200 }]);
  });
});

describe('after the token has died', () => {
  test('delivers by channel message with an enforced nonce, calling that person only', async () => {
    const person = stage.simulator.person();
    const place = await expiredPlace(person);
    const sent = await send(place, { ...done(), text: ['Ready <@1> @everyone'] }, result);
    expect(posts()).toMatchObject([
      {
        path: `/channels/${place.chat}/messages`,
        status: 200,
        json: {
          content: `<@${place.user}>\nReady \\<\\@1\\> \\@everyone`,
          nonce: 'r-1',
          enforce_nonce: true,
          allowed_mentions: { parse: [], users: [place.user] },
        },
      },
    ]);
    expect(botMessages(person).at(-1)).toMatchObject({ id: sent.message, files: [{ name: 'fox.mp4' }] });
  });

  test('delivers by direct message where the channel is closed', async () => {
    const person = stage.simulator.person();
    const place = await expiredPlace(person);
    stage.simulator.denied.set(place.chat, 50001);
    const sent = await send(place, done(), result);
    expect(botMessages(direct(person))).toMatchObject([
      { id: sent.message, text: 'Here is your video', files: [{ name: 'fox.mp4' }] },
    ]);
    expect(posts().at(-1)?.json).toMatchObject({ nonce: 'r-1', enforce_nonce: true });
  });

  test('delivers by direct message where only the person installed the app', async () => {
    const person = stage.simulator.person({ userInstallOnly: true });
    const place = await expiredPlace(person);
    await send(place, done(), result);
    expect(posts().map(({ path }) => path)).toEqual([`/channels/${direct(person).channelId}/messages`]);
  });

  test('never shows in the channel what only the person may see', async () => {
    const person = stage.simulator.person();
    const place = await expiredPlace(person);
    await send(place, { ...done(), private: true }, result);
    expect(posts().map(({ path }) => path)).toEqual([`/channels/${direct(person).channelId}/messages`]);
  });

  test('says why nobody could be reached', async () => {
    const person = stage.simulator.person();
    const place = await expiredPlace(person);
    stage.simulator.denied.set(place.chat, 50013);
    stage.simulator.closedDms.add(place.user);
    const failure = await send(place, done(), result).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Undeliverable);
    expect(failure).toMatchObject({ code: '50007' });
  });

  test('may be tried again when direct chats are opened too fast', async () => {
    const place = await expiredPlace(stage.simulator.person({ userInstallOnly: true }));
    const match = ({ path }: AskedRequest) => path === '/users/@me/channels';
    stage.simulator.forced.push({ match, status: 400, body: { message: 'Opening too fast', code: 40003 } });
    const failure = await send(place, done(), result).catch((error: unknown) => error);
    expect(failure).not.toBeInstanceOf(Undeliverable);
    expect(failure).toMatchObject({ code: '40003' });
    await send(place, done(), result);
    expect(posts()).toMatchObject([{ status: 200 }]);
  });

  test('does not post twice when a delivery is repeated', async () => {
    const person = stage.simulator.person();
    const place = await expiredPlace(person);
    const before = botMessages(person).length;
    stage.simulator.forced.push({ match: ({ path }) => path.endsWith('/messages'), lose: 'answer' });
    await expect(send(place, done(), result)).rejects.toMatchObject({ name: 'DiscordFailure' });
    const second = await send(place, done(), result);
    const third = await send(place, done(), result);
    expect(third.message).toBe(second.message);
    expect(botMessages(person)).toHaveLength(before + 1);
  });

  test('reads the video once, however many ways it has to try', async () => {
    const reads: string[] = [];
    const place = await expiredPlace(stage.simulator.person());
    stage.simulator.denied.set(place.chat, 50001);
    await send(place, done(reads), result);
    expect(reads).toEqual(['read']);
  });
});

test('never loses the bot token to an expired interaction token', async () => {
  const place = await askedPlace(stage, stage.simulator.person());
  stage.simulator.tokenLivesMs = MINUTE;
  stage.pass(5 * MINUTE);
  await send(place, done(), result);
  await send(place, done(), { ...result, key: 'r-2' });
  expect(edits().map(({ status }) => status)).toEqual([200, 401]);
  expect(posts().map(({ status }) => status)).toEqual([200, 200]);
  expect(edits().map(({ authorized }) => authorized)).toEqual([false, false]);
  const next = await askedPlace(stage, stage.simulator.person({ name: 'Bob', guild: false }));
  await expect(send(next, done(), { ...result, key: 'r-3' })).resolves.toMatchObject({ message: expect.any(String) });
});

describe('news', () => {
  test('never makes a message of its own', async () => {
    const place = await expiredPlace(stage.simulator.person());
    const before = stage.simulator.requests.length;
    await expect(send(place, { text: ['Rendering'] }, news)).resolves.toEqual({});
    expect(stage.simulator.requests).toHaveLength(before);
  });

  test('is dropped when Discord no longer knows the token, and not tried again', async () => {
    const place = await askedPlace(stage, stage.simulator.person());
    stage.simulator.tokenLivesMs = MINUTE;
    stage.pass(5 * MINUTE);
    await send(place, { text: ['Rendering'] }, news);
    await send(place, { text: ['Nearly there'] }, news);
    expect(edits().map(({ status }) => status)).toEqual([200, 401]);
  });
});

describe('a closed door', () => {
  test('is not tried again for ten minutes, so that refused requests do not pile up', async () => {
    const place = await expiredPlace(stage.simulator.person());
    stage.simulator.denied.set(place.chat, 50001);
    stage.simulator.closedDms.add(place.user);
    for (const key of ['a', 'b', 'c'])
      await expect(send(place, done(), { ...result, key })).rejects.toBeInstanceOf(Undeliverable);
    expect([posts().length, openings().length]).toEqual([2, 1]);
    stage.pass(11 * MINUTE);
    stage.simulator.denied.clear();
    await send(place, done(), { ...result, key: 'd' });
    expect(posts().at(-1)).toMatchObject({ path: `/channels/${place.chat}/messages`, status: 200 });
  });
});

describe('failures', () => {
  test('say that a file is too large for the place', async () => {
    stage.simulator.attachmentLimit = 4;
    const place = await askedPlace(stage, stage.simulator.person());
    await expect(send(place, done(), result)).rejects.toMatchObject({ code: 'too_large' });
    const file = buildFile(Buffer.from('12345'));
    await expect(send(place, { text: [], file }, result)).rejects.toMatchObject({ code: 'too_large' });
  });

  test('leave one request behind, not several', async () => {
    const place = await askedPlace(stage, stage.simulator.person());
    const before = edits().length;
    stage.simulator.forced.push({ match: ({ method }) => method === 'PATCH', status: 502 });
    await expect(send(place, done(), result)).rejects.toMatchObject({ code: 'http_502' });
    expect(edits()).toHaveLength(before + 1);
  });

  const failures = [
    { status: 400, body: { message: 'Invalid Form Body', code: 50035 } },
    { status: 403, body: { message: 'Missing Access', code: 50001 } },
    { status: 404, body: { message: 'Unknown Webhook', code: 10015 } },
    { status: 401, body: { message: '401: Unauthorized', code: 0 } },
    { status: 413, body: { message: 'Request entity too large', code: 40005 } },
    { status: 502, body: {} },
    { status: 429, body: { message: 'slow down', code: 0, retry_after: 600, global: false }, headers: { 'retry-after': '600' } },
    { lose: 'request' as const },
  ];

  test.each(failures)('carry no token: %j', async (failure) => {
    const person = stage.simulator.person();
    const place = await askedPlace(stage, person);
    const secrets = [place.interaction.token, stage.simulator.token];
    const kinds: [RegExp, number][] = [
      [/@original$/, 0],
      [/\/channels$/, 16],
      [/\/messages$/, 16],
    ];
    const seen: unknown[] = [];
    for (const [path, minutes] of kinds) {
      stage.pass(minutes * MINUTE);
      const forced = { match: (request: AskedRequest) => path.test(request.path), ...failure };
      stage.simulator.forced.splice(0, 9, forced, forced);
      await createDiscordSend({ token: stage.simulator.token, api: stage.simulator.api, log: stage.log, now: stage.now })(
        { ...place, canPost: path.source.includes('messages') },
        { text: ['secret words'] },
        { key: `k-${minutes}`, kind: 'result' },
      ).catch((error: unknown) => seen.push(error));
    }
    expect(seen.length).toBeGreaterThan(0);
    const everything = inspect(seen, { depth: 9, showHidden: true }) + stage.logged.join('\n');
    for (const secret of [...secrets, 'secret words']) expect(everything).not.toContain(secret);
  });
});
