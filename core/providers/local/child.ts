import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { lowerPriority } from '../../media/ffmpeg.ts';
import type { VideoRequest } from '../provider.ts';
import type { Quality } from './stage.ts';

export interface RenderJob {
  ffmpeg: string;
  /** Path of the finished file. */
  output: string;
  quality: Quality;
  request: Omit<VideoRequest, 'reference'>;
}

/** What the process tells; never a word of the prompt. */
export type RenderNews = { frame: number; frames: number } | { failed: string; code?: string };

export type Ending = { state: 'succeeded' } | { state: 'failed'; error: string; code?: string | undefined };

export interface Render {
  /** Resolves once, when the process has ended. */
  ended: Promise<Ending>;
  /** Ends the process and its ffmpeg at once. */
  kill(): void;
}

/** A render that takes longer hangs. */
const LIMIT_MS = 10 * 60_000;
const NICENESS = 19;
const HEAP_MEGABYTES = 512;

/** Starts a process of its own for one clip, so that drawing never holds up this one. */
export function startRender(job: RenderJob, onProgress: (progress: number) => void): Render {
  const here = fileURLToPath(import.meta.url);
  const typescript = here.endsWith('.ts');
  const child = fork(path.join(path.dirname(here), typescript ? 'render.ts' : 'render.js'), [], {
    // Node looks for tsx from the working directory.
    cwd: path.dirname(here),
    execArgv: [`--max-old-space-size=${HEAP_MEGABYTES}`, ...(typescript ? ['--import', 'tsx'] : [])],
    env: {},
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    // A process group of its own: one signal reaches ffmpeg too.
    detached: true,
  });
  if (child.pid !== undefined) lowerPriority(child.pid, NICENESS);

  let failure: Extract<RenderNews, { failed: string }> | undefined;
  child.on('message', (message) => {
    // Comes from render.ts and from nobody else.
    const news = message as RenderNews;
    if ('failed' in news) failure = news;
    else onProgress(news.frame / news.frames);
  });
  const kill = () => killGroup(child);
  const timer = setTimeout(kill, LIMIT_MS);
  const ended = new Promise<Ending>((resolve) => {
    const end = (ending: Ending) => {
      clearTimeout(timer);
      resolve(ending);
    };
    child.once('error', (error) => end({ state: 'failed', error: error.name }));
    child.once('exit', (code, signal) => {
      if (code === 0) end({ state: 'succeeded' });
      else end({ state: 'failed', error: failure?.failed ?? 'renderer ended', code: failure?.code ?? signal ?? `exit ${code}` });
    });
  });
  // A process that has died before it could listen reports itself through its exit.
  child.send(job, () => {});
  return { ended, kill };
}

function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // Ended in between.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
