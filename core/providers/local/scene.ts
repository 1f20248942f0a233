import { createCanvas } from '@napi-rs/canvas';
import { finish } from './finish.ts';
import type { Draw } from './frames.ts';
import { ease } from './maths.ts';
import type { Plan } from './plan.ts';
import { flow } from './scenes/flow.ts';
import { lightRays } from './scenes/forest.ts';
import { ground } from './scenes/ground.ts';
import { land } from './scenes/land.ts';
import { ocean } from './scenes/ocean.ts';
import { clouds, sky, stars, sunOrMoon } from './scenes/sky.ts';
import { planet } from './scenes/space.ts';
import { subjects } from './scenes/subjects.ts';
import { weather } from './scenes/weather.ts';
import { createStage, FRAMES_PER_SECOND, type Frame, type Paint, type Stage } from './stage.ts';

type Painter = (stage: Stage) => Paint | undefined | Promise<Paint | undefined>;

const BACK_TO_FRONT: readonly Painter[] = [
  flow,
  sky,
  stars,
  sunOrMoon,
  clouds,
  planet,
  ocean,
  land,
  lightRays,
  subjects,
  ground,
  weather,
];

/** Text to video: the pictures of a plan. The same plan and frame give the same pixels. */
export async function drawScene(plan: Plan, frame: Frame): Promise<Draw> {
  const stage = createStage(plan, frame);
  const paint: Paint[] = [];
  for (const prepare of BACK_TO_FRONT) {
    const prepared = await prepare(stage);
    if (prepared) paint.push(prepared);
  }
  paint.push(finish(frame, { style: plan.style, caption: plan.prompt }));

  const canvas = createCanvas(frame.width, frame.height);
  const g = canvas.getContext('2d');
  return (i) => {
    const time = i / FRAMES_PER_SECOND;
    const progress = time / frame.seconds;
    for (const painter of paint) {
      g.save();
      // Large layers: more than halves the time per picture.
      g.imageSmoothingQuality = 'low';
      painter(g, { time, progress, camera: ease(progress) - 0.5, frame: i });
      g.restore();
    }
    return canvas;
  };
}
