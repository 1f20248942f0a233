/** What a test may turn at any time, as plain fields of the simulator. */

export interface FileSummary {
  /** n of files[n]. */
  id: string;
  name: string;
  type: string;
  /** Bytes. */
  size: number;
}

/** A request as it came in. */
export interface AskedRequest {
  method: string;
  /** Without /api/v10, decoded (`@original`). */
  path: string;
  query: Record<string, string>;
  json: unknown;
  files: FileSummary[];
  /** It carried the bot's token. */
  authorized: boolean;
  /** Milliseconds since the epoch. */
  at: number;
}

/** A request with what it got; status 0 where the connection was broken instead of answered. */
export interface LoggedRequest extends AskedRequest {
  status: number;
  answer: unknown;
}

export interface ForcedAnswer {
  match(request: AskedRequest): boolean;
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Breaks the connection after the request was read: `request` before anything happened, `answer` after it took effect. */
export interface LostConnection {
  match(request: AskedRequest): boolean;
  lose: 'request' | 'answer';
}

export type Forced = ForcedAnswer | LostConnection;

export interface RouteLimit {
  requests: number;
  perMs: number;
}

export interface Knobs {
  /** The first answer to an interaction is due within this. */
  acknowledgeWithinMs: number;
  /** An acknowledged interaction's token answers this long. */
  tokenLivesMs: number;
  /** Largest file in bytes; interactions announce it as attachment_size_limit. */
  attachmentLimit: number;
  /** Each answers the next matching request, once. */
  forced: Forced[];
  /** Channel id -> the code with which posting there is refused. */
  denied: Map<string, 50001 | 50013>;
  /** Channel id -> the bot's permission bits there, where they are not the usual ones. */
  permissions: Map<string, bigint>;
  /** Users who let nobody write to them (50007). */
  closedDms: Set<string>;
  /** Guilds that switched off USE_EXTERNAL_APPS: what user-installed apps answer there becomes ephemeral. */
  externalAppsOff: Set<string>;
  /** How many times each interaction is dispatched. */
  deliverTimes: number;
  /** How many times an event ENTITLEMENT_* or SUBSCRIPTION_* is dispatched; 0 loses it. */
  premiumEventTimes: (event: string) => number;
  maxConcurrency: number;
  /** What GET /gateway/bot recommends. */
  shards: number;
  /** Privileged intent bits that this application may use. */
  privilegedIntents: number;
  /** Command creations a day (30034). */
  commandCreationsPerDay: number;
  /** Limit of every route; undefined: headers only. */
  routeLimit: RouteLimit | undefined;
  /** Limit over all routes but interaction ones; undefined: none. */
  globalPerSecond: number | undefined;
}

export function createKnobs(): Knobs {
  return {
    acknowledgeWithinMs: 3000,
    tokenLivesMs: 15 * 60_000,
    attachmentLimit: 10 * 1024 * 1024,
    forced: [],
    denied: new Map(),
    permissions: new Map(),
    closedDms: new Set(),
    externalAppsOff: new Set(),
    deliverTimes: 1,
    premiumEventTimes: () => 1,
    maxConcurrency: 16,
    shards: 1,
    privilegedIntents: 0,
    commandCreationsPerDay: 200,
    routeLimit: undefined,
    globalPerSecond: undefined,
  };
}
