import { hsl, lerpHue } from '../colour.ts';
import { clamp, FULL_TURN, wrap } from '../maths.ts';
import type { Paint, Stage } from '../stage.ts';
import { disc, layer } from '../textures.ts';

export function sky({ plan: { palette, scene }, width, height, horizon, tone }: Stage): Paint | undefined {
  if (scene === 'flow') return undefined;
  const { sky: high, low } = palette;
  const picture = layer(width, height, (g) => {
    const gradient = g.createLinearGradient(0, 0, 0, height * (scene === 'space' ? 1 : horizon));
    gradient.addColorStop(0, tone('sky'));
    gradient.addColorStop(0.55, hsl(lerpHue(high[0], low[0], 0.6), (high[1] + low[1]) / 2, (high[2] + low[2]) / 2));
    gradient.addColorStop(1, tone('low'));
    g.fillStyle = gradient;
    g.fillRect(0, 0, width, height);
  });
  return (g) => g.drawImage(picture, 0, 0);
}

export function stars({ plan: { scene, time }, width, height, unit, random, horizon }: Stage): Paint | undefined {
  if (scene !== 'space' && (time !== 'night' || scene === 'flow')) return undefined;
  const deep = scene === 'space';
  const field = Array.from({ length: 420 }, () => ({
    x: random(),
    y: random() ** 1.3,
    size: 0.4 + random() ** 4 * 2.1,
    phase: random() * FULL_TURN,
    depth: 0.3 + random(),
  }));
  return (g, { time: t, camera }) => {
    g.fillStyle = '#fff';
    for (const star of field) {
      g.globalAlpha = (0.35 + 0.65 * Math.abs(Math.sin(star.phase + t * 1.3))) * (deep ? 1 : clamp(1.1 - star.y * 1.4));
      disc(g, wrap(star.x + camera * 0.03 * star.depth) * width, star.y * height * (deep ? 1 : horizon), star.size * unit);
    }
  };
}

const CRATERS = [
  [-0.3, -0.2, 0.22],
  [0.25, 0.1, 0.3],
  [-0.05, 0.4, 0.16],
] as const;

export function sunOrMoon({ plan: { scene, time, palette }, sunAt, sunRadius, sunGlow, tone }: Stage): Paint | undefined {
  if (scene === 'space' || scene === 'flow') return undefined;
  const night = time === 'night';
  return (g, moment) => {
    const [x, y] = sunAt(moment);
    const size = sunGlow.width * (scene === 'city' ? 1.2 : 1.7 + 0.06 * Math.sin(moment.time * 1.4));
    g.globalCompositeOperation = 'lighter';
    g.globalAlpha = night ? 0.45 : 0.85;
    g.drawImage(sunGlow, x - size / 2, y - size / 2, size, size);
    g.globalCompositeOperation = 'source-over';
    g.globalAlpha = 1;
    g.fillStyle = night ? hsl(palette.glow[0] - 60, 30, 92) : tone('glow', 22, 0.95);
    disc(g, x, y, sunRadius);
    if (!night) return;
    g.globalAlpha = 0.1;
    g.fillStyle = '#334';
    for (const [dx, dy, part] of CRATERS) disc(g, x + dx * sunRadius, y + dy * sunRadius, part * sunRadius);
  };
}

export function clouds({ plan: { scene }, width, height, horizon, clouds: texture, nebula }: Stage): Paint | undefined {
  if (!texture) return undefined;
  const deep = scene === 'space';
  return (g, { camera }) => {
    g.globalAlpha = deep ? 0.95 : 0.8;
    if (deep) g.globalCompositeOperation = 'screen';
    const top = deep ? -height * 0.15 : 0;
    g.drawImage(texture, -width * 0.2 - camera * width * 0.12, top, width * 1.5, height * (deep ? 1.3 : horizon * 1.02));
    if (nebula) g.drawImage(nebula, -width * 0.3 - camera * width * 0.2, -height * 0.2, width * 1.6, height * 1.4);
  };
}
