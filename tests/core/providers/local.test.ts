import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import type { LogFields } from '../../../core/log.ts';
import { readMark } from '../../../core/media/mark.ts';
import { probe } from '../../../core/media/probe.ts';
import { createLocalProvider, type LocalProviderOptions } from '../../../core/providers/local.ts';
import {
  type JobRef,
  SubmitRejected,
  SubmitUnknown,
  type VideoProvider,
  type VideoRequest,
} from '../../../core/providers/provider.ts';
import { testServers } from '../../support/servers.ts';
import { descendantsOf, isAlive } from './processes.ts';

const { ffmpeg } = testServers();
const workDir = mkdtempSync(path.join(os.tmpdir(), 'local-test-'));
const opened: VideoProvider[] = [];

afterEach(async () => {
  for (const provider of opened.splice(0)) await provider.close();
});
afterAll(() => rmSync(workDir, { recursive: true, force: true }));

function open(options: Partial<LocalProviderOptions> = {}): VideoProvider {
  const provider = createLocalProvider({ ffmpeg, workDir, quality: 'small', ...options });
  opened.push(provider);
  return provider;
}

const request = (changes: Partial<VideoRequest> = {}): VideoRequest => ({
  reference: 'a',
  prompt: 'a ship on the sea at night',
  style: 'natural',
  aspectRatio: '16:9',
  seconds: 2,
  seed: 1,
  ...changes,
});

const becomes = (provider: VideoProvider, job: JobRef, state: string) =>
  vi.waitFor(async () => expect(await provider.poll(job)).toMatchObject({ state }), { timeout: 25_000, interval: 20 });

async function make(provider: VideoProvider, wish: VideoRequest): Promise<Buffer> {
  const job = await provider.submit(wish);
  await becomes(provider, job, 'succeeded');
  return provider.download(job);
}

/** The renderer and its ffmpeg, once both are there. */
const renderers = (root = process.pid) =>
  vi.waitFor(
    () => {
      const found = descendantsOf(root);
      const renderer = found.find(({ command }) => /local\/render\.[jt]s/.test(command));
      const encoder = found.find(({ command }) => command.startsWith(ffmpeg) && command.includes('rawvideo'));
      if (!renderer || !encoder) throw new Error('not both are running');
      return { renderer, encoder, all: found };
    },
    { timeout: 20_000, interval: 10 },
  );

const filesIn = (directory: string) =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('.mp4'));

describe('the local preview', () => {
  test('is an MP4 that plays everywhere, at once and with sound, and says that no AI model made it', async () => {
    const video = await make(open(), request({ aspectRatio: '9:16' }));
    const seen = await probe(video);
    expect(seen).toMatchObject({
      width: 360,
      height: 640,
      videoCodec: 'avc',
      audioCodec: 'aac',
      pixelFormat: 'yuv420p',
      faststart: true,
    });
    expect(seen.seconds).toBeCloseTo(2, 1);
    expect(video.includes('local preview renderer: procedural, no AI model')).toBe(true);
    expect(readMark(video)?.sourceType).toMatch(/\/algorithmicMedia$/);
  });

  test('is the same file for the same seed and another one for another seed', async () => {
    const provider = open({ slots: 2 });
    const videos = await Promise.all([
      make(provider, request({ reference: 'a', seed: 7 })),
      make(provider, request({ reference: 'b', seed: 7 })),
      make(provider, request({ reference: 'c', seed: 8 })),
    ]);
    const [first, again, other] = videos.map((video) => video.toString('base64'));
    expect(again === first).toBe(true);
    expect(other === first).toBe(false);
  });

  test('moves the camera over a picture and says that it is composed', async () => {
    const noise = { type: 'gaussian', mean: 120, sigma: 40 } as const;
    const image = await sharp({ create: { width: 900, height: 600, channels: 3, background: '#c63', noise } })
      .jpeg()
      .toBuffer();
    const video = await make(open(), request({ image, prompt: '', aspectRatio: '1:1' }));
    expect(await probe(video)).toMatchObject({ width: 480, height: 480, videoCodec: 'avc', hasAudio: true });
    expect(readMark(video)?.sourceType).toMatch(/\/compositeSynthetic$/);
  });

  test('keeps the words of the prompt out of arguments, variables, file names and the file itself', async () => {
    const provider = open();
    const job = await provider.submit(request({ prompt: 'a zebracanary on the beach', reference: 'referencecanary' }));
    const { all } = await renderers();
    await vi.waitFor(() => expect(filesIn(workDir)).toHaveLength(1), { timeout: 10_000, interval: 5 });
    expect(JSON.stringify([all, filesIn(workDir)])).not.toContain('canary');
    await becomes(provider, job, 'succeeded');
    expect((await provider.download(job)).toString('latin1')).not.toContain('canary');
  });
});

