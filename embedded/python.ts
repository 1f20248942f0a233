import { execFile } from 'node:child_process';

/** A program that can make the virtual environment, or what is missing for it. */
export type Maker = { name: 'venv' | 'uv'; command: string[] } | { missing: string };

// The wheels of requirements.txt exist for these.
const OLDEST = 11;
const NEWEST = 13;
const CANDIDATES = ['python3', 'python3.13', 'python3.12', 'python3.11'];

export interface Python {
  name: string;
  version: string;
  /** Debian keeps the module venv needs in a package of its own. */
  hasVenv: boolean;
}

/** The first Python from 3.11 to 3.13 on the PATH, one that can make virtual environments if there is any. */
export async function findPython(env: Record<string, string>): Promise<Python | undefined> {
  const found: Python[] = [];
  for (const name of CANDIDATES) {
    const program =
      'import sys\ntry:\n  import venv, ensurepip; ok = "venv"\nexcept ImportError: ok = ""\nprint("%d.%d.%d" % sys.version_info[:3], ok)';
    const [version = '', venv] = (await output([name, '-c', program], env))?.trim().split(' ') ?? [];
    const minor = Number(/^3\.(\d+)\./.exec(version)?.[1] ?? 0);
    if (minor < OLDEST || minor > NEWEST) continue;
    if (venv) return { name, version, hasVenv: true };
    found.push({ name, version, hasVenv: false });
  }
  return found[0];
}

/** Python's own venv where it can, else uv, else how to get one of them. */
export async function findMaker(env: Record<string, string>): Promise<Maker> {
  const python = await findPython(env);
  if (python?.hasVenv) return { name: 'venv', command: [python.name, '-m', 'venv'] };
  if (await output(['uv', '--version'], env)) return { name: 'uv', command: ['uv', 'venv', '--python', '>=3.11,<3.14'] };
  return { missing: howToGetPython(python) };
}

/** One sentence on what to install. */
export function howToGetPython(python: Python | undefined): string {
  if (!python)
    return 'no Python 3.11, 3.12 or 3.13 is on the PATH: install one (apt-get install python3 python3-venv, or brew install python@3.13), or uv';
  return `${python.name} (${python.version}) cannot make virtual environments: apt-get install python3-venv, or install uv`;
}

/** Standard output of a program, or undefined when it is not there or fails. */
export function output(command: readonly [string, ...string[]], env: Record<string, string>): Promise<string | undefined> {
  const [file, ...args] = command;
  return new Promise((resolve) => {
    execFile(file, args, { env, timeout: 10_000 }, (error, stdout) => resolve(error ? undefined : stdout));
  });
}
