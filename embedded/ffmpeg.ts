import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Environment, forInstalling } from './environment.ts';
import { ffmpegIn } from './packages.ts';
import { output } from './python.ts';

export interface Ffmpeg {
  path: string;
  version: string;
  from: 'FFMPEG_PATH' | 'PATH' | 'package';
}

const OLDEST_MAJOR = 5;
const OLDEST_MINOR = 1;

/** The ffmpeg of FFMPEG_PATH, else the one on the PATH if it is 5.1 or newer. Throws when FFMPEG_PATH does not run. */
export async function findFfmpeg(env: Environment): Promise<Ffmpeg | undefined> {
  if (env.FFMPEG_PATH) {
    const version = await versionOf(env.FFMPEG_PATH, env);
    if (version === undefined)
      throw new Error(`FFMPEG_PATH names ${env.FFMPEG_PATH}, which does not run: correct it or unset it`);
    return { path: env.FFMPEG_PATH, version, from: 'FFMPEG_PATH' };
  }
  const path = onPath(env);
  const version = path && (await versionOf(path, env));
  return path && version && isNewEnough(version) ? { path, version, from: 'PATH' } : undefined;
}

function onPath({ PATH = '' }: Environment): string | undefined {
  return PATH.split(delimiter)
    .map((directory) => join(directory, 'ffmpeg'))
    .find((path) => existsSync(path));
}

/** The ffmpeg of the pinned package. */
export async function packagedFfmpeg(venvDir: string, env: Environment): Promise<Ffmpeg> {
  const path = await ffmpegIn(venvDir);
  return { path, version: (await versionOf(path, env)) ?? 'unknown', from: 'package' };
}

/** Whether a version as ffmpeg prints it is 5.1 or newer; builds between releases (N-12345-g...) count as new. */
export function isNewEnough(version: string): boolean {
  if (version.startsWith('N-')) return true;
  const [major = 0, minor = 0] = /(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number) ?? [];
  return major > OLDEST_MAJOR || (major === OLDEST_MAJOR && minor >= OLDEST_MINOR);
}

async function versionOf(path: string, env: Environment): Promise<string | undefined> {
  return /^ffmpeg version (\S+)/.exec((await output([path, '-version'], forInstalling(env))) ?? '')?.[1];
}
