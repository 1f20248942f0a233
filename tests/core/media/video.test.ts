import { readdirSync } from 'node:fs';
import os from 'node:os';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { boxesOf } from '../../../core/media/boxes.ts';
import { FfmpegFailed } from '../../../core/media/ffmpeg.ts';
import { DoesNotFit, fitToLimit } from '../../../core/media/fit.ts';
import { markVideo, readMark } from '../../../core/media/mark.ts';
import { makePoster } from '../../../core/media/poster.ts';
import { probe } from '../../../core/media/probe.ts';
import { testServers } from '../../support/servers.ts';
import { sampleVideo } from './sample.ts';

const { ffmpeg } = testServers();

describe('probing', () => {
  test('tells what a video is', async () => {
    const seen = await probe(await sampleVideo(ffmpeg));
    expect(seen).toMatchObject({
      width: 320,
      height: 180,
      videoCodec: 'avc',
      audioCodec: 'aac',
      hasAudio: true,
      faststart: true,
    });
    expect(seen.pixelFormat).toBe('yuv420p');
    expect(seen.seconds).toBeCloseTo(1, 1);
  });

  test('notices silence, and an index behind the pictures', async () => {
    const seen = await probe(await sampleVideo(ffmpeg, { sound: false, faststart: false }));
    expect(seen).toMatchObject({ hasAudio: false, faststart: false });
    expect(seen).not.toHaveProperty('audioCodec');
  });

  test.each(['yuv422p', 'yuv444p', 'yuv420p10le'])('tells %s from what every player shows', async (pixelFormat) => {
    expect((await probe(await sampleVideo(ffmpeg, { pixelFormat, sound: false }))).pixelFormat).toBe(pixelFormat);
  });

  test('throws for what is no video', async () => {
    const video = await sampleVideo(ffmpeg);
    for (const bytes of [Buffer.alloc(0), Buffer.from('%PDF-1.7'), Buffer.alloc(5000, 1), video.subarray(0, 500)]) {
      await expect(probe(bytes)).rejects.toThrow();
    }
  });
});

describe('a poster', () => {
  test.each(['320x180', '180x320', '1280x720', '722x1284'])('of a video of %s is a small JPEG of its shape', async (size) => {
    const poster = await makePoster(ffmpeg, await sampleVideo(ffmpeg, { size }));
    const { format, width, height } = await sharp(poster).metadata();
    const [wide = 0, high = 0] = size.split('x').map(Number);
    expect(format).toBe('jpeg');
    expect(Math.max(width, height)).toBe(320);
    expect(Math.abs(width / height - wide / high)).toBeLessThan(0.02);
    expect(poster.length).toBeLessThan(200_000);
  });

  test('cannot be made of what is no video', async () => {
    await expect(makePoster(ffmpeg, Buffer.from('no video'))).rejects.toThrow();
  });

  test('fails when ffmpeg is not there, and leaves no file behind', async () => {
    const before = readdirSync(os.tmpdir()).filter((name) => name.startsWith('lpm-video-'));
    await expect(makePoster('/nowhere/ffmpeg', await sampleVideo(ffmpeg))).rejects.toBeInstanceOf(FfmpegFailed);
    expect(readdirSync(os.tmpdir()).filter((name) => name.startsWith('lpm-video-') && !before.includes(name))).toEqual([]);
  });
});

describe('fitting into a limit', () => {
  test('returns the very bytes when they fit already', async () => {
    const video = await sampleVideo(ffmpeg);
    expect(await fitToLimit(ffmpeg, video, video.length)).toBe(video);
  });

  test('makes a smaller video that still plays at once and still says what made it', async () => {
    const big = markVideo(await sampleVideo(ffmpeg, { size: '480x270', noisy: true }), 'provider');
    const limit = 150_000;
    expect(big.length).toBeGreaterThan(4 * limit);
    const small = await fitToLimit(ffmpeg, big, limit);
    expect(small.length).toBeLessThanOrEqual(limit);
    expect(await probe(small)).toMatchObject({ videoCodec: 'avc', audioCodec: 'aac', pixelFormat: 'yuv420p', faststart: true });
    expect(readMark(small)).toEqual(readMark(big));
    expect(small.includes('a comment')).toBe(true);
  });

  test('gives up when no bitrate is low enough', async () => {
    await expect(fitToLimit(ffmpeg, await sampleVideo(ffmpeg), 2_000)).rejects.toBeInstanceOf(DoesNotFit);
  });
});

describe('the mark', () => {
  test.each([
    ['local', 'algorithmicMedia', 'no AI'],
    ['localFromImage', 'compositeSynthetic', 'no AI'],
    ['provider', 'trainedAlgorithmicMedia', 'AI-generated'],
    ['providerFromImage', 'compositeWithTrainedAlgorithmicMedia', 'AI-generated'],
  ] as const)('of %s says %s', async (origin, type, words) => {
    const mark = readMark(markVideo(await sampleVideo(ffmpeg), origin));
    expect(mark?.sourceType).toBe(`http://cv.iptc.org/newscodes/digitalsourcetype/${type}`);
    expect(mark?.description).toContain(words);
  });

  test('stands at the end and changes nothing else, and there is only one', async () => {
    const video = await sampleVideo(ffmpeg);
    const marked = markVideo(video, 'local');
    expect(marked.subarray(0, video.length).equals(video)).toBe(true);
    expect(boxesOf(marked).map(({ type }) => type)).toEqual([...boxesOf(video).map(({ type }) => type), 'uuid']);
    expect(markVideo(marked, 'provider').equals(markVideo(video, 'provider'))).toBe(true);
    expect(await probe(marked)).toEqual(await probe(video));
  });

  test('is not found where there is none', async () => {
    expect(readMark(await sampleVideo(ffmpeg))).toBeUndefined();
    expect(readMark(Buffer.from('no video'))).toBeUndefined();
  });
});
