import { spawn } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { openScratch } from '../scratch.ts';

/** Nothing that we ask of ffmpeg takes longer than this on a slow machine. */
const LIMIT_MS = 120_000;
/** Behind everything that answers people. */
const NICENESS = 15;

/** ffmpeg ended badly or took too long; `code` says how, the message quotes nothing. */
export class FfmpegFailed extends Error {
  override readonly name = 'FfmpegFailed';
  readonly code: string;

  constructor(code: string) {
    super('ffmpeg failed');
    this.code = code;
  }
}

/** Runs ffmpeg without a shell and gives back what it wrote to its output; throws FfmpegFailed. */
export async function runFfmpeg(ffmpeg: string, given: string[]): Promise<Buffer> {
  const child = spawn(ffmpeg, ['-hide_banner', '-loglevel', 'quiet', '-nostdin', '-y', ...given], {
    // None of the product's secrets: others on the machine may read them there.
    env: {},
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  if (child.pid !== undefined) lowerPriority(child.pid);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('error', () => reject(new FfmpegFailed('not started')));
      child.once('close', (code, signal) => (code === 0 ? resolve() : reject(new FfmpegFailed(signal ?? `exit ${code}`))));
    });
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(chunks);
}

/** The arguments that read an MP4 of ours or of a provider: one demuxer, local files only, one thread, at most a minute. */
export const readMp4 = (file: string): string[] => [
  '-protocol_whitelist',
  'file,pipe',
  '-threads',
  '1',
  '-t',
  '60',
  '-f',
  'mp4',
  '-i',
  file,
];

/** Lends the video as a file in a directory of its own (ffmpeg cannot seek in a pipe) and removes both afterwards. */
export async function asFile<Result>(video: Buffer, use: (file: string, directory: string) => Promise<Result>): Promise<Result> {
  const directory = openScratch(os.tmpdir(), 'lpm-video', Date.now());
  try {
    const file = path.join(directory, 'in.mp4');
    await writeFile(file, video, { mode: 0o600 });
    return await use(file, directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Best effort: a process that has just ended needs no lower priority. */
export function lowerPriority(pid: number, niceness = NICENESS): void {
  try {
    os.setPriority(pid, niceness);
  } catch {
    return;
  }
}
