import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { JobRef, Poll, VideoProvider, VideoRequest } from '../../core/providers/provider.ts';
import { testServers } from './servers.ts';

export interface ScriptedProvider extends VideoProvider {
  /** Every submit that arrived, in order: what a real provider would have been paid for. */
  submitted: VideoRequest[];
  cancelled: JobRef[];
  /** What polls answer from now on. */
  answer: Poll;
  /** Thrown by the next submits, first come first served. */
  refusals: Error[];
}

let sample: Promise<Buffer> | undefined;

/** A real small MP4, made once per test file. */
export function sampleVideo(): Promise<Buffer> {
  sample ??= (async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lpm-sample-'));
    const file = join(folder, 'sample.mp4');
    const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=12:duration=1'];
    const sound = ['-f', 'lavfi', '-i', 'sine=frequency=330:duration=1'];
    const coding = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-movflags', '+faststart'];
    await promisify(execFile)(testServers().ffmpeg, ['-loglevel', 'error', '-y', ...picture, ...sound, ...coding, file]);
    const bytes = await readFile(file);
    await rm(folder, { recursive: true });
    return bytes;
  })();
  return sample;
}

/** The provider port played from a script: the product's own code runs around it unchanged. */
export async function createScriptedProvider(options: Partial<VideoProvider> = {}): Promise<ScriptedProvider> {
  const video = await sampleVideo();
  const provider: ScriptedProvider = {
    name: 'scripted',
    label: 'A test clip',
    repeatable: false,
    slots: 4,
    pollEveryMs: 20,
    submitted: [],
    cancelled: [],
    answer: { state: 'succeeded' },
    refusals: [],
    estimate: () => 10,
    async submit(request) {
      const refusal = provider.refusals.shift();
      if (refusal) throw refusal;
      provider.submitted.push(request);
      return { id: `job-${request.reference}` };
    },
    poll: async () => provider.answer,
    async cancel(job) {
      provider.cancelled.push(job);
    },
    download: async () => video,
    forget: async () => {},
    close: async () => {},
  };
  return Object.assign(provider, options);
}
