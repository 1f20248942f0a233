import type { Canvas } from '@napi-rs/canvas';
import type { VideoRequest } from '../provider.ts';
import { drawPicture } from './picture.ts';
import { planScene } from './plan.ts';
import { drawScene } from './scene.ts';
import { ambient, type Sound } from './sound.ts';
import { createFrame, FRAMES_PER_SECOND, type Quality, sizeOf } from './stage.ts';

/** Draws the i-th picture. The canvas is the same each time: read its pixels before asking for the next. */
export type Draw = (i: number) => Canvas;

export interface Clip {
  width: number;
  height: number;
  /** How many pictures there are. */
  count: number;
  draw: Draw;
  sound: Sound;
}

/** Everything about a clip but its encoding; a pure function of the request and the quality. */
export async function createClip(request: Omit<VideoRequest, 'reference'>, quality: Quality): Promise<Clip> {
  const { prompt, style, aspectRatio, seconds, seed, image } = request;
  const { width, height } = sizeOf(aspectRatio, quality);
  const frame = createFrame(width, height, seconds, `${prompt}#${seed}`);
  const count = Math.round(seconds * FRAMES_PER_SECOND);
  if (image) return { width, height, count, draw: await drawPicture(image, frame, style), sound: ambient(seed, seconds, {}) };
  const plan = planScene(prompt, style, seed);
  return { width, height, count, draw: await drawScene(plan, frame), sound: ambient(seed, seconds, plan) };
}
