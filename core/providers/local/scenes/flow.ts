import { createCanvas } from '@napi-rs/canvas';
import { hslToRgb } from '../colour.ts';
import { FULL_TURN } from '../maths.ts';
import type { Paint, Stage } from '../stage.ts';

const COARSE = 8;

/** The scene for prompts that name no place: a slow field of colour, folded over itself, computed at an eighth of the size. */
export function flow({ plan: { scene, hue, palette }, width, height, seconds, random }: Stage): Paint | undefined {
  if (scene !== 'flow') return undefined;
  const field = createCanvas(Math.round(width / COARSE), Math.round(height / COARSE));
  const small = field.getContext('2d');
  const image = small.createImageData(field.width, field.height);
  const { data } = image;
  const baseHue = hue ?? palette.glow[0] + random() * 360;
  const phases = Float64Array.from({ length: 12 }, () => random() * FULL_TURN);
  const phase = (n: number) => phases[n] ?? 0;
  return (g, { time }) => {
    const k = (time / seconds) * FULL_TURN;
    for (let row = 0, at = 0; row < field.height; row++) {
      for (let column = 0; column < field.width; column++, at += 4) {
        let x = ((column - field.width / 2) / field.height) * 3.2;
        let y = ((row - field.height / 2) / field.height) * 3.2;
        for (let n = 1; n < 5; n++) {
          const before = x;
          x += (0.75 / n) * Math.sin(n * 1.6 * y + phase(n) + k * (n & 1 ? 0.35 : -0.25));
          y += (0.7 / n) * Math.cos(n * 1.5 * before + phase(n + 4) - k * 0.3);
        }
        const a = 0.5 + 0.5 * Math.sin(x + phase(0));
        const b = 0.5 + 0.5 * Math.cos(y + x * 0.4 + phase(9));
        const [red, green, blue] = hslToRgb(
          baseHue + (a - 0.5) * 46 + (b - 0.5) * 30,
          84,
          10 + 58 * (a * b) ** 0.8 + 22 * b ** 6,
        );
        data[at] = red;
        data[at + 1] = green;
        data[at + 2] = blue;
        data[at + 3] = 255;
      }
    }
    small.putImageData(image, 0, 0);
    g.drawImage(field, 0, 0, width, height);
  };
}
