import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AskedRequest, Forced, LoggedRequest } from '../knobs.ts';
import type { Upload } from '../messages/messages.ts';
import type { World } from '../world.ts';
import { parseBody, readBytes } from './body.ts';
import type { RateLimits } from './rate-limits.ts';
import { type Answer, Refusal, refusal, statusRefusal } from './refusals.ts';
import { findRoute } from './routes.ts';

const PREFIX = '/api/v10/';

/** The door of REST v10: reads, logs, forces, limits, answers. */
export function createRest(world: World, limits: RateLimits, log: (request: LoggedRequest) => void) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const bytes = await readBytes(request);
    const { asked, uploads, problem } = await understand(world, request, bytes);
    const forced = takeForced(world, asked);
    const lost = forced && 'lose' in forced ? forced.lose : undefined;
    if (lost !== 'request') {
      const answer = forced && 'status' in forced ? forced : (problem?.answer ?? route(world, limits, asked, uploads));
      limits.settle(answer);
      if (lost === undefined) {
        log({ ...asked, status: answer.status, answer: copy(answer.body) });
        reply(response, answer);
        return;
      }
    }
    log({ ...asked, status: 0, answer: undefined });
    request.socket.destroy();
  };
}

/** Later changes of what was answered must not show in the log. */
function copy(body: unknown): unknown {
  return body === undefined ? undefined : JSON.parse(JSON.stringify(body));
}

async function understand(world: World, request: IncomingMessage, bytes: Buffer | undefined) {
  const address = new URL(request.url ?? '/', 'http://localhost');
  const versioned = address.pathname.startsWith(PREFIX);
  let problem = bytes ? undefined : refusal(40005);
  const parsed = await parseBody(request.headers['content-type'] ?? '', bytes ?? Buffer.alloc(0)).catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error;
    problem ??= error;
    return { json: undefined, uploads: [] as Upload[] };
  });
  const asked: AskedRequest = {
    method: request.method ?? 'GET',
    path: versioned ? decoded(address.pathname.slice(PREFIX.length - 1)) : address.pathname,
    query: Object.fromEntries(address.searchParams),
    json: parsed.json,
    files: parsed.uploads.map(({ id, name, type, data }) => ({ id, name, type, size: data.length })),
    authorized: request.headers.authorization === `Bot ${world.token}`,
    at: world.now(),
  };
  if (!versioned) problem = statusRefusal(404, 'Not Found');
  return { asked, uploads: parsed.uploads, problem };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function takeForced(world: World, asked: AskedRequest): Forced | undefined {
  const index = world.knobs.forced.findIndex((forced) => forced.match(asked));
  return index < 0 ? undefined : world.knobs.forced.splice(index, 1)[0];
}

function route(world: World, limits: RateLimits, asked: AskedRequest, uploads: readonly Upload[]): Answer {
  return settled(() => {
    const { route: found, params } = findRoute(asked.method, asked.path);
    if (found.token && !asked.authorized) throw statusRefusal(401, 'Unauthorized');
    const headers = limits.take([asked.method, found.path, ...params.slice(0, found.majors)].join(' '), found.token);
    const answer = settled(() => found.answer(world, params, { json: asked.json, uploads, query: asked.query }));
    return { ...answer, headers: { ...headers, ...answer.headers } };
  });
}

/** A refusal is an answer; anything else that is thrown is a mistake of the simulator. */
function settled(work: () => Answer): Answer {
  try {
    return work();
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    throw error;
  }
}

/** A JSON content type on an empty answer makes @discordjs/rest fail, and Discord sends none. */
function reply(response: ServerResponse, { status, body, headers }: Answer): void {
  if (status === 204) {
    response.writeHead(204, headers).end();
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body ?? {}));
}
