import { FULL_TURN, wrap } from '../maths.ts';
import type { Paint, Stage } from '../stage.ts';
import { disc } from '../textures.ts';

interface Particle {
  x: number;
  y: number;
  /** 0 far away, 1 near by. */
  depth: number;
  phase: number;
  size: number;
}

const COUNTS = { rain: 420, snow: 260, embers: 110, fireflies: 110, none: 46 };

/** What falls or floats; without any weather a few specks of dust in the light. */
export function weather(stage: Stage): Paint {
  const { plan, random } = stage;
  const particles = Array.from({ length: COUNTS[plan.weather ?? 'none'] }, () => ({
    x: random(),
    y: random(),
    depth: 0.25 + random() * 0.75,
    phase: random() * FULL_TURN,
    size: random(),
  }));
  if (plan.weather === 'rain') return rain(stage, particles);
  if (plan.weather === 'snow') return snow(stage, particles);
  return motes(stage, particles);
}

function rain({ width, height, unit }: Stage, drops: Particle[]): Paint {
  return (g, { time: t }) => {
    g.strokeStyle = 'rgba(205,225,255,.36)';
    for (const drop of drops) {
      const x = wrap(drop.x - t * 0.05) * width;
      const y = (((drop.y + t * (1.1 + drop.depth * 1.3)) % 1.15) - 0.1) * height;
      g.lineWidth = (0.5 + drop.depth * 1.1) * unit;
      g.beginPath();
      g.moveTo(x, y);
      g.lineTo(x - 5 * unit * drop.depth, y + (22 + 30 * drop.depth) * unit);
      g.stroke();
    }
  };
}

function snow({ width, height, unit }: Stage, flakes: Particle[]): Paint {
  return (g, { time: t }) => {
    g.fillStyle = '#fff';
    for (const flake of flakes) {
      const x = wrap(flake.x + 0.02 * Math.sin(t + flake.phase) + t * 0.012 * flake.depth) * width;
      const y = wrap(flake.y + t * (0.05 + 0.09 * flake.depth)) * height;
      g.globalAlpha = 0.25 + 0.6 * flake.depth;
      disc(g, x, y, (1 + 3 * flake.depth * flake.size) * unit);
    }
  };
}

function motes({ plan: { weather: kind }, width, height, unit, spark }: Stage, all: Particle[]): Paint {
  const rising = kind === 'embers' ? 0.22 : 0.03;
  return (g, { time: t, camera }) => {
    g.globalCompositeOperation = 'lighter';
    for (const mote of all) {
      const size = (kind ? 10 + 26 * mote.size : 14 + 60 * mote.size * mote.depth) * unit;
      const x = wrap(mote.x + 0.018 * Math.sin(t * 0.7 + mote.phase) + camera * 0.05 * mote.depth) * width;
      const y = wrap(mote.y - t * rising * (0.4 + mote.depth)) * height;
      g.globalAlpha = (kind ? 0.95 : 0.3) * (0.5 + 0.5 * Math.sin(mote.phase + t * (1.5 + mote.size * 2))) * mote.depth;
      g.drawImage(spark, x - size / 2, y - size / 2, size, size);
    }
  };
}
