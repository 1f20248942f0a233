import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { actionAt, type Persons } from './actions.ts';
import { createFiles } from './files.ts';
import { readForm } from './form.ts';
import { admit, cookie, Declined, protect, same } from './guard.ts';
import { createLive } from './live.ts';
import { readSite } from './site.ts';

export interface ChatPage {
  /** Open this in a browser; it carries the secret where there is one. */
  url: string;
  close(): Promise<void>;
}

export interface ChatPageOptions {
  /** 0 or left out: a free one. */
  port?: number;
  persons: Persons;
  /** Only who opened `url` gets in: for machines that others have accounts on. */
  secret?: string;
}

/** Serves the page in which one chats with the bot as both persons. Loopback only. Throws where the port is taken. */
export async function createChatPage({ port: wanted = 0, persons, secret }: ChatPageOptions): Promise<ChatPage> {
  const site = readSite();
  const files = createFiles();
  const live = createLive(persons, files);
  let port = 0;

  /** True when the answer was the exchange of the address's secret for a cookie. */
  function letIn(request: IncomingMessage, response: ServerResponse, { pathname, searchParams }: URL): boolean {
    if (secret === undefined) return false;
    const name = `chat-page-${port}`;
    if (same(cookie(request, name), encodeURIComponent(secret))) return false;
    if (pathname !== '/' || !same(searchParams.get('secret'), secret))
      throw new Declined(401, 'Open the address that was printed at the start.');
    response.setHeader('set-cookie', `${name}=${encodeURIComponent(secret)}; HttpOnly; SameSite=Strict; Path=/`);
    response.writeHead(303, { location: '/' }).end();
    return true;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    protect(response);
    admit(request, port);
    const url = new URL(request.url ?? '/', `http://127.0.0.1:${port}`);
    if (letIn(request, response, url)) return;
    if (request.method === 'POST') {
      const action = actionAt(url.pathname);
      if (!action) throw new Declined(404, 'There is nothing here.');
      await action(persons, await readForm(request));
      response.writeHead(204).end();
      return;
    }
    if (request.method !== 'GET') throw new Declined(405, 'GET and POST only.');
    if (url.pathname === '/events') return live.join(response);
    if (url.pathname === '/file') return files.serve(request, response, url.searchParams);
    const asset = site.get(url.pathname);
    if (!asset) throw new Declined(404, 'There is nothing here.');
    response.writeHead(200, { 'content-type': asset.type, 'content-length': asset.body.length }).end(asset.body);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      request.resume();
      if (response.headersSent) {
        response.destroy();
        return;
      }
      const [status, message] = error instanceof Declined ? [error.status, error.message] : [500, 'The page could not do that.'];
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ message }));
    });
  });
  server.listen(wanted, '127.0.0.1');
  await once(server, 'listening').catch((error: unknown) => {
    live.close();
    throw error;
  });
  const address = server.address();
  port = typeof address === 'object' && address ? address.port : 0;

  return {
    url: `http://127.0.0.1:${port}/${secret === undefined ? '' : `?secret=${encodeURIComponent(secret)}`}`,
    async close() {
      live.close();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
