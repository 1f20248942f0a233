import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Letter } from './message.ts';

const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Serves what has arrived, newest first. Loopback only; no script. Throws where the port is taken. */
export async function createMailPage(
  wanted: number,
  letters: () => readonly Letter[],
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => answer(request, response, letters()));
  server.listen(wanted, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function answer(request: IncomingMessage, response: ServerResponse, letters: readonly Letter[]): void {
  request.resume();
  const [status, type, body] = contentFor(request, letters);
  response.setHeader('content-security-policy', POLICY);
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('cache-control', 'no-store');
  response.writeHead(status, { 'content-type': `${type}; charset=utf-8` }).end(body);
}

function contentFor({ headers, method, url }: IncomingMessage, letters: readonly Letter[]): [number, string, string] {
  // A foreign Host means that another site has pointed its name at this machine.
  if (!/^(127\.0\.0\.1|localhost):\d+$/.test(headers.host ?? '')) return [421, 'text/plain', 'Loopback only.'];
  if (method !== 'GET' && method !== 'HEAD') return [405, 'text/plain', 'GET only.'];
  const { pathname } = new URL(url ?? '/', 'http://local');
  if (pathname === '/style.css') return [200, 'text/css', STYLE];
  if (pathname === '/') return [200, 'text/html', pageOf(letters)];
  return [404, 'text/plain', 'There is nothing here.'];
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** Addresses can be followed, everything else is only shown. */
const linked = (text: string): string =>
  text
    .split(/(https?:\/\/[^\s<>"']+)/)
    .map((part, index) => (index % 2 ? `<a href="${escaped(part)}" rel="noreferrer">${escaped(part)}</a>` : escaped(part)))
    .join('');

function letterOf({ to, subject, text, headers, at }: Letter): string {
  const time = new Date(at).toISOString();
  return `<article>
<h2>${escaped(subject || 'No subject')}</h2>
<dl>
<div><dt>To</dt><dd>${escaped(to)}</dd></div>
<div><dt>From</dt><dd>${escaped(headers.from ?? '')}</dd></div>
<div><dt>Arrived</dt><dd><time datetime="${time}">${time.slice(0, 19).replace('T', ' ')} UTC</time></dd></div>
</dl>
<div class="text">${linked(text)}</div>
<details>
<summary>All headers</summary>
<pre tabindex="0">${escaped(
    Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}`)
      .join('\n'),
  )}</pre>
</details>
</article>`;
}

const pageOf = (letters: readonly Letter[]): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Simulated mailbox</title>
<link rel="stylesheet" href="/style.css">
<link rel="icon" href="data:,">
</head>
<body>
<header>
<h1>Simulated mailbox</h1>
<p>Every e-mail of the product ends here; nothing leaves this machine. <a href="/">Look again</a></p>
</header>
<main>
${letters.length > 0 ? letters.toReversed().map(letterOf).join('\n') : '<p class="empty">No mail yet. In the chat, /privacy correct with an address of your own sends some.</p>'}
</main>
</body>
</html>
`;

const STYLE = `:root {
  color-scheme: light dark;
  --page: light-dark(#e8eaf1, #0b0c11);
  --card: light-dark(#ffffff, #171a21);
  --words: light-dark(#1d2029, #e8eaf0);
  --soft: light-dark(#565c6b, #a4abbb);
  --edge: light-dark(#d3d7e1, #333744);
  --link: light-dark(#4632c4, #a99bff);
  font: 16px/1.5 Inter, system-ui, sans-serif;
}
*, ::before, ::after { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--words); }
header, main { width: min(720px, 100vw - 32px); margin-inline: auto; }
header { padding: 24px 0 8px; }
h1 { margin: 0; font-size: 22px; }
h2 { margin: 0 0 10px; font-size: 18px; line-height: 1.3; overflow-wrap: anywhere; }
p { margin: 4px 0 12px; color: var(--soft); }
main { display: grid; gap: 16px; padding-bottom: 48px; }
article { min-width: 0; padding: 20px; background: var(--card); border: 1px solid var(--edge); border-radius: 14px; }
dl { margin: 0 0 14px; font-size: 14px; }
dl div { display: flex; gap: 10px; }
dt { flex: none; width: 60px; color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; }
a { color: var(--link); }
details { margin-top: 14px; font-size: 13px; color: var(--soft); }
summary { cursor: pointer; min-height: 24px; }
pre { overflow-x: auto; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
`;
