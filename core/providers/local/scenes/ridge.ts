import type { SKRSContext2D } from '@napi-rs/canvas';
import type { Stage } from '../stage.ts';

/** One layer of land. `near` is 0 at the horizon and 1 at the camera; `wide` is its width, more than the picture's so that the camera can pan. */
export interface Ridge extends Stage {
  near: number;
  wide: number;
  offset: number;
  base: number;
  rise: number;
  colour: ReturnType<SKRSContext2D['createLinearGradient']>;
}

export function haze(
  g: SKRSContext2D,
  width: number,
  y: number,
  { above, below, tone, alpha }: Pick<Stage, 'tone'> & { above: number; below: number; alpha: number },
): void {
  const gradient = g.createLinearGradient(0, y - above, 0, y + below);
  gradient.addColorStop(0, tone('low', 6, 0));
  gradient.addColorStop(0.55, tone('low', 6, alpha));
  gradient.addColorStop(1, tone('low', 6, 0));
  g.fillStyle = gradient;
  g.fillRect(0, y - above, width, above + below);
}

/** Fills everything below a line that is given by its height at each x. */
export function outline(g: SKRSContext2D, { wide, height, colour }: Ridge, step: number, heightAt: (x: number) => number): void {
  g.fillStyle = colour;
  g.beginPath();
  g.moveTo(0, height);
  for (let x = 0; x <= wide + step; x += step) g.lineTo(x, heightAt(x));
  g.lineTo(wide + step, height);
  g.fill();
}
