import type { WebSocket } from 'ws';

/** What one IDENTIFY began: it outlives its connection, so that RESUME can replay what was missed. */
export interface Session {
  id: string;
  shard: readonly [number, number];
  connection: WebSocket | undefined;
  sequence: number;
  /** The latest dispatches, for a replay. */
  sent: { sequence: number; frame: Frame }[];
  lostAt: number | undefined;
}

export interface Frame {
  op: number;
  d: unknown;
  s: number | null;
  t: string | null;
}

const KEPT = 500;
/** How long a session without a connection can be resumed. */
const RESUMABLE_MS = 5 * 60_000;

/** The sessions of all connections, and which of them an event belongs to. */
export function createSessions(now: () => number, write: (connection: WebSocket, frame: Frame) => void) {
  const sessions = new Map<string, Session>();

  function send(session: Session, event: string, data: unknown): void {
    session.sequence += 1;
    const frame: Frame = { op: 0, t: event, s: session.sequence, d: data };
    session.sent.push({ sequence: session.sequence, frame });
    if (session.sent.length > KEPT) session.sent.shift();
    if (session.connection) write(session.connection, frame);
  }

  return {
    send,

    begin(id: string, shard: readonly [number, number], connection: WebSocket): Session {
      const session: Session = { id, shard, connection, sequence: 0, sent: [], lostAt: undefined };
      sessions.set(id, session);
      return session;
    },

    /** The session takes the new connection and gets what it missed; undefined where nothing can be resumed. */
    resume(id: string, sequence: number, connection: WebSocket): Session | undefined {
      const session = sessions.get(id);
      const expired = session?.lostAt !== undefined && now() - session.lostAt > RESUMABLE_MS;
      const complete = session && (session.sent[0]?.sequence ?? 1) <= sequence + 1 && sequence <= session.sequence;
      if (!session || expired || !complete) return undefined;
      session.connection?.close(4000, 'Resumed elsewhere.');
      session.connection = connection;
      session.lostAt = undefined;
      for (const missed of session.sent) if (missed.sequence > sequence) write(connection, missed.frame);
      return session;
    },

    /** A client that closes with 1000 or 1001 is done with its session. */
    lost(connection: WebSocket, code: number): void {
      for (const session of sessions.values()) {
        if (session.connection !== connection) continue;
        session.connection = undefined;
        session.lostAt = now();
        if (code === 1000 || code === 1001) sessions.delete(session.id);
      }
    },

    of(connection: WebSocket): Session | undefined {
      return [...sessions.values()].find((session) => session.connection === connection);
    },

    /** Guild events go to shard (guild >> 22) % shards, all others to shard 0; every session of that shard gets them. */
    dispatch(event: string, data: unknown, guild: string | undefined): void {
      for (const session of sessions.values()) {
        const [shard, shards] = session.shard;
        const wanted = guild === undefined ? 0 : Number((BigInt(guild) >> 22n) % BigInt(shards));
        if (shard === wanted) send(session, event, data);
      }
    },

    forget(): void {
      sessions.clear();
    },

    all(): Session[] {
      return [...sessions.values()];
    },
  };
}
