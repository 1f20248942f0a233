import type { SKRSContext2D } from '@napi-rs/canvas';
import { lerp } from '../maths.ts';
import type { Paint, Stage } from '../stage.ts';
import { outline, type Ridge } from './ridge.ts';

const TIERS = 8;

export function treeRidge(g: SKRSContext2D, ridge: Ridge): void {
  const { width, height, wide, near, offset, lines, random, base, rise } = ridge;
  const ground = (x: number) => base - rise * 0.5 * lines.layered(x / (width * 0.4) + offset, 3);
  outline(g, ridge, 6, ground);
  for (let tree = Math.round(lerp(90, 14, near)); tree > 0; tree--) {
    const x = random() * wide;
    conifer(g, x, ground(x) + 12, height * lerp(0.16, 0.62, near) * (0.7 + random() * 0.6), 0.2 + random() * 0.07);
  }
}

/** Skirts of branches, each hanging over the one below. */
function conifer(g: SKRSContext2D, x: number, foot: number, tall: number, breadth: number): void {
  g.fillRect(x - tall * 0.013, foot - tall * 0.1, tall * 0.026, tall * 0.1 + 30);
  for (let tier = 0; tier < TIERS; tier++) {
    const y = foot - tall * (0.04 + 0.8 * (tier / TIERS));
    const half = tall * breadth * (1 - tier / (TIERS + 0.6)) ** 0.85;
    const top = y - tall * 0.26;
    g.beginPath();
    g.moveTo(x - half, y);
    g.quadraticCurveTo(x - half * 0.35, y - tall * 0.06, x, top);
    g.quadraticCurveTo(x + half * 0.35, y - tall * 0.06, x + half, y);
    g.quadraticCurveTo(x, y - half * 0.28, x - half, y);
    g.fill();
  }
}

export function lightRays({ plan: { scene }, width, height, unit, tone, sunAt }: Stage): Paint | undefined {
  if (scene !== 'forest') return undefined;
  return (g, moment) => {
    const [sunX, sunY] = sunAt(moment);
    g.globalCompositeOperation = 'lighter';
    for (let ray = 0; ray < 6; ray++) {
      const x = sunX + (ray - 2.5) * width * 0.11;
      const beam = g.createLinearGradient(x, 0, x - width * 0.15, height);
      beam.addColorStop(0, tone('glow', 10, 0.9));
      beam.addColorStop(1, tone('glow', 0, 0));
      g.globalAlpha = 0.05 + 0.03 * Math.sin(moment.time * 0.9 + ray * 2);
      g.fillStyle = beam;
      g.beginPath();
      g.moveTo(sunX + (ray - 2.5) * 18 * unit, sunY);
      g.lineTo(x - width * 0.08, height);
      g.lineTo(x + width * 0.03, height);
      g.fill();
    }
  };
}
