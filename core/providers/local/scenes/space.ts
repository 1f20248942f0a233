import { hsl } from '../colour.ts';
import { FULL_TURN } from '../maths.ts';
import type { Paint, Stage } from '../stage.ts';

/** A planet in half shadow whose clouds drift, with rings in front of it. */
export function planet({ plan: { scene, palette }, width, height, clouds: texture, tone }: Stage): Paint | undefined {
  if (scene !== 'space' || !texture) return undefined;
  const radius = Math.min(width, height) * 0.27;
  const hue = palette.glow[0];
  return (g, { camera, progress }) => {
    const x = width * (0.62 - camera * 0.1);
    const y = height * 0.55;
    const halo = g.createRadialGradient(x, y, radius * 0.9, x, y, radius * 1.35);
    halo.addColorStop(0, hsl(hue, 90, 65, 0.5));
    halo.addColorStop(1, hsl(hue, 90, 60, 0));
    g.fillStyle = halo;
    g.fillRect(0, 0, width, height);
    // The far half of the rings first: the planet covers it.
    rings(g, x, y, radius, hue, Math.PI, FULL_TURN);

    g.save();
    g.beginPath();
    g.arc(x, y, radius, 0, FULL_TURN);
    g.clip();
    g.fillStyle = tone('land', 22);
    g.fillRect(x - radius, y - radius, radius * 2, radius * 2);
    g.globalAlpha = 0.85;
    g.drawImage(texture, x - radius * (1.6 - progress * 0.5), y - radius * 1.1, radius * 5, radius * 2.3);
    g.globalAlpha = 1;
    const shade = g.createRadialGradient(
      x - radius * 0.5,
      y - radius * 0.5,
      radius * 0.1,
      x - radius * 0.2,
      y - radius * 0.2,
      radius * 1.35,
    );
    shade.addColorStop(0, 'rgba(255,255,255,.28)');
    shade.addColorStop(0.45, 'rgba(0,0,0,.10)');
    shade.addColorStop(1, 'rgba(0,0,10,.93)');
    g.fillStyle = shade;
    g.fillRect(x - radius, y - radius, radius * 2, radius * 2);
    g.restore();

    rings(g, x, y, radius, hue, 0, Math.PI);
  };
}

function rings(g: Parameters<Paint>[0], x: number, y: number, radius: number, hue: number, from: number, to: number): void {
  g.save();
  g.translate(x, y);
  g.rotate(-0.32);
  g.lineWidth = radius * 0.05;
  for (let ring = 0; ring < 5; ring++) {
    g.strokeStyle = hsl(hue + ring * 9, 60, 72, 0.46 - ring * 0.06);
    g.beginPath();
    g.ellipse(0, 0, radius * (1.42 + ring * 0.085), radius * (0.3 + ring * 0.018), 0, from, to);
    g.stroke();
  }
  g.restore();
}
