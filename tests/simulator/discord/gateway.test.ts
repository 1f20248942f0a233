import { once } from 'node:events';
import { Client, Events, GatewayIntentBits } from 'discord.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { eventually, HELP, openStage, type Stage } from './stage.ts';

let stage: Stage;

beforeEach(async () => {
  stage = await openStage();
  await stage.register(HELP);
});
afterEach(() => stage.close());

/** A connection that reads frames one by one. */
async function connect(query = '?v=10&encoding=json') {
  const { url } = (await stage.rest.get('/gateway')) as { url: string };
  const socket = new WebSocket(`${url}/${query}`);
  const frames: { op: number; t: string | null; s: number | null; d: unknown }[] = [];
  socket.on('message', (raw) => frames.push(JSON.parse(String(raw))));
  const closed = once(socket, 'close').then(([code]) => Number(code));
  await once(socket, 'open');
  let read = 0;
  const next = async () => {
    const frame = await eventually(() => frames[read]);
    read += 1;
    return frame;
  };
  const send = (op: number, d: unknown) => socket.send(JSON.stringify({ op, d }));
  return { socket, closed, next, send };
}

const identify = (more: object = {}) => ({
  token: stage.simulator.token,
  intents: 0,
  properties: { os: 'linux', browser: 'test', device: 'test' },
  ...more,
});

describe('a connection', () => {
  test('is greeted, identified and kept alive', async () => {
    const { next, send, socket } = await connect();
    expect(await next()).toMatchObject({ op: 10, d: { heartbeat_interval: 41_250 } });
    send(1, null);
    expect(await next()).toMatchObject({ op: 11 });
    send(2, identify());
    const ready = await next();
    expect(ready).toMatchObject({
      op: 0,
      t: 'READY',
      s: 1,
      d: { v: 10, shard: [0, 1], resume_gateway_url: expect.stringMatching(/^ws:/) },
    });
    socket.close();
  });

  const closes: [number, string, (connection: Awaited<ReturnType<typeof connect>>) => void][] = [
    [4001, 'an unknown opcode', ({ send }) => send(99, {})],
    [4002, 'something that is no JSON', ({ socket }) => socket.send('{')],
    [4003, 'anything before IDENTIFY', ({ send }) => send(3, {})],
    [4004, 'a wrong token', ({ send }) => send(2, identify({ token: 'wrong' }))],
    [4005, 'a second IDENTIFY', ({ send }) => [1, 2].map(() => send(2, identify()))],
    [4008, 'more than 120 sends a minute', ({ send }) => Array.from({ length: 121 }, () => send(1, null))],
    [4010, 'a shard that cannot be', ({ send }) => send(2, identify({ shard: [2, 2] }))],
    [4013, 'intents that do not exist', ({ send }) => send(2, identify({ intents: 1 << 30 }))],
    [4014, 'intents that were not granted', ({ send }) => send(2, identify({ intents: 1 << 15 }))],
  ];
  test.each(closes)('is closed with %i for %s', async (code, _, act) => {
    const connection = await connect();
    act(connection);
    expect(await connection.closed).toBe(code);
  });

  test('of another version is closed', async () => {
    expect(await (await connect('?v=9&encoding=json')).closed).toBe(4012);
  });

  test('resumes with what it missed, and gets no session back that is gone', async () => {
    const first = await connect();
    first.send(2, identify());
    await first.next();
    const { session_id } = (await first.next()).d as { session_id: string };
    first.socket.terminate();
    await first.closed;
    await expect.poll(() => stage.simulator.connections()).toBe(0);
    stage.simulator.person({ name: 'Ann' }).command('help');
    const second = await connect();
    second.send(6, { token: stage.simulator.token, session_id, seq: 1 });
    await second.next();
    expect(await second.next()).toMatchObject({ t: 'INTERACTION_CREATE', s: 2 });
    expect(await second.next()).toMatchObject({ t: 'RESUMED', s: 3 });
    stage.simulator.forgetSessions();
    const third = await connect();
    third.send(6, { token: stage.simulator.token, session_id, seq: 3 });
    await third.next();
    expect(await third.next()).toMatchObject({ op: 9, d: false });
    for (const { socket } of [second, third]) socket.close();
  });
});

describe('discord.js', () => {
  const losses: [string, (simulator: Stage['simulator']) => void, string[]][] = [
    ['a broken connection', (simulator) => simulator.dropConnections(), ['IDENTIFY', 'RESUME']],
    ['a close with 4000', (simulator) => simulator.dropConnections(4000), ['IDENTIFY', 'RESUME']],
    ['being asked to reconnect', (simulator) => simulator.askToReconnect(), ['IDENTIFY', 'RESUME']],
    ['an invalid session', (simulator) => simulator.invalidateSessions(false), ['IDENTIFY', 'IDENTIFY']],
    [
      'a forgotten session',
      (simulator) => {
        simulator.forgetSessions();
        simulator.dropConnections();
      },
      ['IDENTIFY', 'RESUME', 'IDENTIFY'],
    ],
  ];
  test.each(losses)('comes back after %s', { timeout: 90_000 }, async (_, lose, expected) => {
    await stage.login();
    lose(stage.simulator);
    await expect.poll(() => stage.handshakes, { timeout: 80_000 }).toEqual(expected);
    await expect.poll(() => stage.simulator.connections()).toBe(1);
  });

  test('is not let in with a wrong token or with intents that were not granted', async () => {
    const { simulator } = stage;
    const client = (intents: GatewayIntentBits[] = []) => new Client({ intents, rest: { api: simulator.api, retries: 0 } });
    await expect(client().login('wrong')).rejects.toThrow('invalid token');
    await expect(client([GatewayIntentBits.MessageContent]).login(simulator.token)).rejects.toThrow('disallowed intents');
    simulator.privilegedIntents = GatewayIntentBits.MessageContent;
    await stage.login(client([GatewayIntentBits.MessageContent]));
    expect(simulator.connections()).toBe(1);
  });

  test('gets each event on the shard it belongs to, direct chats on shard 0', async () => {
    const { simulator } = stage;
    simulator.shards = 2;
    const client = await stage.login(new Client({ intents: [], shards: 'auto', rest: { api: simulator.api } }));
    expect(client.ws.shards.size).toBe(2);
    const got: [number, string | null][] = [];
    client.ws.on(
      'INTERACTION_CREATE' as never,
      ((data: { guild_id?: string }, shard: number) => got.push([shard, data.guild_id ?? null])) as never,
    );
    const guild = (shard: bigint) => ({ id: (((1n << 20n) + shard) << 22n).toString(), name: 'g' });
    const [even, odd] = [guild(0n), guild(1n)];
    for (const where of [even, odd, false] as const) simulator.person({ name: 'Ann', guild: where }).command('help');
    await expect.poll(() => got.length).toBe(3);
    expect(got).toEqual(
      expect.arrayContaining([
        [0, even.id],
        [1, odd.id],
        [0, null],
      ]),
    );
  });

  test('in two sessions of one shard gets every event twice, and one of them may answer', async () => {
    const outcomes: (string | number)[] = [];
    for (const name of ['old', 'new']) {
      const client = await stage.login();
      client.on(Events.InteractionCreate, (interaction) => {
        if (!interaction.isChatInputCommand()) return;
        interaction.deferReply().then(
          () => outcomes.push(name),
          (error: { code: number }) => outcomes.push(error.code),
        );
      });
    }
    stage.simulator.person({ name: 'Ann' }).command('help');
    await expect.poll(() => outcomes.length).toBe(2);
    expect(outcomes).toContain(40060);
  });
});
