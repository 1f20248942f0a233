import { createHash } from 'node:crypto';

export const FULL_TURN = Math.PI * 2;

export const clamp = (x: number, low = 0, high = 1): number => Math.min(high, Math.max(low, x));
export const lerp = (a: number, b: number, t: number): number => a + (b - a) * t;
/** Starts and stops gently: 0..1 to 0..1. */
export const ease = (t: number): number => t * t * (3 - 2 * t);
/** The part of x behind the point: things that leave on one side come back on the other. */
export const wrap = (x: number): number => ((x % 1) + 1) % 1;

export type Random = () => number;

/** Numbers from 0 up to 1 (xorshift32): the same text gives the same numbers on every machine. */
export function seeded(text: string): Random {
  let state = createHash('sha256').update(text).digest().readUInt32LE(0) || 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 8; i++) next();
  return next;
}

export interface LineNoise {
  noise(x: number): number;
  layered(x: number, octaves: number): number;
}

/** Smooth noise along a line, for ridges and waves; values from 0 to 1. */
export function lineNoise(random: Random): LineNoise {
  const SIZE = 512;
  const values = Array.from({ length: SIZE }, random);
  const at = (i: number) => values[((i % SIZE) + SIZE) % SIZE] ?? 0;
  const noise = (x: number) => lerp(at(Math.floor(x)), at(Math.floor(x) + 1), ease(x - Math.floor(x)));
  const layered = (x: number, octaves: number) => {
    let sum = 0;
    for (let i = 0, weight = 0.5, scale = 1; i < octaves; i++, weight *= 0.5, scale *= 2.03) {
      sum += weight * noise(x * scale + i * 31.7);
    }
    return sum;
  };
  return { noise, layered };
}

/** Smooth noise on a plane, warped by itself: clouds and nebulae; values from 0 to 1. */
export function warpedNoise(random: Random): (x: number, y: number) => number {
  const values = Float32Array.from({ length: 256 * 256 }, random);
  const at = (x: number, y: number) => values[(x & 255) + ((y & 255) << 8)] ?? 0;
  const noise = (x: number, y: number) => {
    const left = Math.floor(x);
    const top = Math.floor(y);
    const u = ease(x - left);
    return lerp(lerp(at(left, top), at(left + 1, top), u), lerp(at(left, top + 1), at(left + 1, top + 1), u), ease(y - top));
  };
  const layered = (x: number, y: number) => {
    let sum = 0;
    for (let i = 0, weight = 0.5, u = x, v = y; i < 5; i++, weight *= 0.5, u = u * 2.02 + 17, v = v * 2.02 + 9) {
      sum += weight * noise(u, v);
    }
    return sum;
  };
  return (x, y) => layered(x + 1.7 * layered(x, y), y + 1.7 * layered(x + 5.2, y + 1.3));
}
