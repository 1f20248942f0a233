import { clamp } from './maths.ts';

/** Hue in degrees, saturation and lightness in percent. */
export type Colour = readonly [hue: number, saturation: number, lightness: number];

const turn = (hue: number) => ((hue % 360) + 360) % 360;

export const hsl = (hue: number, saturation: number, lightness: number, alpha = 1): string =>
  `hsla(${turn(hue)},${saturation}%,${lightness}%,${alpha})`;

/** Hue on the shorter arc: the long way round turns sunsets green. */
export const lerpHue = (a: number, b: number, t: number): number => a + (((((b - a) % 360) + 540) % 360) - 180) * t;

/** Red, green and blue from 0 to 255. */
export function hslToRgb(hue: number, saturation: number, lightness: number): [number, number, number] {
  const light = clamp(lightness, 0, 100) / 100;
  const spread = (saturation / 100) * Math.min(light, 1 - light);
  const turned = turn(hue) / 30;
  return [channel(turned, light, spread), channel(8 + turned, light, spread), channel(4 + turned, light, spread)];
}

function channel(at: number, light: number, spread: number): number {
  const k = at % 12;
  return 255 * (light - spread * Math.max(-1, Math.min(k - 3, 9 - k, 1)));
}

/** The hue in degrees that a red, green and blue stand for. */
export const hueOf = ({ r, g, b }: { r: number; g: number; b: number }): number =>
  (Math.atan2(Math.sqrt(3) * (g - b), 2 * r - g - b) * 180) / Math.PI;
