import type { SKRSContext2D } from '@napi-rs/canvas';
import { hsl } from '../colour.ts';
import type { Paint, Stage } from '../stage.ts';
import { layer } from '../textures.ts';

/** The ground right before the camera: it hides the feet of whoever stands on it and carries the caption. */
export function ground(stage: Stage): Paint | undefined {
  const { plan, width, height, random, lines } = stage;
  if (plan.scene !== 'forest' && plan.scene !== 'mountains' && plan.scene !== 'city') return undefined;
  const wide = Math.ceil(width * 1.2);
  const [hue, saturation, light] = plan.palette.land;
  const street = plan.scene === 'city';
  const offset = random() * 400;
  const rim = (x: number) => height * 0.87 - (street ? 0 : height * 0.04 * lines.layered(x / (width * 0.5) + offset, 2));
  const picture = layer(wide, height, (g) => {
    const colour = g.createLinearGradient(0, height * 0.82, 0, height);
    colour.addColorStop(0, hsl(hue, saturation, light * 0.42));
    colour.addColorStop(1, hsl(hue, saturation, light * 0.22));
    g.fillStyle = colour;
    g.beginPath();
    g.moveTo(0, height);
    for (let x = 0; x <= wide; x += 4) g.lineTo(x, rim(x));
    g.lineTo(wide, height);
    g.fill();
    if (street) wetStreet(g, stage, wide, height * 0.87);
    else grass(g, stage, wide, rim);
  });
  return (g, { camera }) => g.drawImage(picture, -(wide - width) / 2 - camera * width * 0.18, 0);
}

function grass(g: SKRSContext2D, { unit, random }: Stage, wide: number, rim: (x: number) => number): void {
  for (let x = 0; x < wide; x += 3 * unit) {
    const root = rim(x) + 3 * unit;
    const tall = (6 + 20 * random() ** 2) * unit;
    const lean = (random() - 0.5) * 10 * unit;
    g.beginPath();
    g.moveTo(x - 2 * unit, root);
    g.quadraticCurveTo(x + lean * 0.3, root - tall * 0.6, x + lean, root - tall);
    g.quadraticCurveTo(x + lean * 0.3 + unit, root - tall * 0.5, x + 2 * unit, root);
    g.fill();
  }
}

/** The lights of the city, smeared by the wet asphalt. */
function wetStreet(g: SKRSContext2D, { plan, height, unit, random }: Stage, wide: number, top: number): void {
  g.globalCompositeOperation = 'lighter';
  const hue = plan.palette.glow[0];
  for (let light = 0; light < 46; light++) {
    const x = random() * wide;
    const broad = (6 + 34 * random()) * unit;
    const kind = random();
    const colour = kind < 0.35 ? [hue, 95, 58] : kind < 0.6 ? [hue + 150, 90, 52] : [42, 90, 60];
    const smear = g.createLinearGradient(0, top, 0, height);
    smear.addColorStop(0, hsl(colour[0] ?? 0, colour[1] ?? 0, colour[2] ?? 0, 0.3));
    smear.addColorStop(1, hsl(colour[0] ?? 0, colour[1] ?? 0, colour[2] ?? 0, 0));
    g.fillStyle = smear;
    g.fillRect(x, top, broad, (height - top) * (0.4 + 0.6 * random()));
  }
}
