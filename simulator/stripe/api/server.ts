import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Events } from '../events/record.ts';
import type { AskedRequest, Fields, LoggedRequest } from '../knobs.ts';
import { API_VERSION, type World } from '../world.ts';
import { answer } from './expand.ts';
import { readFields, words } from './fields.ts';
import { createIdempotency, type StoredAnswer } from './idempotency.ts';
import { invalid, Refusal } from './refusal.ts';
import { findRoute, type Route } from './routes.ts';

export interface ApiParts {
  world: World;
  events: Events;
  routes: readonly Route[];
  apiKey: string;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Before every request: lets time catch up. */
  settle(): void;
  log(request: LoggedRequest): void;
}

const LARGEST_BODY = 1024 * 1024;

/** The v1 API: form fields in, JSON out. */
export function createApi(parts: ApiParts): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { world, events, now } = parts;
  const stored = createIdempotency(now);

  /** What the request comes to; anything it refuses is an answer too. */
  function run({ method, path, fields, idempotencyKey }: AskedRequest, id: string): StoredAnswer {
    try {
      const found = findRoute(parts.routes, method, path);
      if (!found) throw new Refusal(404, `Unrecognized request URL (${method}: ${path}).`);
      const cause = { id, idempotency_key: idempotencyKey ?? null };
      return events.during(cause, () => {
        const call = { world, events, id: found.id, fields };
        return { status: 200, body: answer(world, found.route.run(call), words(fields, 'expand')) };
      });
    } catch (error) {
      return refused(error);
    }
  }

  /** With the answer that its key already has, where it has one. */
  function perform(asked: AskedRequest, id: string): StoredAnswer & { replayed: boolean; lost: boolean } {
    const key = asked.method === 'POST' ? asked.idempotencyKey : undefined;
    const place = world.knobs.forced.findIndex((forced) => forced.match(asked));
    const forced = place < 0 ? undefined : world.knobs.forced.splice(place, 1)[0];
    if (forced && 'lose' in forced && forced.lose === 'request') return { status: 0, body: null, replayed: false, lost: true };
    try {
      const before = key === undefined ? undefined : stored.find(key, asked);
      if (before) return { ...before, replayed: true, lost: false };
    } catch (error) {
      return { ...refused(error), replayed: false, lost: false };
    }
    const failing = forced && 'status' in forced ? forced : undefined;
    const result = failing && !failing.takesEffect ? forcedAnswer(failing.status) : run(asked, id);
    const given = failing ? forcedAnswer(failing.status) : result;
    if (key !== undefined && isKept(given)) stored.keep(key, asked, given);
    return { ...given, replayed: false, lost: forced !== undefined && 'lose' in forced };
  }

  return async (request, response) => {
    const url = new URL(request.url ?? '/', world.address());
    const id = world.id('req');
    const [method, path] = [request.method ?? 'GET', url.pathname];
    const idempotencyKey = request.headers['idempotency-key']?.toString();
    let fields: Fields = {};
    let given: StoredAnswer & { replayed: boolean; lost: boolean };
    try {
      admit(request, parts.apiKey);
      fields = readFields(method === 'POST' ? await readBody(request) : url.search.slice(1));
      parts.settle();
      given = perform({ method, path, fields, idempotencyKey, at: now() }, id);
    } catch (error) {
      given = { ...refused(error), replayed: false, lost: false };
    }
    const { status, body, replayed, lost } = given;
    parts.log({ method, path, fields, idempotencyKey, at: now(), status: lost ? 0 : status, answer: body, replayed });
    if (lost) return void response.destroy();
    response.writeHead(status, {
      'content-type': 'application/json',
      'request-id': id,
      'stripe-version': API_VERSION,
      ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
      ...(replayed && { 'idempotent-replayed': 'true' }),
    });
    response.end(JSON.stringify(body, null, 2));
  };
}

function admit(request: IncomingMessage, apiKey: string): void {
  const given = request.headers.authorization ?? '';
  const password = given.startsWith('Basic ') ? Buffer.from(given.slice(6), 'base64').toString().split(':')[0] : given.slice(7);
  if (given === '') throw new Refusal(401, 'You did not provide an API key.');
  if (password !== apiKey) throw new Refusal(401, 'Invalid API Key provided.');
  const version = request.headers['stripe-version'] ?? API_VERSION;
  if (version !== API_VERSION) throw invalid(`Invalid Stripe API version: ${version}`);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > LARGEST_BODY) throw invalid('The request is too large.');
    chunks.push(chunk);
  }
  if (size > 0 && !request.headers['content-type']?.startsWith('application/x-www-form-urlencoded'))
    throw invalid('The v1 API takes application/x-www-form-urlencoded.');
  return Buffer.concat(chunks).toString();
}

function refused(error: unknown): StoredAnswer {
  if (error instanceof Refusal) return { status: error.status, body: error.body() };
  const words = error instanceof Error ? error.stack : String(error);
  return { status: 500, body: { error: { type: 'api_error', message: `mistake of the simulator: ${words}` } } };
}

const forcedAnswer = (status: number): StoredAnswer => {
  const type = status >= 500 ? 'api_error' : status === 429 ? 'rate_limit_error' : 'invalid_request_error';
  return {
    status,
    body: new Refusal(status, 'An answer that a test asked for.', { type, ...(status === 429 && { code: 'rate_limit' }) }).body(),
  };
};

/** Only what a request did once it began is kept: not that it was malformed, unknown, too early or too often. */
const isKept = ({ status }: StoredAnswer): boolean => status < 400 || status >= 500 || status === 402;
