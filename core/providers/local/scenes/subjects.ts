import { type Canvas, loadImage } from '@napi-rs/canvas';
import { drawingOf, type Plan } from '../plan.ts';
import type { Moment, Paint, Stage } from '../stage.ts';
import { layer } from '../textures.ts';

type Motion = 'flies' | 'swims' | 'walks';

interface Actor {
  picture: Canvas;
  motion: Motion;
  x: number;
}

const FLYING =
  /dragon|bird|eagle|rocket|astronaut|butterfly|owl|bat|airplane|saucer|balloon|bee|parrot|angel|ghost|jellyfish|fairy|helicopter|kite/;
const SWIMMING = /boat|ship|whale|dolphin|shark|fish|duck|swan|canoe|octopus|turtle/;

/** The one or two things the prompt is about, as flat icons in the light of the scene. */
export async function subjects(stage: Stage): Promise<Paint | undefined> {
  const { plan, width, height, unit, horizon } = stage;
  const crowd = plan.subjects.length;
  if (crowd === 0) return undefined;
  const size = Math.round(Math.min(width, height) * (crowd > 1 ? 0.3 : 0.36));
  const cast = await Promise.all(
    plan.subjects.map(async (name, i): Promise<Actor> => {
      const motion = motionOf(plan, name);
      return { picture: await portrait(stage, name, size, motion), motion, x: placeOf(plan, motion, crowd, i) };
    }),
  );
  const heightOf = (motion: Motion, t: number, i: number) => {
    if (motion === 'flies') return height * (plan.scene === 'flow' ? 0.44 : 0.4) + Math.sin(t * 1.6 + i) * 14 * unit;
    if (motion === 'swims') return height * (horizon + 0.09) - size * 0.42 + Math.sin(t * 1.8) * 6 * unit;
    return height * 0.89 - size * 0.5 - Math.abs(Math.sin(t * 3)) * 6 * unit;
  };
  const paintActor = (g: Parameters<Paint>[0], { time: t, progress }: Moment, { picture, motion, x }: Actor, i: number) => {
    const zoom = 1 + 0.05 * progress;
    g.save();
    g.translate(width * (x + (progress - 0.5) * (motion === 'flies' ? 0.22 : 0.08)), heightOf(motion, t, i));
    g.rotate(motion === 'walks' ? Math.sin(t * 3) * 0.02 : Math.sin(t * 1.3 + i) * 0.06);
    g.drawImage(picture, (-picture.width / 2) * zoom, (-picture.height / 2) * zoom, picture.width * zoom, picture.height * zoom);
    g.restore();
  };
  return (g, moment) => {
    g.imageSmoothingQuality = 'medium';
    cast.forEach((actor, i) => {
      paintActor(g, moment, actor, i);
    });
  };
}

function motionOf({ scene }: Plan, name: string): Motion {
  if (scene === 'space' || scene === 'flow' || FLYING.test(name)) return 'flies';
  return scene === 'ocean' && SWIMMING.test(name) ? 'swims' : 'walks';
}

function placeOf({ scene }: Plan, motion: Motion, crowd: number, i: number): number {
  if (crowd > 1) return i === 0 ? 0.3 : 0.72;
  return scene === 'space' && motion === 'flies' ? 0.3 : 0.5;
}

async function portrait({ plan, tone, unit }: Stage, name: string, size: number, motion: Motion): Promise<Canvas> {
  const margin = Math.round(size * 0.22);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 32 32">${drawingOf(name)}</svg>`;
  const icon = await loadImage(Buffer.from(svg));
  const cut = layer(size, size, (g) => {
    g.drawImage(icon, 0, 0, size, size);
    // Busts end in a straight edge and ships bring their own square of water: both fade out instead.
    if (motion === 'walks' || !endsFlat(g.getImageData(0, 0, size, size).data, size)) return;
    g.globalCompositeOperation = 'destination-out';
    const fade = g.createLinearGradient(0, size * 0.7, 0, size * 0.97);
    fade.addColorStop(0, 'rgba(0,0,0,0)');
    fade.addColorStop(1, 'rgba(0,0,0,1)');
    g.fillStyle = fade;
    g.fillRect(0, size * 0.7, size, size * 0.3);
  });
  return layer(size + margin * 2, size + margin * 2, (g, box) => {
    g.shadowColor = tone('glow', 4, 0.85);
    g.shadowBlur = 30 * unit;
    g.drawImage(cut, margin, margin, size, size);
    g.shadowBlur = 0;
    // The light of the scene falls on the subject.
    g.globalCompositeOperation = 'source-atop';
    const light = g.createLinearGradient(0, margin, 0, margin + size);
    light.addColorStop(0, tone('glow', 0, 0.16));
    light.addColorStop(1, tone('land', -4, plan.time === 'day' ? 0.15 : 0.42));
    g.fillStyle = light;
    g.fillRect(0, 0, box, box);
  });
}

/** Whether the lowest part of the drawing is a straight edge of some length. */
function endsFlat(pixels: Uint8ClampedArray, size: number): boolean {
  for (let row = size - 1; row >= 0; row--) {
    let solid = 0;
    for (let column = 0; column < size; column++) if ((pixels[(row * size + column) * 4 + 3] ?? 0) > 128) solid++;
    if (solid > 0) return solid > size * 0.4;
  }
  return false;
}
