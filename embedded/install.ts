import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Environment, forInstalling } from './environment.ts';
import { startGuarded } from './guard.ts';
import { waitForLock } from './lock.ts';
import { pythonIn, REQUIREMENTS } from './packages.ts';
import { findMaker } from './python.ts';

export interface Installing {
  venvDir: string;
  env: Environment;
  say(line: string): void;
  /** The pinned packages with their hashes; our requirements.txt by default. */
  requirements?: string;
}

/** Whether `venvDir` holds all that `requirements` names, for this kind of machine, with a Python that is still there. */
export async function isInstalled(venvDir: string, requirements: string = REQUIREMENTS): Promise<boolean> {
  const mark = await readFile(markerIn(venvDir), 'utf8').catch(() => undefined);
  return mark === (await fingerprint(requirements)) && existsSync(pythonIn(venvDir));
}

/**
 * Installs the pinned packages into `venvDir` unless they are there. Of several at once one installs and the others wait;
 * an interrupted one leaves nothing that counts. Throws one that names the step that failed and why.
 */
export async function install({ venvDir, env, say, requirements = REQUIREMENTS }: Installing): Promise<void> {
  if (await isInstalled(venvDir, requirements)) return;
  await mkdir(dirname(venvDir), { recursive: true, mode: 0o700 });
  const lock = await waitForLock(`${venvDir}.lock`, (owner) => say(`Process ${owner} is fetching the servers, waiting for it`));
  try {
    if (await isInstalled(venvDir, requirements)) return;
    await removePartial(venvDir);
    const partial = `${venvDir}.partial-${process.pid}`;
    try {
      await build(partial, { venvDir, env, say, requirements });
      await writeFile(markerIn(partial), await fingerprint(requirements));
      await rm(venvDir, { recursive: true, force: true });
      await rename(partial, venvDir);
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
  } finally {
    await lock.release();
  }
}

async function build(partial: string, { venvDir, env, say, requirements }: Required<Installing>): Promise<void> {
  const log = `${venvDir}.log`;
  await writeFile(log, '');
  const run = (step: string, command: string[]) =>
    runStep(step, command, { env: forInstalling(env), directory: dirname(venvDir), log, say });
  const maker = await findMaker(forInstalling(env));
  if ('missing' in maker) throw new Error(`looking for Python failed: ${maker.missing}`);
  const began = Date.now();
  say('Fetching the servers and ffmpeg, once: about 140 MB');
  await run('making a virtual environment', [...maker.command, partial]);
  const checks = ['--require-hashes', '--only-binary', ':all:', '-r', requirements];
  const fetchWith =
    maker.name === 'uv'
      ? ['uv', 'pip', 'install', '--python', pythonIn(partial)]
      : [pythonIn(partial), '-m', 'pip', 'install', '--no-input', '--progress-bar', 'off', '--disable-pip-version-check'];
  await run('fetching the packages', [...fetchWith, ...checks]);
  say(`Fetched the servers and ffmpeg in ${Math.round((Date.now() - began) / 1000)} s`);
}

interface StepOptions {
  env: Record<string, string>;
  directory: string;
  log: string;
  say(line: string): void;
}

async function runStep(step: string, command: string[], { env, directory, log, say }: StepOptions): Promise<void> {
  const lines: string[] = [];
  const heard = (line: string) => {
    lines.push(line);
    const large = /(?:Downloading|Using cached) ([\w.]+?)(?:-\d\S*)? \(([\d.]+ ?Mi?B)\)/.exec(line);
    if (large) say(`  ${large[1]}, ${large[2]}`);
  };
  const code = await startGuarded(command, { directory, env, pidFile: '/dev/null', output: heard }).exited;
  await appendFile(log, `${lines.join('\n')}\n`);
  if (code === 0) return;
  const reason = lines.filter((line) => /error/i.test(line)).at(-1) ?? lines.at(-1) ?? `exit code ${code}`;
  throw new Error(`${step} failed: ${reason.trim()} (all of it in ${log})`);
}

async function removePartial(venvDir: string): Promise<void> {
  const left = (await readdir(dirname(venvDir))).filter((name) => name.startsWith(`${basename(venvDir)}.partial-`));
  await Promise.all(left.map((name) => rm(join(dirname(venvDir), name), { recursive: true, force: true })));
}

const markerIn = (venvDir: string): string => join(venvDir, 'installed');

async function fingerprint(requirements: string): Promise<string> {
  const packages = await readFile(requirements);
  return `${createHash('sha256').update(packages).digest('hex')} ${process.platform} ${process.arch}`;
}
