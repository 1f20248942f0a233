import { createCanvas } from '@napi-rs/canvas';

const WIDTH = 1280;
const HEIGHT = 720;

/** A photo to animate, painted here so that the demo carries no picture of anybody: mountains before an evening sky. */
export async function makePhoto(): Promise<Buffer> {
  const canvas = createCanvas(WIDTH, HEIGHT);
  const pen = canvas.getContext('2d');
  const sky = pen.createLinearGradient(0, 0, 0, HEIGHT);
  sky.addColorStop(0, '#21305f');
  sky.addColorStop(0.55, '#d9825b');
  sky.addColorStop(1, '#f7d08a');
  pen.fillStyle = sky;
  pen.fillRect(0, 0, WIDTH, HEIGHT);
  pen.fillStyle = '#ffe9b8';
  pen.beginPath();
  pen.arc(WIDTH * 0.62, HEIGHT * 0.55, 54, 0, 2 * Math.PI);
  pen.fill();
  for (const [depth, colour] of ['#7d5a78', '#55476b', '#2f2f4f', '#191d33'].entries()) ridge(pen, depth, colour);
  return canvas.encode('jpeg', 90);
}

function ridge(pen: ReturnType<ReturnType<typeof createCanvas>['getContext']>, depth: number, colour: string): void {
  const base = HEIGHT * (0.55 + depth * 0.1);
  pen.fillStyle = colour;
  pen.beginPath();
  pen.moveTo(0, HEIGHT);
  for (let x = 0; x <= WIDTH; x += 8) {
    const far = Math.sin(x / (190 - depth * 25) + depth * 2.1) * 60 + Math.sin(x / (47 + depth * 9) + depth) * 22;
    pen.lineTo(x, base - far - Math.abs(Math.sin(x / 23 + depth)) * 9);
  }
  pen.lineTo(WIDTH, HEIGHT);
  pen.fill();
}
