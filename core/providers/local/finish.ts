/** The last pass over every picture: style, vignette, grain, caption, fade, label. */
import type { SKRSContext2D } from '@napi-rs/canvas';
import type { Style } from '../provider.ts';
import { captionFont, captionLines } from './caption.ts';
import { clamp, type Random } from './maths.ts';
import type { Frame, Paint } from './stage.ts';
import { layer } from './textures.ts';

/** Stands on every picture. No AI model is involved, so the clip must not claim one. */
export const LABEL = 'local preview renderer';

const GRAIN = 256;

export function finish(
  { width, height, seconds, unit, random }: Frame,
  { style, caption }: { style: Style; caption: string },
): Paint {
  const bar = style === 'cinematic' && width > height ? height * 0.075 : 0;
  const dark = vignette(width, height);
  const grains = Array.from({ length: 4 }, () => grain(random));
  const fontSize = Math.round(30 * unit * (width < height ? 1.15 : 1));
  const labelSize = Math.max(11, Math.round(16 * unit));
  let lines: string[] = [];
  layer(1, 1, (g) => {
    g.font = captionFont(fontSize);
    lines = captionLines(g, caption, width * 0.8);
  });

  return (g, { time, frame }) => {
    g.save();
    STYLES[style](g, width, height);
    g.restore();
    g.drawImage(dark, 0, 0);
    const noise = grains[frame % grains.length];
    if (noise) for (let y = 0; y < height; y += GRAIN) for (let x = 0; x < width; x += GRAIN) g.drawImage(noise, x, y);
    g.fillStyle = '#000';
    g.fillRect(0, 0, width, bar);
    g.fillRect(0, height - bar, width, bar);

    g.lang = 'en';
    g.fillStyle = '#fff';
    g.shadowColor = 'rgba(0,0,0,.85)';
    g.textAlign = 'center';
    g.font = captionFont(fontSize);
    g.shadowBlur = 14 * unit;
    const visible = clamp((time - 0.3) / 0.6) * clamp((seconds - time) / 0.5);
    g.globalAlpha = visible;
    const lowest = height * (bar ? 0.89 : 0.93) + (1 - visible) * 14 * unit;
    lines.forEach((line, i) => {
      g.fillText(line, width / 2, lowest - (lines.length - 1 - i) * fontSize * 1.3);
    });

    g.shadowBlur = 0;
    const dimmed = 1 - clamp((time + 0.1) / 0.5) * clamp((seconds - time) / 0.4);
    if (dimmed > 0) {
      g.globalAlpha = dimmed;
      g.fillStyle = '#000';
      g.fillRect(0, 0, width, height);
    }

    // Last, above the fade: the first and the last picture carry the label too.
    g.fillStyle = '#fff';
    g.textAlign = 'right';
    g.font = captionFont(labelSize);
    g.shadowBlur = 6 * unit;
    g.globalAlpha = 0.8;
    g.fillText(LABEL, width - labelSize, bar + labelSize * 1.7);
  };
}

const STYLES: Readonly<Record<Style, (g: SKRSContext2D, width: number, height: number) => void>> = {
  natural: () => {},
  noir(g, width, height) {
    g.globalCompositeOperation = 'saturation';
    g.fillStyle = '#808080';
    g.fillRect(0, 0, width, height);
  },
  neon: (g, width, height) =>
    wash(g, { width, height, mode: 'overlay', to: [width, height], colours: ['rgba(0,240,255,.32)', 'rgba(255,0,170,.36)'] }),
  cinematic: (g, width, height) =>
    wash(g, { width, height, mode: 'soft-light', to: [0, height], colours: ['rgba(0,70,110,.45)', 'rgba(255,140,60,.30)'] }),
  retro(g, width, height) {
    wash(g, { width, height, mode: 'soft-light', to: [0, height], colours: ['rgba(255,170,80,.40)', 'rgba(120,40,120,.35)'] });
    g.globalCompositeOperation = 'source-over';
    g.fillStyle = 'rgba(0,0,0,.16)';
    for (let y = 0; y < height; y += 4) g.fillRect(0, y, width, 1.5);
  },
};

interface Wash {
  width: number;
  height: number;
  mode: 'overlay' | 'soft-light';
  to: readonly [x: number, y: number];
  colours: readonly [first: string, last: string];
}

function wash(g: SKRSContext2D, { width, height, mode, to, colours }: Wash): void {
  g.globalCompositeOperation = mode;
  const gradient = g.createLinearGradient(0, 0, ...to);
  gradient.addColorStop(0, colours[0]);
  gradient.addColorStop(1, colours[1]);
  g.fillStyle = gradient;
  g.fillRect(0, 0, width, height);
}

const vignette = (width: number, height: number) =>
  layer(width, height, (g) => {
    const inner = Math.min(width, height) * 0.42;
    const edge = g.createRadialGradient(width / 2, height / 2, inner, width / 2, height / 2, Math.hypot(width, height) * 0.56);
    edge.addColorStop(0, 'rgba(0,0,0,0)');
    edge.addColorStop(1, 'rgba(0,0,0,.58)');
    g.fillStyle = edge;
    g.fillRect(0, 0, width, height);
  });

/** Weak on purpose: strong grain triples the file's size. */
const grain = (random: Random) =>
  layer(GRAIN, GRAIN, (g) => {
    const image = g.createImageData(GRAIN, GRAIN);
    for (let at = 0; at < image.data.length; at += 4) {
      image.data.fill(128 + (random() - 0.5) * 255, at, at + 3).fill(8, at + 3, at + 4);
    }
    g.putImageData(image, 0, 0);
  });
