import type { SKRSContext2D } from '@napi-rs/canvas';
import { hsl, lerpHue } from '../colour.ts';
import { clamp, lerp } from '../maths.ts';
import type { Paint, Stage } from '../stage.ts';
import { layer } from '../textures.ts';
import { skyline } from './city.ts';
import { treeRidge } from './forest.ts';
import { mountainRidge } from './mountains.ts';
import { haze, type Ridge } from './ridge.ts';

type PaintRidge = (g: SKRSContext2D, ridge: Ridge) => void;

const LANDS: Readonly<Record<string, { count: number; paint: PaintRidge }>> = {
  mountains: { count: 6, paint: mountainRidge },
  forest: { count: 5, paint: treeRidge },
  city: { count: 6, paint: skyline },
};

/** Layers that move against each other, far to near. */
export function land(stage: Stage): Paint | undefined {
  const { plan, width, height, horizon, unit, tone, random } = stage;
  const found = LANDS[plan.scene];
  if (!found) return undefined;
  const wide = Math.ceil(width * 1.25);
  const ridges = Array.from({ length: found.count }, (_, i) => {
    const near = i / (found.count - 1);
    const offset = random() * 400;
    return {
      near,
      picture: layer(wide, height, (g) => found.paint(g, { ...stage, wide, near, offset, ...fill(g, stage, near) })),
    };
  });
  return (g, { camera, progress }) => {
    for (const { near, picture } of ridges) {
      const zoom = 1 + 0.05 * progress * near;
      const x = -(wide * zoom - width) / 2 - camera * width * 0.16 * (0.12 + near);
      g.drawImage(picture, x, -height * (zoom - 1), wide * zoom, height * zoom);
      if (near < 0.95 && plan.scene !== 'city') {
        const y = height * lerp(horizon - 0.02, 0.9, near);
        haze(g, width, y, { above: 70 * unit, below: 90 * unit, tone, alpha: 0.2 * (1 - near) });
      }
    }
  };
}

/** Far land takes the colour of the sky: that is all it needs to look deep. */
function fill(
  g: SKRSContext2D,
  { plan: { scene, palette }, height, horizon }: Stage,
  near: number,
): Pick<Ridge, 'base' | 'rise' | 'colour'> {
  const hue = lerpHue(palette.low[0], palette.land[0], near);
  const saturation = lerp(palette.low[1] * 0.6, palette.land[1], near);
  const light = lerp(palette.low[2] * 0.82, palette.land[2] * 0.55, near ** 0.7);
  const base = height * lerp(horizon - 0.14, scene === 'forest' ? 1.02 : 0.98, near ** 1.15);
  const rise = height * lerp(0.3, 0.16, near);
  const colour = g.createLinearGradient(0, base - rise, 0, height);
  colour.addColorStop(0, hsl(hue, saturation, light));
  const below = clamp(light + 16 * (1 - near) + 2, 0, 95);
  colour.addColorStop(1, hsl(lerpHue(hue, palette.low[0], 0.35 * (1 - near)), saturation, below));
  return { base, rise, colour };
}
