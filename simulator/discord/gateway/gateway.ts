import type { IncomingMessage } from 'node:http';
import type { GatewayReadyDispatchData } from 'discord-api-types/v10';
import { type WebSocket, WebSocketServer } from 'ws';
import { isRecord, listOf } from '../json.ts';
import { NONE, type World } from '../world.ts';
import { createSessions, type Frame } from './sessions.ts';

const HEARTBEAT_MS = 41_250;
const SENDS = 120;
const SENDS_MS = 60_000;
const PRIVILEGED_INTENTS = (1 << 1) | (1 << 8) | (1 << 15);
/** What a client may send besides heartbeats, IDENTIFY and RESUME. */
const ACCEPTED = [3, 4, 8, 31];
const KNOWN_INTENTS = 0x31fffff | PRIVILEGED_INTENTS;

/** Why Discord ends a connection (docs: topics/opcodes-and-status-codes). */
const CLOSES = {
  4001: 'Unknown opcode.',
  4002: 'Error while decoding payload.',
  4003: 'Not authenticated.',
  4004: 'Authentication failed.',
  4005: 'Already authenticated.',
  4008: 'Rate limited.',
  4010: 'Invalid shard.',
  4012: 'Invalid API version.',
  4013: 'Invalid intent(s).',
  4014: 'Disallowed intent(s).',
} as const;

export type GatewayTraffic = (from: 'bot' | 'discord', frame: Frame) => void;

/** The gateway: HELLO, IDENTIFY or RESUME, heartbeats, dispatches. */
export function createGateway(world: World, traffic: GatewayTraffic) {
  const server = new WebSocketServer({ noServer: true });
  let begun = 0;

  function write(connection: WebSocket, frame: Frame): void {
    if (connection.readyState !== connection.OPEN) return;
    connection.send(JSON.stringify(frame));
    traffic('discord', frame);
  }

  const sessions = createSessions(world.now, write);
  const control = (connection: WebSocket, op: number, d: unknown) => write(connection, { op, d, s: null, t: null });
  const end = (connection: WebSocket, code: keyof typeof CLOSES) => connection.close(code, CLOSES[code]);

  function connected(connection: WebSocket, request: IncomingMessage): void {
    const asked = new URL(request.url ?? '/', 'ws://localhost').searchParams;
    const plain = asked.get('encoding') === 'json' && !asked.has('compress');
    if (asked.get('v') !== '10' || !plain) {
      end(connection, plain ? 4012 : 4002);
      return;
    }
    let sends: number[] = [];
    connection.on('close', (code) => sessions.lost(connection, code));
    connection.on('message', (raw) => {
      sends = [...sends.filter((at) => world.now() - at < SENDS_MS), world.now()];
      const frame = decoded(String(raw));
      if (frame) traffic('bot', frame);
      if (sends.length > SENDS) end(connection, 4008);
      else if (frame) received(connection, frame);
      else end(connection, 4002);
    });
    control(connection, 10, { heartbeat_interval: HEARTBEAT_MS, _trace: ['simulator'] });
  }

  function received(connection: WebSocket, { op, d }: Frame): void {
    const data = isRecord(d) ? d : {};
    if (op === 1) control(connection, 11, null);
    else if (op === 2) identify(connection, data);
    else if (op === 6) resume(connection, data);
    else if (!ACCEPTED.includes(op)) end(connection, 4001);
    else if (!sessions.of(connection)) end(connection, 4003);
  }

  /** Why this IDENTIFY ends the connection, if it does. */
  function problemOf(connection: WebSocket, { token, intents, shard }: Record<string, unknown>): keyof typeof CLOSES | undefined {
    const [index, count] = shardOf(shard);
    const bits = Number(intents);
    if (sessions.of(connection)) return 4005;
    if (token !== world.token) return 4004;
    if (!(index >= 0 && index < count)) return 4010;
    if (!Number.isInteger(bits) || (bits & ~KNOWN_INTENTS) !== 0) return 4013;
    return (bits & PRIVILEGED_INTENTS & ~world.knobs.privilegedIntents) === 0 ? undefined : 4014;
  }

  function identify(connection: WebSocket, data: Record<string, unknown>): void {
    const problem = problemOf(connection, data);
    if (problem !== undefined) {
      end(connection, problem);
      return;
    }
    const [index, count] = shardOf(data.shard);
    begun += 1;
    const session = sessions.begin(world.secret(`session ${begun}`).slice(0, 32), [index, count], connection);
    sessions.send(session, 'READY', {
      v: 10,
      user: { ...world.bot, mfa_enabled: true, verified: true, email: null },
      guilds: [],
      session_id: session.id,
      shard: [index, count],
      resume_gateway_url: world.address('ws'),
      application: { id: world.applicationId, flags: NONE, flags_new: '0' },
    } satisfies GatewayReadyDispatchData);
  }

  function resume(connection: WebSocket, { token, session_id, seq }: Record<string, unknown>): void {
    const problem = sessions.of(connection) ? 4005 : token === world.token ? undefined : 4004;
    const session = problem === undefined ? sessions.resume(String(session_id), Number(seq), connection) : undefined;
    if (problem !== undefined) end(connection, problem);
    else if (session) sessions.send(session, 'RESUMED', { _trace: ['simulator'] });
    else control(connection, 9, false);
  }

  return {
    /** Takes over an upgraded request. */
    accept(request: IncomingMessage, socket: IncomingMessage['socket'], head: Buffer): void {
      server.handleUpgrade(request, socket, head, (connection) => connected(connection, request));
    },
    dispatch: sessions.dispatch,
    /** Sessions with a connection. */
    connections: () => sessions.all().filter((session) => session.connection).length,
    /** Op 7: every client is asked to come back and RESUME. */
    askToReconnect(): void {
      for (const { connection } of sessions.all()) if (connection) control(connection, 7, null);
    },
    /** Op 9: every session ends, or may be resumed. */
    invalidateSessions(resumable: boolean): void {
      const connections = sessions.all().flatMap(({ connection }) => connection ?? []);
      if (!resumable) sessions.forget();
      for (const connection of connections) control(connection, 9, resumable);
    },
    /** Breaks every connection: with a close code, or without a word. */
    dropConnections(code?: number): void {
      for (const connection of server.clients) {
        if (code === undefined) connection.terminate();
        else connection.close(code);
      }
    },
    /** Sessions are gone, as after a long outage; whoever resumes gets op 9. */
    forgetSessions: sessions.forget,
    close(): void {
      for (const connection of server.clients) connection.terminate();
      server.close();
    },
  };
}

/** [0, 1] where no shard is named, as Discord takes it. */
function shardOf(shard: unknown): [number, number] {
  const [index = -1, count = 0] = shard === undefined ? [0, 1] : listOf(shard).map(Number);
  return [index, count];
}

function decoded(raw: string): Frame | undefined {
  try {
    const frame: unknown = JSON.parse(raw);
    if (!isRecord(frame) || typeof frame.op !== 'number') return undefined;
    return { op: frame.op, d: frame.d, s: null, t: null };
  } catch {
    return undefined;
  }
}