describe('the renderer', () => {
  test('draws in another process, behind everything else and with none of our secrets', async () => {
    vi.stubEnv('A_SECRET', 'secretcanary');
    const provider = open();
    await provider.submit(request({ seconds: 10 }));
    const { renderer, encoder } = await renderers();
    vi.unstubAllEnvs();
    expect([renderer.niceness, encoder.niceness]).toEqual([19, 19]);
    expect(renderer.environment).toContain('NODE_CHANNEL_FD');
    expect(renderer.environment + encoder.environment).not.toContain('secretcanary');
  });

  test('fails the job without a word of the prompt in the log when it cannot encode', async () => {
    const lines: [string, LogFields?][] = [];
    const note = (...line: [string, LogFields?]) => lines.push(line);
    const provider = open({ ffmpeg: '/nowhere/ffmpeg', log: { info: note, warn: note, error: note } });
    const job = await provider.submit(request({ prompt: 'a zebracanary' }));
    await becomes(provider, job, 'failed');
    expect(await provider.poll(job)).toEqual({ state: 'failed', reason: 'provider_error' });
    expect(lines).toEqual([['preview was not rendered', { provider: 'local', error: 'FfmpegFailed', code: 'not started' }]]);
  });

  test('fails the job when it is killed', async () => {
    const provider = open();
    const job = await provider.submit(request({ seconds: 10 }));
    const { renderer, encoder } = await renderers();
    process.kill(renderer.pid, 'SIGKILL');
    await becomes(provider, job, 'failed');
    expect(await provider.poll(job)).toEqual({ state: 'failed', reason: 'provider_error' });
    await vi.waitFor(() => expect(isAlive(encoder.pid)).toBe(false), { timeout: 10_000 });
  });

  test('ends with its ffmpeg on cancel and leaves no file', async () => {
    const provider = open();
    const job = await provider.submit(request({ seconds: 10 }));
    const { renderer, encoder } = await renderers();
    await vi.waitFor(() => expect(filesIn(workDir)).toHaveLength(1), { timeout: 10_000, interval: 5 });
    await provider.cancel(job);
    expect(await provider.poll(job)).toEqual({ state: 'failed', reason: 'cancelled' });
    await vi.waitFor(() => expect([renderer.pid, encoder.pid].filter(isAlive)).toEqual([]), { timeout: 10_000 });
    expect(filesIn(workDir)).toEqual([]);
  });

  test('ends with its ffmpeg when the product closes, and nothing stays on disk', async () => {
    const provider = open();
    await provider.submit(request({ seconds: 10 }));
    const { renderer, encoder } = await renderers();
    await provider.close();
    await vi.waitFor(() => expect([renderer.pid, encoder.pid].filter(isAlive)).toEqual([]), { timeout: 10_000 });
    expect(readdirSync(workDir)).toEqual([]);
    await expect(provider.submit(request({ reference: 'late' }))).rejects.toBeInstanceOf(SubmitUnknown);
  });

  test('ends with its ffmpeg when the product is killed', async () => {
    const own = path.join(workDir, 'killed');
    const options = JSON.stringify({ ffmpeg, workDir: own, quality: 'small' });
    const script = `import { createLocalProvider } from ${JSON.stringify(new URL('../../../core/providers/local.ts', import.meta.url).href)};
      await createLocalProvider(${options}).submit(${JSON.stringify(request({ seconds: 10 }))});`;
    const product = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], { stdio: 'ignore' });
    const { renderer, encoder } = await renderers(product.pid);
    product.kill('SIGKILL');
    await once(product, 'exit');
    await vi.waitFor(() => expect([renderer.pid, encoder.pid].filter(isAlive)).toEqual([]), { timeout: 15_000 });
    expect(filesIn(own)).toEqual([]);
    rmSync(own, { recursive: true });
  });
});

describe('a job', () => {
  test('is the same for the same reference, and waits its turn', async () => {
    const provider = open();
    const first = await provider.submit(request({ reference: 'a', seconds: 10 }));
    const second = await provider.submit(request({ reference: 'b' }));
    expect(await provider.submit(request({ reference: 'b' }))).toEqual(second);
    expect(await provider.poll(first)).toMatchObject({ state: 'running' });
    expect(await provider.poll(second)).toEqual({ state: 'queued', position: 1 });
    await provider.cancel(first);
    expect(await provider.poll(second)).toMatchObject({ state: 'running' });
  });

  test('never starts when it is cancelled while it waits, and is gone with its file when it is forgotten', async () => {
    const provider = open();
    const first = await provider.submit(request({ reference: 'a' }));
    const second = await provider.submit(request({ reference: 'b' }));
    await provider.cancel(second);
    await becomes(provider, first, 'succeeded');
    expect(await provider.poll(second)).toEqual({ state: 'failed', reason: 'cancelled' });
    expect(filesIn(workDir)).toHaveLength(1);
    await provider.forget(first);
    expect(await provider.poll(first)).toEqual({ state: 'unknown' });
    expect(filesIn(workDir)).toEqual([]);
  });

  test('is unknown to another process, and cancelling or forgetting it there is no error', async () => {
    const job = await open().submit(request({ seconds: 10 }));
    const other = open();
    expect(await other.poll(job)).toEqual({ state: 'unknown' });
    await other.cancel(job);
    await other.forget(job);
  });

  test.each([1, 11, Number.NaN])('is refused for %s seconds', async (seconds) => {
    await expect(open().submit(request({ seconds }))).rejects.toEqual(new SubmitRejected('invalid_input'));
  });
});

test('sweeps away what a crashed process left, and nothing else', () => {
  for (const name of ['render-crashed', 'render-busy', 'precious']) mkdirSync(path.join(workDir, name));
  const longAgo = new Date(Date.now() - 2 * 3_600_000);
  for (const name of ['render-crashed', 'precious']) utimesSync(path.join(workDir, name), longAgo, longAgo);
  open();
  const left = readdirSync(workDir);
  expect(left).not.toContain('render-crashed');
  expect(left).toEqual(expect.arrayContaining(['render-busy', 'precious']));
  for (const name of ['render-busy', 'precious']) rmSync(path.join(workDir, name), { recursive: true });
});
