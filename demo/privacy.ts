import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fromBuffer, type Options, type ZipFile } from 'yauzl';
import type { Person, SeenFile, SeenMessage } from '../simulator/person.ts';
import { pressButton } from './buttons.ts';

const PATIENCE_MS = 60_000;

type Say = (line: string) => void;

/** Takes everything that is held about a person away as one file, and prints what is in it. */
export async function takeAway(person: Person, output: string, say: Say): Promise<void> {
  person.command('privacy export', { content: 'all' });
  const { name, bytes } = await fileOf(person, /\.zip$/);
  await writeFile(join(output, name), bytes);
  const entries = await entriesOf(bytes);
  const wanted = ['README.html', 'manifest.json', 'consents.json', 'access-log.json', 'billing.csv'];
  const missing = [
    ...wanted.filter((path) => !entries.some((entry) => entry.path === path)),
    ...(entries.some(({ path }) => /^videos\/.+\.mp4$/.test(path)) ? [] : ['videos/']),
  ];
  if (missing.length > 0) throw new Error(`the archive lacks ${missing.join(', ')}`);
  say(`        checked  ${join(output, name)}: ${entries.length} files, ${(bytes.length / 1e6).toFixed(2)} MB`);
  for (const { path, size } of entries) say(`                 ${path.padEnd(48)} ${String(size).padStart(9)} bytes`);
}

/** Deletes a person's account now, checks the signed receipt on our page as anybody could, and prints what it holds. */
export async function leave(person: Person, output: string, url: string, say: Say): Promise<void> {
  person.command('privacy', {});
  await pressButton(person, /^Delete$/);
  await pressButton(person, /^My account$/);
  await pressButton(person, /^Now$/);
  await pressButton(person, /^Yes, delete my account$/);
  const { name, bytes } = await fileOf(person, /^deletion-receipt-.*\.json$/);
  await writeFile(join(output, name), bytes);
  const page = await checkOnPage(url, bytes.toString());
  if (!page.includes('<h1>Genuine</h1>')) throw new Error('the receipt is not genuine');
  say(`        checked  ${join(output, name)} at ${url}/receipt: genuine`);
  for (const [, term = '', words = ''] of page.matchAll(/<dt>(.*?)<\/dt><dd>(.*?)<\/dd>/g))
    say(`                 ${term}: ${words}`);
}

async function fileOf(person: Person, name: RegExp): Promise<{ name: string; bytes: Buffer }> {
  const wanted = ({ files }: SeenMessage): SeenFile | undefined =>
    files.find((file) => file.kind === 'file' && name.test(file.name));
  const file = wanted(await person.until((message) => wanted(message) !== undefined, PATIENCE_MS));
  if (!file) throw new Error('the file is gone again');
  return { name: file.name, bytes: Buffer.from(await (await fetch(file.url)).arrayBuffer()) };
}

const open = promisify<Buffer, Options, ZipFile>(fromBuffer);

/** Every file of a ZIP with its size in bytes, in order. */
async function entriesOf(zip: Buffer): Promise<{ path: string; size: number }[]> {
  const file = await open(zip, { lazyEntries: false });
  const entries: { path: string; size: number }[] = [];
  return new Promise((resolve, reject) => {
    file.on('entry', ({ fileName, uncompressedSize }) => void entries.push({ path: fileName, size: uncompressedSize }));
    file.on('error', reject);
    file.on('end', () => resolve(entries));
  });
}

/** Sends the page's form as a browser does. */
async function checkOnPage(url: string, receipt: string): Promise<string> {
  const answer = await fetch(`${url}/receipt`, {
    method: 'POST',
    headers: { origin: new URL(url).origin },
    body: new URLSearchParams({ receipt }),
  });
  return answer.text();
}
