import type { SKRSContext2D } from '@napi-rs/canvas';
import { hsl } from '../colour.ts';
import { lerp } from '../maths.ts';
import type { Ridge } from './ridge.ts';

export function skyline(g: SKRSContext2D, ridge: Ridge): void {
  const { plan, height, horizon, unit, wide, near, random, colour } = ridge;
  const neonHue = () => plan.palette.glow[0] + (random() < 0.5 ? 0 : 150);
  for (let x = -20 * unit; x < wide; ) {
    const broad = lerp(26, 120, near) * unit * (0.6 + random());
    const tall = height * lerp(0.34, 0.5, near) * (0.35 + random() ** 1.5);
    const top = height * lerp(horizon + 0.1, 1.05, near) - tall;
    g.fillStyle = colour;
    g.fillRect(x, top, broad - 2 * unit, height - top);
    if (random() < 0.35) g.fillRect(x + broad * 0.45, top - 30 * unit * (0.3 + near), 2 * unit, 32 * unit);
    if (near > 0.15) {
      windows(g, ridge, { left: x, right: x + broad, top });
      if (random() < 0.16) sign(g, ridge, { x: x + broad * 0.2, y: top + tall * 0.2, tall: tall * 0.3, hue: neonHue() });
    }
    x += broad;
  }
}

function sign(g: SKRSContext2D, { unit }: Ridge, { x, y, tall, hue }: { x: number; y: number; tall: number; hue: number }): void {
  g.save();
  g.shadowBlur = 26 * unit;
  g.shadowColor = hsl(hue, 100, 62);
  g.fillStyle = g.shadowColor;
  g.fillRect(x, y, 7 * unit, tall);
  g.restore();
}

function windows(g: SKRSContext2D, ridge: Ridge, { left, right, top }: { left: number; right: number; top: number }): void {
  const { plan, unit, random, near, height } = ridge;
  const hue = plan.palette.glow[0];
  const wide = lerp(4, 9, near) * unit;
  const high = lerp(5, 12, near) * unit;
  for (let y = top + 8 * unit; y < height; y += high * 1.9) {
    for (let x = left + 6 * unit; x < right - wide - 6 * unit; x += wide * 1.9) {
      if (random() >= 0.34) continue;
      const kind = random();
      if (kind < 0.14) g.fillStyle = hsl(hue + 150, 95, 64, 0.9);
      else if (kind < 0.26) g.fillStyle = hsl(hue, 95, 66, 0.95);
      else g.fillStyle = hsl(42, 90, 70, 0.25 + random() * 0.6);
      g.fillRect(x, y, wide, high);
    }
  }
}
