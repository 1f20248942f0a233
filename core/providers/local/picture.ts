/** Image to video: a camera that moves over a still picture. Drawn on a canvas, whose sub-pixel steps are smooth (ffmpeg's zoompan jumps). */
import { createCanvas, type Image, loadImage, type SKRSContext2D } from '@napi-rs/canvas';
import { safely, sharp } from '../../media/decode.ts';
import type { Style } from '../provider.ts';
import { planShots, type View, viewAt } from './camera.ts';
import { hsl, hueOf } from './colour.ts';
import { finish } from './finish.ts';
import type { Draw } from './frames.ts';
import { clamp, ease, FULL_TURN, lerp } from './maths.ts';
import { FRAMES_PER_SECOND, type Frame, type Paint } from './stage.ts';
import { radialGlow } from './textures.ts';

/** Wider or narrower than this against the frame, a picture is shown whole over a blurred copy of itself. */
const NARROW = 0.62;
const WIDE = 1.6;

export async function drawPicture(jpeg: Buffer, frame: Frame, style: Style): Promise<Draw> {
  const { width, height, seconds, random } = frame;
  const mirrored = random() < 0.5;
  const source = await safely(jpeg)
    .resize(Math.round(width * 1.6), Math.round(height * 1.6), { fit: 'inside', withoutEnlargement: false })
    .png({ compressionLevel: 1 })
    .toBuffer();
  const picture = await loadImage(source);
  const shape = picture.width / picture.height / (width / height);
  const paint =
    shape < NARROW || shape > WIDE
      ? await wholePicture(source, picture, frame)
      : await movingCamera(source, picture, frame, mirrored);
  const hue = hueOf((await safely(source).stats()).dominant);
  const layers = [paint, lightLeak(hue, mirrored, frame), finish(frame, { style, caption: '' })];

  const canvas = createCanvas(width, height);
  const g = canvas.getContext('2d');
  return (i) => {
    const time = i / FRAMES_PER_SECOND;
    for (const painter of layers) {
      g.save();
      painter(g, { time, progress: time / seconds, camera: 0, frame: i });
      g.restore();
    }
    return canvas;
  };
}

async function movingCamera(
  source: Buffer,
  picture: Image,
  { width, height, seconds }: Frame,
  mirrored: boolean,
): Promise<Paint> {
  const cover = Math.max(width / picture.width, height / picture.height);
  const visible = { x: width / (picture.width * cover), y: height / (picture.height * cover) };
  const [first, next] = planShots(seconds, await focusOf(source, picture), visible, mirrored);
  const show = (g: SKRSContext2D, { zoom, x, y }: View) => {
    const w = picture.width * cover * zoom;
    const h = picture.height * cover * zoom;
    g.drawImage(picture, width / 2 - x * w, height / 2 - y * h, w, h);
  };
  return (g, { time }) => {
    if (time <= first.to) show(g, viewAt(first, time));
    if (!next || time < next.from) return;
    g.globalAlpha = ease(clamp((time - next.from) / (first.to - next.from)));
    show(g, viewAt(next, time));
  };
}

async function wholePicture(source: Buffer, picture: Image, { width, height, unit }: Frame): Promise<Paint> {
  const blurred = await loadImage(
    await safely(source)
      .resize(Math.round(width / 4), Math.round(height / 4), { fit: 'cover' })
      .blur(8)
      .modulate({ brightness: 0.7, saturation: 1.2 })
      .png()
      .toBuffer(),
  );
  const fit = Math.min(width / picture.width, height / picture.height);
  return (g, { progress }) => {
    const t = ease(progress);
    const zoom = lerp(1.25, 1.12, t);
    g.drawImage(blurred, (width * (1 - zoom)) / 2, (height * (1 - zoom)) / 2, width * zoom, height * zoom);
    const w = picture.width * fit * lerp(0.9, 1, t);
    const h = picture.height * fit * lerp(0.9, 1, t);
    g.shadowColor = 'rgba(0,0,0,.6)';
    g.shadowBlur = 40 * unit;
    g.drawImage(picture, (width - w) / 2, (height - h) / 2, w, h);
  };
}

/** Where the eye goes. sharp says so only when a crop really happens, and in pixels of the size before the crop. */
async function focusOf(source: Buffer, { width, height }: Image): Promise<{ x: number; y: number }> {
  const SQUARE = 256;
  const scale = SQUARE / Math.min(width, height);
  const { info } = await safely(source)
    .resize(SQUARE, SQUARE, { fit: 'cover', position: sharp.strategy.attention })
    .toBuffer({ resolveWithObject: true });
  const part = (at: number | undefined, length: number) => clamp(at === undefined ? 0.5 : at / (length * scale), 0.15, 0.85);
  return { x: part(info.attentionX, width), y: part(info.attentionY, height) };
}

/** A band of light that crosses the picture in its own colour, and dust that dances in it. */
function lightLeak(hue: number, mirrored: boolean, { width, height, unit, random }: Frame): Paint {
  const dust = radialGlow(32, [
    [0, 'rgba(255,240,215,.9)'],
    [0.3, 'rgba(255,230,190,.3)'],
    [1, 'rgba(255,220,170,0)'],
  ]);
  const motes = Array.from({ length: 38 }, () => ({
    x: random(),
    y: random(),
    depth: 0.3 + random() * 0.7,
    size: random(),
    phase: random() * FULL_TURN,
  }));
  return (g, { time, progress }) => {
    g.globalCompositeOperation = 'screen';
    const x = width * (-0.2 + 1.4 * (mirrored ? 1 - progress : progress));
    const leak = g.createRadialGradient(x, height * 0.1, 0, x, height * 0.1, width * 0.5);
    leak.addColorStop(0, hsl(hue, 80, 60, 0.22));
    leak.addColorStop(1, hsl(hue, 80, 50, 0));
    g.fillStyle = leak;
    g.fillRect(0, 0, width, height);
    for (const mote of motes) {
      const size = (8 + 46 * mote.size * mote.depth) * unit;
      const left = ((mote.x + time * 0.012 * mote.depth) % 1) * width - size / 2;
      const top = ((mote.y - time * 0.03 * mote.depth + 2) % 1) * height - size / 2;
      g.globalAlpha = 0.35 * mote.depth * (0.5 + 0.5 * Math.sin(mote.phase + time * 2));
      g.drawImage(dust, left, top, size, size);
    }
  };
}
