/** What all painters share: the size, the palette, the randomness and a few prepared textures. */
import type { Canvas, SKRSContext2D } from '@napi-rs/canvas';
import type { AspectRatio } from '../provider.ts';
import { hsl } from './colour.ts';
import { clamp, type LineNoise, lerp, lineNoise, type Random, seeded } from './maths.ts';
import type { Palette, Plan } from './plan.ts';
import { cloudTexture, radialGlow } from './textures.ts';

export const FRAMES_PER_SECOND = 24;

/** `small` is half as wide and half as high, for tests. */
export type Quality = 'full' | 'small';

const SIZES: Readonly<Record<AspectRatio, readonly [width: number, height: number]>> = {
  '16:9': [1280, 720],
  '9:16': [720, 1280],
  '1:1': [960, 960],
  '4:5': [864, 1080],
};

/** Pixels; even numbers, as yuv420p wants. */
export function sizeOf(aspectRatio: AspectRatio, quality: Quality): { width: number; height: number } {
  const [width, height] = SIZES[aspectRatio];
  return quality === 'full' ? { width, height } : { width: width / 2, height: height / 2 };
}

/** A point in the clip: `time` in seconds, `progress` from 0 to 1, `camera` from -0.5 to 0.5. */
export interface Moment {
  time: number;
  progress: number;
  camera: number;
  frame: number;
}

export type Paint = (g: SKRSContext2D, moment: Moment) => void;

/** The picture's frame: everything that does not depend on a scene. */
export interface Frame {
  width: number;
  height: number;
  seconds: number;
  /** One pixel of a picture whose shorter side is 720. */
  unit: number;
  random: Random;
}

export interface Stage extends Frame {
  plan: Plan;
  /** A colour of the palette, made lighter by so many percent. */
  tone(part: keyof Palette, lighter?: number, alpha?: number): string;
  /** Height of the horizon as a part of the picture's height. */
  horizon: number;
  lines: LineNoise;
  sunRadius: number;
  sunAt(moment: Moment): [x: number, y: number];
  sunGlow: Canvas;
  spark: Canvas;
  clouds: Canvas | undefined;
  nebula: Canvas | undefined;
}

export function createFrame(width: number, height: number, seconds: number, seed: string): Frame {
  return { width, height, seconds, unit: Math.min(width, height) / 720, random: seeded(seed) };
}

export function createStage(plan: Plan, frame: Frame): Stage {
  const { width, height, unit, random } = frame;
  const { palette, scene } = plan;
  const [glowHue, , glowLight] = palette.glow;
  const horizon = scene === 'ocean' ? 0.58 : 0.66;
  const sunX = 0.3 + random() * 0.4;
  const shine = (alpha: number) => hsl(glowHue, 100, clamp(glowLight + 8, 0, 92), alpha);
  return {
    ...frame,
    plan,
    horizon,
    tone: (part, lighter = 0, alpha = 1) => {
      const [hue, saturation, lightness] = palette[part];
      return hsl(hue, saturation, clamp(lightness + lighter, 0, 97), alpha);
    },
    lines: lineNoise(random),
    sunRadius: (scene === 'ocean' ? 84 : 62) * unit,
    sunAt: ({ camera, progress }) => [
      width * (sunX + camera * 0.02),
      height * (scene === 'ocean' ? lerp(horizon - 0.19, horizon - 0.13, progress) : 0.26 + 0.03 * progress),
    ],
    sunGlow: radialGlow(Math.round(330 * unit), [
      [0, shine(1)],
      [0.25, shine(0.45)],
      [1, shine(0)],
    ]),
    spark: radialGlow(32, [
      [0, hsl(glowHue, 100, 78)],
      [0.25, hsl(glowHue, 100, 78, 0.45)],
      [1, hsl(glowHue, 100, 78, 0)],
    ]),
    clouds: scene === 'flow' ? undefined : cloudsOf(plan, random),
    nebula:
      scene === 'space'
        ? cloudTexture(random, { scale: 2.2, threshold: 0.5, hue: glowHue + 130, saturation: 80, light: 55, gain: 2.4 })
        : undefined,
  };
}

function cloudsOf({ scene, time, palette }: Plan, random: Random): Canvas {
  const hue = palette.glow[0];
  if (scene === 'space') return cloudTexture(random, { scale: 1.6, threshold: 0.4, hue, saturation: 75, light: 58, gain: 2.6 });
  return cloudTexture(random, {
    scale: 2.4,
    threshold: time === 'night' ? 0.56 : 0.48,
    hue,
    saturation: time === 'day' ? 15 : 70,
    light: time === 'night' ? 38 : 88,
    gain: 2.2,
  });
}
