import http from 'node:http';
import type { StoredFile } from '../files/store.ts';
import type { Forced, TelegramCall, World } from '../world.ts';
import { decodeWords, readBody } from './body.ts';
import type { Method } from './methods.ts';
import { Refusal } from './refusal.ts';

const BREAK = Symbol('break');

/** The HTTP side of the Bot API: calls, downloads, and the files as a browser may see them. */
export function createServer(world: World, methods: Map<string, Method>, record: (call: TelegramCall) => void): http.Server {
  return http.createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => refuse(response, error));
  });

  async function answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://simulator');
    const view = /^\/view\/([0-9a-f]{32})(\/|$)/.exec(url.pathname)?.[1];
    if (view) return show(request, response, world.files.byView(view));
    const [, token, path] = /^\/file\/bot([^/]+)\/(.+)$/.exec(url.pathname) ?? [];
    if (path) return download(response, token, path);
    const result = await call(request, response, url);
    if (result === BREAK) request.socket.destroy();
    else sendJson(response, 200, { ok: true, result });
  }

  async function call(request: http.IncomingMessage, response: http.ServerResponse, url: URL): Promise<unknown> {
    const [, token, method = ''] = /^\/bot([^/]+)\/(\w+)$/.exec(url.pathname) ?? [];
    if (!token || !/^\d+:/.test(token)) throw new Refusal(404, 'Not Found');
    if (token !== world.token) throw new Refusal(401, 'Unauthorized');
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const made: TelegramCall = { method, fields: {}, files: [], at: world.now() };
    try {
      const { fields, files } = await readBody(request, world.knobs.uploadLimit);
      made.fields = { ...decodeWords(url.searchParams), ...fields };
      made.files = [...files].map(([field, { name, data }]) => ({ field, name, size: data.length }));
      const forced = takeForced(world.knobs.forced, made);
      if (forced === 'break before') return BREAK;
      if (forced instanceof Refusal) throw forced;
      const run = methods.get(method.toLowerCase());
      if (!run) throw new Refusal(404, 'Not Found: method not found');
      const isGiven = typeof forced === 'object';
      made.result = isGiven ? forced.result : await run({ fields: made.fields, files, gone: gone.signal });
      return forced === 'break after' ? BREAK : made.result;
    } catch (error) {
      if (error instanceof Refusal) made.error = error.answer;
      throw error;
    } finally {
      record(made);
    }
  }

  function download(response: http.ServerResponse, token: string | undefined, path: string): void {
    const file = world.files.byPath(path);
    if (token !== world.token) throw new Refusal(401, 'Unauthorized');
    if (!file || file.data.length > world.knobs.downloadLimit) throw new Refusal(404, 'Not Found');
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': file.data.length }).end(file.data);
  }
}

function takeForced(forced: Forced[], call: TelegramCall): Forced['answer'] | undefined {
  const matches = ({ method, when }: Forced) => method === call.method && (when?.(call.fields) ?? true);
  const index = forced.findIndex(matches);
  return index === -1 ? undefined : forced.splice(index, 1)[0]?.answer;
}

function refuse(response: http.ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) return;
  if (!(error instanceof Refusal)) console.error('the Telegram simulator failed', error);
  const { answer } = error instanceof Refusal ? error : new Refusal(500, 'Internal Server Error');
  const retryAfter = answer.parameters?.retry_after;
  sendJson(response, answer.error_code, answer, retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) });
}

function sendJson(response: http.ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** Serves a file with ranges, which browsers need to play an MP4. */
function show(request: http.IncomingMessage, response: http.ServerResponse, file: StoredFile | undefined): void {
  if (!file) throw new Refusal(404, 'Not Found');
  const { data, mime } = file;
  const headers = {
    'content-type': /^(image|video)\//.test(mime) ? mime : 'application/octet-stream',
    'accept-ranges': 'bytes',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "sandbox; default-src 'none'",
    'access-control-allow-origin': '*',
  };
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  if (first === '' && last === '') {
    response.writeHead(200, { ...headers, 'content-length': data.length }).end(request.method === 'HEAD' ? undefined : data);
    return;
  }
  const start = first === '' ? Math.max(data.length - Number(last), 0) : Number(first);
  const end = first === '' || last === '' ? data.length - 1 : Math.min(Number(last), data.length - 1);
  if (start > end) {
    response.writeHead(416, { ...headers, 'content-range': `bytes */${data.length}` }).end();
    return;
  }
  const range = { 'content-range': `bytes ${start}-${end}/${data.length}`, 'content-length': end - start + 1 };
  response.writeHead(206, { ...headers, ...range }).end(request.method === 'HEAD' ? undefined : data.subarray(start, end + 1));
}
