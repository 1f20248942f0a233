/** Pictures that are drawn once and used in every frame. */
import { type Canvas, createCanvas, type SKRSContext2D } from '@napi-rs/canvas';
import { hslToRgb } from './colour.ts';
import { clamp, FULL_TURN, type Random, warpedNoise } from './maths.ts';

/** Draws once into a picture of its own. */
export function layer(width: number, height: number, paint: (g: SKRSContext2D, width: number, height: number) => void): Canvas {
  const canvas = createCanvas(Math.ceil(width), Math.ceil(height));
  paint(canvas.getContext('2d'), canvas.width, canvas.height);
  return canvas;
}

export function disc(g: SKRSContext2D, x: number, y: number, radius: number): void {
  g.beginPath();
  g.arc(x, y, radius, 0, FULL_TURN);
  g.fill();
}

export function radialGlow(radius: number, stops: readonly (readonly [at: number, colour: string])[]): Canvas {
  return layer(radius * 2, radius * 2, (g, size) => {
    const gradient = g.createRadialGradient(radius, radius, 0, radius, radius, radius);
    for (const [at, colour] of stops) gradient.addColorStop(at, colour);
    g.fillStyle = gradient;
    g.fillRect(0, 0, size, size);
  });
}

interface CloudLook {
  scale: number;
  threshold: number;
  hue: number;
  saturation: number;
  light: number;
  gain: number;
}

/** Computed once at low resolution; scaling it up smooths it for free. */
export function cloudTexture(random: Random, { scale, threshold, hue, saturation, light, gain }: CloudLook): Canvas {
  const density = warpedNoise(random);
  return layer(480, 270, (g, width, height) => {
    const image = g.createImageData(width, height);
    for (let y = 0, at = 0; y < height; y++) {
      for (let x = 0; x < width; x++, at += 4) {
        const q = density((x / width) * scale * 2, (y / width) * scale * 2);
        const [red, green, blue] = hslToRgb(hue + (q - 0.5) * 70, saturation, light * (0.55 + 0.45 * q));
        image.data.set([red, green, blue, clamp((q - threshold) * gain) * 255], at);
      }
    }
    g.putImageData(image, 0, 0);
  });
}
