import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface Asset {
  type: string;
  body: Buffer;
}

const types: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
};

const fonts = ['latin', 'latin-ext', 'cyrillic', 'greek', 'vietnamese'].flatMap((script) =>
  [400, 500, 600].map((weight) => `inter-${script}-${weight}-normal.woff2`),
);

function asset(name: string, file: URL): [string, Asset] {
  const type = types[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
  return [`/${name}`, { type, body: readFileSync(file) }];
}

/** Everything the page is made of, by path, read once: what is not in the map cannot be asked for. */
export function readSite(): Map<string, Asset> {
  const folder = new URL('./site/', import.meta.url);
  const served = readdirSync(fileURLToPath(folder)).filter((name) => /\.(html|css|js|svg)$/.test(name));
  const site = new Map(served.map((name) => asset(name, new URL(name, folder))));
  for (const name of fonts) site.set(...asset(name, new URL(import.meta.resolve(`@fontsource/inter/files/${name}`))));
  const index = site.get('/index.html');
  if (index) site.set('/', index);
  return site;
}
