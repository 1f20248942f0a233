import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Log } from '../log.ts';
import { openScratch } from '../scratch.ts';
import { type Ending, type Render, startRender } from './local/child.ts';
import type { Quality } from './local/stage.ts';
import { type JobRef, type Poll, SubmitRejected, SubmitUnknown, type VideoProvider, type VideoRequest } from './provider.ts';

export interface LocalProviderOptions {
  /** Absolute path of the program. */
  ffmpeg: string;
  /** Holds the clips until they are fetched; other processes may use the same one. */
  workDir: string;
  /** Clips at a time, 1 unless told. */
  slots?: number;
  /** `full` unless told. */
  quality?: Quality;
  log?: Log;
}

interface Job {
  file: string;
  poll: Poll;
  /** Only while it waits: afterwards the words are with the renderer alone. */
  request?: Omit<VideoRequest, 'reference'> | undefined;
  render?: Render | undefined;
}

const SHORTEST_SECONDS = 2;
const LONGEST_SECONDS = 10;
const LONGEST_PROMPT = 500;
/** Ended jobs that nobody fetched or forgot: beyond so many the oldest go. */
const MOST_ENDED = 100;

/**
 * Paints previews on this machine: procedural, no model, no network. One process per clip, at the lowest priority. Jobs live as
 * long as this provider: after a restart they are unknown, and submitting again gives the same video.
 */
export function createLocalProvider(options: LocalProviderOptions): VideoProvider {
  const { ffmpeg, workDir, slots = 1, quality = 'full', log } = options;
  const directory = openScratch(workDir, 'render', Date.now());
  /** By reference, in the order of their arrival. */
  const jobs = new Map<string, Job>();
  let closed = false;

  const waiting = () => [...jobs.values()].filter(({ request }) => request);
  const running = () => [...jobs.values()].flatMap(({ render }) => render ?? []);

  function startNext(): void {
    const [job] = waiting();
    if (closed || !job?.request || running().length >= slots) return;
    const { request } = job;
    job.request = undefined;
    job.poll = { state: 'running', progress: 0 };
    const render = startRender({ ffmpeg, output: job.file, quality, request }, (progress) => {
      if (job.poll.state === 'running') job.poll = { state: 'running', progress };
    });
    job.render = render;
    void render.ended.then((ending) => {
      job.render = undefined;
      if (job.poll.state === 'running') settle(job, ending);
      startNext();
    });
    startNext();
  }

  function settle(job: Job, ending: Ending): void {
    job.poll = ending.state === 'succeeded' ? ending : { state: 'failed', reason: 'provider_error' };
    if (ending.state === 'failed') {
      void discard(job);
      log?.error('preview was not rendered', {
        provider: 'local',
        error: ending.error,
        ...(ending.code && { code: ending.code }),
      });
    }
  }

  /** Best effort: what stays goes with the directory. */
  const discard = ({ file }: Job) => Promise.allSettled([rm(file, { force: true }), rm(`${file}.part`, { force: true })]);

  async function cancel({ id }: JobRef): Promise<void> {
    const job = jobs.get(id);
    if (!job || (job.poll.state !== 'queued' && job.poll.state !== 'running')) return;
    job.poll = { state: 'failed', reason: 'cancelled' };
    job.request = undefined;
    job.render?.kill();
    await job.render?.ended;
    await discard(job);
  }

  async function forget(ref: JobRef): Promise<void> {
    await cancel(ref);
    const job = jobs.get(ref.id);
    jobs.delete(ref.id);
    if (job) await discard(job);
  }

  async function forgetOldest(): Promise<void> {
    const ended = [...jobs].filter(([, { poll }]) => poll.state !== 'queued' && poll.state !== 'running');
    for (const [id] of ended.slice(0, Math.max(0, ended.length - MOST_ENDED))) await forget({ id });
  }

  return {
    name: 'local',
    label: 'Local preview, made by procedure on this machine (not AI)',
    repeatable: true,
    slots,
    pollEveryMs: 500,
    estimate: ({ seconds }) => Math.ceil(2 + seconds),
    async submit({ reference, ...request }) {
      const { seconds, seed } = request;
      if (!(seconds >= SHORTEST_SECONDS && seconds <= LONGEST_SECONDS && Number.isInteger(seed)))
        throw new SubmitRejected('invalid_input');
      if (closed) throw new SubmitUnknown('the renderer is closed');
      if (jobs.has(reference)) return { id: reference };
      const prompt = [...request.prompt].slice(0, LONGEST_PROMPT).join('');
      const job: Job = {
        file: path.join(directory, `${randomUUID()}.mp4`),
        poll: { state: 'queued' },
        request: { ...request, prompt },
      };
      jobs.set(reference, job);
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await forgetOldest();
      startNext();
      return { id: reference };
    },
    async poll({ id }) {
      const job = jobs.get(id);
      if (!job) return { state: 'unknown' };
      return job.request ? { state: 'queued', position: waiting().indexOf(job) + 1 } : job.poll;
    },
    cancel,
    async download({ id }) {
      const job = jobs.get(id);
      if (job?.poll.state !== 'succeeded') throw new Error('the preview is not ready');
      return readFile(job.file);
    },
    forget,
    async close() {
      closed = true;
      await Promise.all([...jobs.keys()].map((id) => cancel({ id })));
      jobs.clear();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
