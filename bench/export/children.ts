import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Measured } from './measured.ts';

/**
 * Every side as JavaScript in a folder of their own, as a deployment runs the product: the compiler on the fly would count into the memory
 * of each. Resolves with how to start one.
 */
export async function buildSides(folder: string): Promise<(side: string) => string> {
  await mkdir(folder, { recursive: true });
  await symlink(resolve('node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  const files = ['seed', 'pipe', 'product'].map((side) => resolve('bench', 'export', `${side}.ts`));
  const compilerOptions = {
    noEmit: false,
    outDir: folder,
    rootDir: resolve('.'),
    types: ['node'],
    typeRoots: [resolve('node_modules/@types')],
  };
  const project = join(folder, 'tsconfig.json');
  await writeFile(project, JSON.stringify({ extends: resolve('tsconfig.json'), compilerOptions, include: files, exclude: [] }));
  await new Promise<void>((done, failed) => {
    execFile(resolve('node_modules/.bin/tsc'), ['-p', project], (error, out) => (error ? failed(new Error(out)) : done()));
  });
  return (side) => join(folder, 'bench', 'export', `${side}.js`);
}

/**
 * The engine's young generation is 48 MB otherwise, however little is in it, and what a long stream leaves in the old one may grow to several
 * times what is in use. A container is started with the same.
 */
export const FLAGS = ['--max-semi-space-size=4', '--heap-growing-percent=100'];

/** Runs one side to its end in a process of its own, with these settings and no others. */
export async function runSide(file: string, settings: Record<string, string>, signal: AbortSignal): Promise<Measured> {
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', ...settings };
  const child = spawn(process.execPath, [...FLAGS, file], {
    env,
    signal,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, complaints, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (code !== 0) throw new Error(`${file} ended with ${code}\n${complaints}`);
  return JSON.parse(out) as Measured;
}
