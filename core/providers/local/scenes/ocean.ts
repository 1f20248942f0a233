import { hsl, lerpHue } from '../colour.ts';
import { FULL_TURN, wrap } from '../maths.ts';
import type { Paint, Stage } from '../stage.ts';
import { haze } from './ridge.ts';

const ROWS = 90;

/** Water to the horizon, with the light of the sun or moon lying on it in moving strips. */
export function ocean({
  plan: { scene, palette },
  width,
  height,
  unit,
  horizon,
  tone,
  lines,
  sunAt,
  sunRadius,
}: Stage): Paint | undefined {
  if (scene !== 'ocean') return undefined;
  const top = height * horizon;
  return (g, moment) => {
    const t = moment.time;
    const water = g.createLinearGradient(0, top, 0, height);
    water.addColorStop(0, tone('low', -8));
    water.addColorStop(0.25, hsl(lerpHue(palette.low[0], palette.sky[0], 0.6), 55, palette.sky[2] + 14));
    water.addColorStop(1, tone('sky', -8));
    g.fillStyle = water;
    g.fillRect(0, top, width, height - top);

    const [sunX] = sunAt(moment);
    g.globalCompositeOperation = 'lighter';
    for (let row = 0; row < ROWS; row++) {
      const near = row / ROWS;
      const y = top + near ** 1.9 * (height - top);
      const thick = (1 + near * 7) * unit;
      const sway = Math.sin(row * 1.7 + t * (2.4 - near)) + Math.sin(row * 0.63 - t * 1.7);
      const spread = sunRadius * (0.9 + near * 2.6) * (0.62 + 0.38 * Math.sin(row * 2.1 + t * 2));
      g.fillStyle = hsl(palette.glow[0], 100, 66, 0.42 - near * 0.26);
      g.beginPath();
      g.ellipse(sunX + sway * (4 + near * 42) * unit, y, Math.max(2, spread), thick * 0.6, 0, 0, FULL_TURN);
      g.fill();
      for (let wave = 0; wave < 4; wave++) {
        const x = wrap(lines.noise(row * 7.3 + wave * 3.1) + t * 0.012 * (1 + near * 2) + wave * 0.25) * width;
        const long = (20 + 120 * near) * unit * (0.5 + lines.noise(row + wave * 9));
        g.fillStyle = hsl(palette.low[0], 80, 80, 0.05 + 0.06 * Math.max(0, Math.sin(t * 2 + row + wave * 2)));
        g.fillRect(x - long / 2, y, long, thick * 0.35);
      }
    }
    g.globalCompositeOperation = 'source-over';
    haze(g, width, top, { above: 26 * unit, below: 30 * unit, tone, alpha: 0.5 });
  };
}
