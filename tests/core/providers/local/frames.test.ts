import { createCanvas } from '@napi-rs/canvas';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { createClip } from '../../../../core/providers/local/frames.ts';
import { sizeOf } from '../../../../core/providers/local/stage.ts';
import type { VideoRequest } from '../../../../core/providers/provider.ts';

const wish = (changes: Partial<VideoRequest> = {}) => ({
  prompt: 'a city at night',
  style: 'natural' as const,
  aspectRatio: '16:9' as const,
  seconds: 2,
  seed: 1,
  ...changes,
});

/** How many of the pixels in a part of the top 50 rows are nearly white. */
function brightPixels(pixels: Buffer, width: number, from: number, to: number): number {
  let bright = 0;
  for (let y = 0; y < 50; y++) {
    for (let x = from; x < to; x++)
      if (Math.min(...pixels.subarray((y * width + x) * 4, (y * width + x) * 4 + 3)) > 150) bright++;
  }
  return bright;
}

describe('every picture', () => {
  test.each(['natural', 'cinematic', 'neon', 'noir', 'retro'] as const)(
    'carries the label, the first and the last one too (%s)',
    async (style) => {
      const { draw, width, count } = await createClip(wish({ style, prompt: 'a purple galaxy' }), 'small');
      for (const i of [0, 20, count - 1]) {
        const pixels = draw(i).data();
        const labelled = brightPixels(pixels, width, width - 150, width);
        expect(labelled).toBeGreaterThan(100);
        expect(brightPixels(pixels, width, 0, 150)).toBeLessThan(labelled / 3);
      }
    },
  );

  test('is a pure function of the request: the same seed gives the same pixels, another seed others', async () => {
    const pixels = async (changes: Partial<VideoRequest>) => {
      const { draw } = await createClip(wish(changes), 'small');
      return Buffer.from(draw(20).data()).toString('base64');
    };
    for (const prompt of ['a fox in the forest', 'something else']) {
      const first = await pixels({ prompt });
      expect((await pixels({ prompt })) === first).toBe(true);
      expect((await pixels({ prompt, seed: 2 })) === first).toBe(false);
    }
  });

  test('is opaque', async () => {
    const { draw } = await createClip(wish({ style: 'cinematic' }), 'small');
    const pixels = draw(10).data();
    let clear = 0;
    for (let at = 3; at < pixels.length; at += 4) if (pixels[at] !== 255) clear++;
    expect(clear).toBe(0);
  });
});

test('glides over a picture: no step stands out from its neighbours', async () => {
  const stripes = createCanvas(600, 400);
  const g = stripes.getContext('2d');
  for (let i = 0; i < 30; i++) {
    g.fillStyle = `hsl(${i * 12},60%,${30 + (i % 5) * 10}%)`;
    g.fillRect(i * 20, 0, 20, 400);
    g.fillRect(0, (i * 53) % 400, 600, 6);
  }
  const image = await sharp(stripes.toBuffer('image/png')).jpeg().toBuffer();
  const { draw } = await createClip(wish({ image, prompt: '' }), 'small');
  const pictures = Array.from({ length: 24 }, (_, i) => Buffer.from(draw(i + 12).data()));
  const steps = pictures.slice(1).map((picture, i) => differenceOf(picture, pictures[i] ?? picture));
  const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length;
  const jerks = steps.slice(1).map((step, i) => Math.abs(step - (steps[i] ?? 0)) / mean);
  expect(mean).toBeGreaterThan(0.5);
  expect(Math.max(...jerks)).toBeLessThan(0.15);
});

/** How far the red of a pixel changes on average. */
function differenceOf(one: Buffer, other: Buffer): number {
  let sum = 0;
  for (let at = 0; at < one.length; at += 4) sum += Math.abs((one[at] ?? 0) - (other[at] ?? 0));
  return sum / (one.length / 4);
}

test('has even sides in every shape, the longer one at most 1280', () => {
  for (const aspectRatio of ['16:9', '9:16', '1:1', '4:5'] as const) {
    const [wide = 0, high = 0] = aspectRatio.split(':').map(Number);
    for (const quality of ['full', 'small'] as const) {
      const { width, height } = sizeOf(aspectRatio, quality);
      expect([width % 2, height % 2]).toEqual([0, 0]);
      expect(width / height).toBeCloseTo(wide / high, 2);
      expect(Math.max(width, height)).toBeLessThanOrEqual(1280);
    }
  }
});
