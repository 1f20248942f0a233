import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome'];

type Environment = Record<string, string | undefined>;

function runs(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Where the Chromium of this machine is: CHROMIUM_PATH, or the PATH. Throws a sentence that says how to get one. */
export function findChromium(env: Environment): string {
  const given = env.CHROMIUM_PATH;
  if (given) {
    if (runs(given)) return given;
    throw new Error(`CHROMIUM_PATH names ${given}, which cannot be run.`);
  }
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
  const found = names.flatMap((name) => folders.map((folder) => join(folder, name))).find(runs);
  if (found) return found;
  throw new Error('This needs a Chromium and the machine has none: apt-get install chromium, or set CHROMIUM_PATH to one.');
}

/** Starts a headless, silent Chromium. No sandbox: it opens pages of this machine only, also as root in a container. */
export function openChromium(env: Environment): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium(env), args: ['--no-sandbox', '--mute-audio'] });
}
