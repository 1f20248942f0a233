import type { SKRSContext2D } from '@napi-rs/canvas';
import { lerp } from '../maths.ts';
import { outline, type Ridge } from './ridge.ts';

/** Sharp crests far away, round hills near by. */
export function mountainRidge(g: SKRSContext2D, ridge: Ridge): void {
  const { width, near, offset, lines, base, rise } = ridge;
  outline(g, ridge, 3, (x) => {
    const q = lines.layered(x / (width * lerp(0.34, 0.22, near)) + offset, 6);
    return base - rise * (near < 0.75 ? (1 - Math.abs(2 * q - 1)) ** 1.6 : q);
  });
}
